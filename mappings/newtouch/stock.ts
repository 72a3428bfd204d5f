import type { RecordMapping } from '../shared/row-mapping.ts';

const INBOUND = ['1', '5'];
const OUTBOUND = ['2', '3', '6'];

/** 出入库单据：quantities in the unit of the department, `djlx` says what the document is. */
export const documents: RecordMapping = {
  title: '出入库单据',
  tables: 'xt_yp_crkdj、xt_yp_crkmx',
  when: { RECORD: 'crk' },
  skip: [
    { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
    { when: { ZT: '0' }, reason: '单据已作废' },
    { when: { SHZT: '0' }, reason: '单据未审核' },
    { when: { SHZT: '2' }, reason: '单据审核未通过' },
    { when: { DJLX: '4' }, reason: '申领出库：药库到药房，未出本机构' },
    { when: { DJLX: '6', DFJGBM: '' }, reason: '院内调拨，未出本机构' },
  ],
  // 冲红: a receipt booked back
  negative: { 'receipt': 'supplier-return', 'supplier-return': 'supplier-return', 'other-out': 'other-in' },
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'CRK-' },
    'kind': { from: 'DJLX', values: { 1: 'receipt', 2: 'supplier-return', 3: 'other-out', 5: 'other-in', 6: 'transfer-out' } },
    'occurredAt': [{ from: ['RKSJ', 'CZSJ'], when: { DJLX: INBOUND } }, { from: ['CKSJ', 'CZSJ'], when: { DJLX: OUTBOUND } }],
    'institution': { from: 'JGBM' },
    'documentNo': { from: 'PDH' },
    'invoiceNo': { from: 'FPH', when: { DJLX: ['1', '2'] } },
    'location': [{ from: 'RKBM', when: { DJLX: INBOUND } }, { from: 'CKBM', when: { DJLX: OUTBOUND } }],
    'operator.code': [{ from: 'RKCZY', when: { DJLX: INBOUND } }, { from: 'CKCZY', when: { DJLX: OUTBOUND } }],
    'counterparty.code': [{ from: 'GYSDM', when: { DJLX: ['1', '2'] } }, { from: 'DFJGBM', when: { DJLX: '6' } }],
    'counterparty.name': { from: 'GYSMC', when: { DJLX: ['1', '2'] } },
    'line.no': { from: 'LINE_NO' },
    'line.drug': { from: 'YPCODE' },
    'line.drugName': { from: 'YPMC' },
    'line.quantity': { from: 'SL' },
    'line.unit': [{ from: 'RKDW', when: { DJLX: INBOUND } }, { from: 'CKDW', when: { DJLX: OUTBOUND } }],
    'line.split': { from: 'SFCL', values: { 1: 'yes', 2: 'no' } },
    // 进价 is that of the purchase unit
    'line.unitPrice': { from: 'JJ', when: { DJLX: '1' } },
    'line.lot': { from: 'PH', blank: ['无'] },
    'line.producedOn': { from: 'SCRQ' },
    'line.expiresOn': { from: 'YXQ' },
    'line.codes': { from: 'ZSM' },
  },
};

/** 盘点：what was really counted, in smallest units. */
export const counts: RecordMapping = {
  title: '盘点',
  tables: 'xt_yp_pdxx、xt_yp_pdxxmx',
  when: { RECORD: 'pd' },
  skip: [
    { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
    { when: { ZT: '0' }, reason: '盘点已作废' },
    { when: { JSSJ: '' }, reason: '盘点未结束' },
  ],
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'PD-' },
    'kind': { constant: 'stock-count' },
    'occurredAt': { from: 'JSSJ' },
    'institution': { from: 'JGBM' },
    'documentNo': { from: 'PDH' },
    'location': { from: 'LYYF' },
    'operator.code': { from: 'CREATORCODE' },
    'line.no': { from: 'LINE_NO' },
    'line.drug': { from: 'YPCODE' },
    'line.drugName': { from: 'YPMC' },
    'line.counted': { constant: 'smallest' },
    'line.quantity': { from: 'SJSL' },
    'line.unit': { from: 'DW' },
    'line.unitsPerUnit': { from: 'ZHYZ' },
    'line.smallestUnit': { from: 'ZXDW' },
    'line.split': { from: 'SFCL', values: { 1: 'yes', 2: 'no' } },
    'line.lot': { from: 'PH', blank: ['无'] },
    'line.expiresOn': { from: 'YXQ' },
    'line.codes': { from: 'ZSM' },
  },
};
