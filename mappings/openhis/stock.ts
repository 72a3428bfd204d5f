import type { RecordMapping } from '../shared/row-mapping.ts';

/** type_enum → kind. Types between places of the same hospital, orders and price changes move nothing in or out. */
const KINDS = {
  1: 'receipt', 14: 'receipt', 5: 'supplier-return', 15: 'supplier-return', 6: 'stock-loss', 7: 'other-out', 9: 'other-in',
  4: 'stock-count', 10: 'stock-count', 19: 'stock-count', 25: 'stock-count', 44: 'stock-count', 18: 'stock-gain', 24: 'stock-gain',
} as const;
const COUNTS = ['4', '10', '19', '25', '44'];

/** 单据：wor_supply_request holds every stock document, one row per line, told apart by type_enum. */
export const documents: RecordMapping = {
  title: '采购、退货、盘点、损益、领用单据',
  tables: 'wor_supply_request、med_medication_definition、adm_supplier、adm_location',
  when: { RECORD: 'supply' },
  skip: [
    { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
    { when: { STATUS_ENUM: ['1', '2', '10'] }, reason: '单据未审核' },
    { when: { STATUS_ENUM: ['4', '9', '11'] }, reason: '单据已驳回、撤回或失效' },
    { when: { TYPE_ENUM: ['2', '8', '16', '17', '21', '22', '26', '27', '38', '39', '42', '43'] }, reason: '院内调拨、出入库，未出本机构' },
    { when: { TYPE_ENUM: ['3', '11', '12', '23'] }, reason: '发药退药，以发药记录为准' },
    { when: { TYPE_ENUM: ['13', '20', '37', '45', '46', '47', '48', '49', '50'] }, reason: '订货、请领、调价，不移动药品' },
  ],
  negative: { 'receipt': 'supplier-return', 'supplier-return': 'supplier-return', 'stock-gain': 'stock-loss', 'stock-loss': 'stock-loss', 'other-out': 'other-in' },
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'SR-' },
    'kind': { from: 'TYPE_ENUM', values: KINDS },
    'occurredAt': { from: ['APPROVAL_TIME', 'OCCURRENCE_TIME'] },
    'institution': { from: 'INSTITUTION_CODE' },
    'documentNo': { from: 'BUS_NO' },
    'invoiceNo': { from: 'INVOICE_NO', when: { TYPE_ENUM: ['1', '5', '14', '15'] } },
    'location': { from: 'LOCATION_NAME' },
    'operator.code': { from: 'PRACTITIONER_NO' },
    'operator.name': { from: 'PRACTITIONER_NAME' },
    'counterparty.code': { from: 'SUPPLIER_NO' },
    'counterparty.name': { from: 'SUPPLIER_NAME' },
    'line.no': { from: 'ID' },
    'line.drug': { from: 'DRUG_NO' },
    'line.drugName': { from: 'DRUG_NAME' },
    'line.quantity': { from: 'ITEM_QUANTITY' },
    'line.unit': { from: 'UNIT_NAME' },
    'line.split': { from: 'MIN_UNIT_FLAG', when: { TYPE_ENUM: [...COUNTS, '6', '18', '24'] } },
    'line.unitPrice': { from: 'PRICE', when: { TYPE_ENUM: ['1', '14'] } },
    'line.lot': { from: 'LOT_NUMBER', blank: ['无'] },
    // start_time and end_time of a stock document are the dates of the goods
    'line.producedOn': { from: 'START_TIME' },
    'line.expiresOn': { from: 'END_TIME' },
    'line.codes': { from: 'TRACE_NO' },
  },
};
