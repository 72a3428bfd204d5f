import type { Drug } from '../domain/drug.ts';

/** How the cells of a column are to be understood. */
export type ColumnKind = 'text' | 'identifier' | 'prefix' | 'count' | 'price' | 'rx' | 'exemption' | 'gtin';

export interface DrugColumn {
  readonly field: keyof Drug;
  readonly zh: string;
  readonly kind: ColumnKind;
  /** longest text */
  readonly longest: number;
  /** further heads seen in HIS exports */
  readonly also?: readonly string[];
}

/** The columns of the drug catalogue file (contract section 8), heads in Chinese or English. */
export const DRUG_COLUMNS: readonly DrugColumn[] = [
  { field: 'drug', zh: '药品编码', kind: 'identifier', longest: 64, also: ['药品代码', '药品编号', '药品ID', 'HIS药品编码', 'drugCode', 'drugId'] },
  { field: 'name', zh: '药品名称', kind: 'text', longest: 200, also: ['药品通用名', '通用名', '通用名称', '药名', 'drugName'] },
  { field: 'spec', zh: '规格', kind: 'text', longest: 200, also: ['药品规格', '包装规格', 'specification'] },
  { field: 'form', zh: '剂型', kind: 'text', longest: 100, also: ['药品剂型', 'dosageForm'] },
  { field: 'manufacturer', zh: '生产企业', kind: 'text', longest: 200, also: ['生产厂家', '生产厂商', '厂家', '产地'] },
  { field: 'approvalNo', zh: '批准文号', kind: 'identifier', longest: 100, also: ['国药准字', '批文号'] },
  { field: 'medListCode', zh: '医保目录编码', kind: 'identifier', longest: 64, also: ['医保编码', '国家医保编码', '医保代码', '国家医保代码', 'med_list_codg'] },
  { field: 'rxFlag', zh: '处方药标志', kind: 'rx', longest: 10, also: ['是否处方药', '处方药'] },
  { field: 'packUnit', zh: '包装单位', kind: 'text', longest: 32, also: ['大单位'] },
  { field: 'smallestUnit', zh: '最小单位', kind: 'text', longest: 32, also: ['小单位', '制剂单位'] },
  { field: 'unitsPerPack', zh: '包装数量', kind: 'count', longest: 12, also: ['转换比', '包装系数', '换算系数'] },
  { field: 'prefixUnit', zh: '小包装标识码', kind: 'prefix', longest: 7, also: ['小码标识码', '产品资源码', '追溯码标识码'] },
  { field: 'prefixInner', zh: '中包装标识码', kind: 'prefix', longest: 7, also: ['中码标识码'] },
  { field: 'packsPerInner', zh: '中包装含小包装数', kind: 'count', longest: 12 },
  { field: 'prefixCase', zh: '大包装标识码', kind: 'prefix', longest: 7, also: ['大码标识码'] },
  { field: 'packsPerCase', zh: '大包装含小包装数', kind: 'count', longest: 12 },
  { field: 'barcode', zh: '商品条码', kind: 'identifier', longest: 64, also: ['条形码', '商品条形码', '69码'] },
  { field: 'gtin', zh: 'GTIN', kind: 'gtin', longest: 14, also: ['全球贸易项目代码'] },
  { field: 'price', zh: '单价', kind: 'price', longest: 20, also: ['零售价', '零售单价', '销售单价'] },
  { field: 'exemption', zh: '除外类别', kind: 'exemption', longest: 20, also: ['除外品种', '豁免类别'] },
  { field: 'hospitalListId', zh: '院内目录编号', kind: 'identifier', longest: 64, also: ['院内目录编码', '定点医药机构目录编号', 'fixmedins_hilist_id'] },
];

/** @returns a head without marks people add: blanks, asterisks, what stands in brackets */
function headKey(head: string): string {
  return head.normalize('NFKC').replace(/\([^)]*\)|\[[^\]]*\]/g, '').replace(/[\s*_:"'-]/g, '').toLowerCase();
}

const BY_HEAD: ReadonlyMap<string, DrugColumn> = new Map(
  [...DRUG_COLUMNS].reverse().flatMap((column) => [...(column.also ?? []), column.field, column.zh].map((head) => [headKey(head), column] as const)),
);

/** @returns the column a head names, or undefined when it is none of ours */
export function columnOfHead(head: string): DrugColumn | undefined {
  return BY_HEAD.get(headKey(head));
}
