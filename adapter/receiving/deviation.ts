/**
 * How received goods can differ from what the supplier reported (不一致信息): 闽药监规〔2026〕5号 二(三)2, Hebei plan 二(二)3;
 * checks C03–C05, C10–C16, C19 of mah.md section 15.
 */
export const DEVIATION_KINDS = [
  'no-upstream-bill', 'bill-cancelled', 'addressed-elsewhere', 'missing', 'extra', 'wrong-drug', 'wrong-lot', 'wrong-expiry', 'quantity',
  'not-activated', 'code-cancelled', 'code-unknown', 'recalled', 'broken-aggregation',
] as const;
export type DeviationKind = (typeof DEVIATION_KINDS)[number];

/** One difference. The same difference has the same kind and subject however often it is looked for. */
export interface Deviation {
  readonly kind: DeviationKind;
  /** code at the level it is named at, drug, lot, bill or document it is about */
  readonly subject: string;
  /** codes concerned; may be none */
  readonly codes: readonly string[];
  /** goods that must not go on the shelf because of it, where the rules say so */
  readonly holds: readonly string[];
  readonly billNo?: string;
  readonly lineNo?: string;
  readonly drug?: string;
  readonly lot?: string;
  /** what the bill says */
  readonly expected?: string;
  /** what was received */
  readonly actual?: string;
}

export interface DeviationText {
  readonly zh: string;
  readonly en: string;
  /** what to do next, for the pharmacist */
  readonly nextStep: string;
  /** whose move it is */
  readonly owner: 'supplier' | 'receiver';
  /** held whatever the rules of the province say */
  readonly alwaysHolds?: true;
}

export const DEVIATIONS: Readonly<Record<DeviationKind, DeviationText>> = {
  'no-upstream-bill': { zh: '没有上游单据', en: 'no upstream bill', nextStep: '请供应商上传出库单据', owner: 'supplier' },
  'bill-cancelled': { zh: '上游单据已作废', en: 'the upstream bill was cancelled', nextStep: '请供应商重新上传单据，或退货', owner: 'supplier' },
  'addressed-elsewhere': { zh: '上游单据的收货方不是本机构', en: 'the upstream bill is addressed to someone else', nextStep: '请供应商更正收货方', owner: 'supplier' },
  'missing': { zh: '单据有、实物未扫到', en: 'on the bill, not received', nextStep: '先核对是否漏扫；确实未到货请供应商补货或更正单据', owner: 'supplier' },
  'extra': { zh: '实物有、单据没有', en: 'received, not on the bill', nextStep: '请供应商补充追溯信息，或退货', owner: 'supplier' },
  'wrong-drug': { zh: '追溯码与药品不符', en: 'the code belongs to another drug', nextStep: '核对实物；入库单选错药品请更正，否则反馈供应商', owner: 'receiver' },
  'wrong-lot': { zh: '批号不符', en: 'another lot than on the bill', nextStep: '核对实物批号；录入有误请更正，否则反馈供应商', owner: 'receiver' },
  'wrong-expiry': { zh: '有效期不符', en: 'another expiry date than on the bill', nextStep: '核对实物有效期；录入有误请更正，否则反馈供应商', owner: 'receiver' },
  'quantity': { zh: '数量不符', en: 'another quantity', nextStep: '清点实物，核对入库单与单据数量', owner: 'receiver' },
  'not-activated': { zh: '追溯码未激活', en: 'the code is not activated', nextStep: '请供应商联系持有人激活', owner: 'supplier' },
  'code-cancelled': { zh: '追溯码已注销', en: 'the code was cancelled', nextStep: '隔离实物，反馈供应商', owner: 'supplier' },
  'code-unknown': { zh: '平台没有该追溯码', en: 'the platform does not know the code', nextStep: '隔离实物，反馈供应商', owner: 'supplier' },
  'recalled': { zh: '该批号已召回', en: 'the lot is recalled', nextStep: '隔离实物，按召回通知处理', owner: 'receiver', alwaysHolds: true },
  'broken-aggregation': { zh: '包装关联关系有误', en: 'the aggregation does not hold', nextStep: '拆箱逐盒扫描', owner: 'receiver' },
};

/** @returns what makes a deviation the same one: `extra 89990010000000011234` */
export function deviationKey({ kind, subject }: Pick<Deviation, 'kind' | 'subject'>): string {
  return `${kind} ${subject}`;
}
