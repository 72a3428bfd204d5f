/** Drug (药品): one row of the hospital's catalogue, contract section 8. */
export interface Drug {
  /** HIS drug id; key within the institution */
  readonly drug: string;
  readonly name: string;
  readonly spec?: string;
  readonly form?: string;
  readonly manufacturer?: string;
  /** 批准文号 */
  readonly approvalNo?: string;
  /** 医保目录编码 med_list_codg */
  readonly medListCode?: string;
  /** 院内目录编号 when it differs from `drug` (fixmedins_hilist_id) */
  readonly hospitalListId?: string;
  /** 0 non-prescription, 1 prescription, 2 both */
  readonly rxFlag?: string;
  readonly packUnit?: string;
  readonly smallestUnit?: string;
  /** smallest units in one pack, a positive integer */
  readonly unitsPerPack?: number;
  /** 7-digit resource codes, one per package level */
  readonly prefixUnit?: string;
  readonly prefixInner?: string;
  readonly packsPerInner?: number;
  readonly prefixCase?: string;
  readonly packsPerCase?: number;
  readonly barcode?: string;
  readonly gtin?: string;
  readonly price?: string;
  /** 除外类别; absent = traced */
  readonly exemption?: Exemption;
}

/** slices 中药饮片, inhouse 院内制剂, oxygen 医用氧, granules 中药配方颗粒 */
export const EXEMPTIONS = ['slices', 'inhouse', 'oxygen', 'granules'] as const;
export type Exemption = (typeof EXEMPTIONS)[number];

/** Package level: 1 unit 小包装 (smallest sale pack), 2 inner 中包装, 3 case 大包装. */
export type PackageLevel = 1 | 2 | 3;

/** @returns the package level a 7-digit resource code stands for in this drug, or undefined when it is not one of its codes. */
export function levelOfPrefix(drug: Drug, prefix: string): PackageLevel | undefined {
  if (prefix === drug.prefixUnit) return 1;
  if (prefix === drug.prefixInner) return 2;
  if (prefix === drug.prefixCase) return 3;
  return undefined;
}

/** @returns smallest sale packs contained in one package of the level; 1 when the catalogue does not say. */
export function packsInLevel(drug: Drug | undefined, level: PackageLevel): number {
  if (level === 2) return drug?.packsPerInner ?? 1;
  if (level === 3) return drug?.packsPerCase ?? 1;
  return 1;
}
