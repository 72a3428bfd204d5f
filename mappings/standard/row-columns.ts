/** Columns of the documented view (README.md 数据库视图) → members of an event. The column names are ours; a HIS gives them as aliases. */
export const PERSON_COLUMNS = {
  operator: { code: 'OPERATOR_CODE', name: 'OPERATOR_NAME', licenseNo: 'OPERATOR_LICENSE_NO', idType: 'OPERATOR_ID_TYPE', idNo: 'OPERATOR_ID_NO' },
  prescriber: { code: 'PRESCRIBER_CODE', name: 'PRESCRIBER_NAME', licenseNo: 'PRESCRIBER_LICENSE_NO', idType: 'PRESCRIBER_ID_TYPE', idNo: 'PRESCRIBER_ID_NO' },
  counterparty: { code: 'COUNTERPARTY_CODE', name: 'COUNTERPARTY_NAME', licenseNo: 'COUNTERPARTY_LICENSE_NO' },
} as const;

export const PATIENT_COLUMNS = {
  visitNo: 'VISIT_NO', name: 'PATIENT_NAME', idType: 'PATIENT_ID_TYPE', idNo: 'PATIENT_ID_NO', personNo: 'PERSON_NO', insuredArea: 'INSURED_AREA', settlementId: 'SETTLEMENT_ID',
} as const;

export const EVENT_COLUMNS = {
  documentNo: 'DOCUMENT_NO', location: 'LOCATION', refers: 'REFERS', prescriptionNo: 'PRESCRIPTION_NO', invoiceNo: 'INVOICE_NO', deliveryNoteNo: 'DELIVERY_NOTE_NO',
} as const;

/** Values of columns with a closed list: what the contract calls them, and what HIS databases write. */
export const PATIENT_CLASSES = { outpatient: ['outpatient', 'o', '1', '门诊'], inpatient: ['inpatient', 'i', '2', '住院'], emergency: ['emergency', 'e', '3', '急诊'] } as const;
export const SETTLEMENT_TYPES = { 'insured': ['insured', '1', '医保'], 'self-pay': ['self-pay', 'selfpay', '0', '自费'] } as const;
export const SETTLEMENT_AREAS = { local: ['local', '0', '本地'], remote: ['remote', '1', '异地'] } as const;
export const YES_NO = { yes: ['1', 'y', 'yes', 'true', 't', '是'], no: ['0', 'n', 'no', 'false', 'f', '否'] } as const;
export const SPLIT_WORDS = { yes: [...YES_NO.yes, 'split', '拆零', '散'], no: [...YES_NO.no, 'whole', 'pack', '整', '整盒', '整包装'] } as const;
export const KINDS = {
  'receipt': ['receipt', '采购入库', '入库'], 'supplier-return': ['supplier-return', '采购退货', '退供'], 'dispense': ['dispense', '发药'], 'dispense-return': ['dispense-return', '退药'],
  'split-open': ['split-open', '拆零', '开启拆零'], 'stock-count': ['stock-count', '盘存', '盘点'], 'stock-gain': ['stock-gain', '盘盈'], 'stock-loss': ['stock-loss', '盘亏', '报损'],
  'destroy': ['destroy', '销毁'], 'transfer-out': ['transfer-out', '调拨出', '调出'], 'transfer-in': ['transfer-in', '调拨入', '调入'], 'gift-in': ['gift-in', '捐赠入库'],
  'gift-return': ['gift-return', '捐赠退回'], 'other-in': ['other-in', '其他入库'], 'other-out': ['other-out', '其他出库'], 'void': ['void', '作废'], 'settlement': ['settlement', '结算'],
} as const;
