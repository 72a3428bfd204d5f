/**
 * Heads of a table → columns of the standard row (mappings/standard/README.md 数据库视图). The column's own name is always a head; these are the
 * Chinese ones, the first of each is what the documentation shows.
 */
export const CHINESE_HEADS: Readonly<Record<string, readonly string[]>> = {
  EVENT_ID: ['事件编号', '业务编号', '发药单号', '唯一编号'], ROW_ID: ['行编号', '明细编号'], EVENT_KIND: ['业务类型', '事件类型'], OCCURRED_AT: ['业务时间', '发药时间', '发生时间', '时间'],
  INSTITUTION: ['机构编号', '定点医药机构编号'], DOCUMENT_NO: ['单据号', '单据编号'], PRESCRIPTION_NO: ['处方号', '处方编号'], INVOICE_NO: ['发票号'], DELIVERY_NOTE_NO: ['随货单号', '随货同行单号'],
  REFERS: ['原事件编号', '原业务编号'], LOCATION: ['药房', '库房', '位置'], EMERGENCY: ['急抢救', '急救标志'],
  OPERATOR_CODE: ['药师编号', '操作员编号'], OPERATOR_NAME: ['药师姓名', '药师', '操作员'], OPERATOR_LICENSE_NO: ['药师资格证号', '药师执业资格证号'], OPERATOR_ID_TYPE: ['药师证件类型'], OPERATOR_ID_NO: ['药师证件号'],
  PRESCRIBER_CODE: ['医师编号', '医生编号'], PRESCRIBER_NAME: ['医师姓名', '开方医师', '医生'], PRESCRIBER_LICENSE_NO: ['医师执业证号'], PRESCRIBER_ID_TYPE: ['医师证件类型'], PRESCRIBER_ID_NO: ['医师证件号'],
  COUNTERPARTY_CODE: ['往来单位编号', '供应商编号'], COUNTERPARTY_NAME: ['往来单位名称', '供应商', '供应商名称'], COUNTERPARTY_LICENSE_NO: ['往来单位许可证号', '供应商许可证号'],
  VISIT_NO: ['就诊号', '门诊号', '住院号'], PATIENT_CLASS: ['就诊类别', '患者类别'], PATIENT_NAME: ['患者姓名', '病人姓名', '姓名'], PATIENT_ID_TYPE: ['患者证件类型', '证件类型'], PATIENT_ID_NO: ['患者证件号', '身份证号', '证件号'],
  PERSON_NO: ['人员编号'], INSURED_AREA: ['参保地', '参保地区划'], SETTLEMENT_TYPE: ['结算类型'], SETTLEMENT_ID: ['结算编号', '结算ID', '医保结算编号'], SETTLEMENT_AREA: ['结算地'],
  LINE_NO: ['行号', '序号'], DRUG_CODE: ['药品编码', '药品代码', '药品编号'], DRUG_NAME: ['药品名称', '药名'], QUANTITY: ['数量'], UNIT: ['单位'], UNIT_PRICE: ['单价'],
  LOT: ['批号', '生产批号'], PRODUCED_ON: ['生产日期'], EXPIRES_ON: ['有效期', '有效期至'], IS_SPLIT: ['拆零', '拆零标志', '是否拆零'],
  TRACE_CODES: ['追溯码', '药品追溯码'], SKIP_REASON: ['不追溯原因', '跳过原因'],
};

const BY_HEAD: ReadonlyMap<string, string> = new Map(
  Object.entries(CHINESE_HEADS).flatMap(([column, heads]) => [column, ...heads].map((head) => [keyOf(head), column] as const)),
);

/** @returns the column a head names, undefined when it is none of ours */
export function columnOfHead(head: string): string | undefined {
  return BY_HEAD.get(keyOf(head));
}

/** without blanks, underlines, asterisks and what stands in brackets */
function keyOf(head: string): string {
  return head.normalize('NFKC').replace(/\([^)]*\)|\[[^\]]*\]/g, '').replace(/[\s*_:"'-]/g, '').toUpperCase();
}
