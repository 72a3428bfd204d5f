import type { RecordMapping } from '../shared/row-mapping.ts';

/** 药库采购入库：the quantity found good (合格数量), in the unit of the store; negative goes back to the supplier. */
export const receipts: RecordMapping = {
  title: '采购入库、退货',
  tables: 'YK_RK01、YK_RK02、YK_JHDW、YK_TYPK',
  when: { RECORD: 'rk' },
  skip: [
    { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
    { when: { RKPB: '0' }, reason: '入库单未确认' },
    { when: { PWD: '2' }, reason: '票到货未到，尚无实物' },
    { when: { HGSL: '=0' }, reason: '合格数量为 0' },
  ],
  negative: { 'receipt': 'supplier-return', 'supplier-return': 'supplier-return' },
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'RK-' },
    // RKFS is numbered by each hospital: the view may name the kind, otherwise it is a purchase
    'kind': [{ from: 'EVENT_KIND' }, { constant: 'receipt' }],
    'occurredAt': { from: ['RKRQ', 'YSRQ'] },
    'institution': { from: 'JGBM' },
    'documentNo': { from: ['XTSB', 'RKFS', 'RKDH'], join: '-' },
    'invoiceNo': { from: 'FPHM' },
    'deliveryNoteNo': { from: 'SHHM' },
    'location': { from: 'XTSB' },
    'operator.code': { from: ['YSGH', 'CZGH'] },
    'counterparty.code': { from: 'DWXH' },
    'counterparty.name': { from: 'DWMC' },
    'line.no': { from: 'LINE_NO' },
    'line.drug': { from: ['YPXH', 'YPCD'], join: '-' },
    'line.drugName': { from: 'YPMC' },
    'line.quantity': { from: 'HGSL' },
    'line.unit': { from: 'YPDW' },
    'line.unitPrice': { from: 'JHJG' },
    'line.lot': { from: 'YPPH', blank: ['无', '0'] },
    'line.expiresOn': { from: 'YPXQ' },
    'line.codes': { from: 'ZSM' },
  },
};

/**
 * 药房调拨：what was confirmed (确认数量, in the unit of the confirming side), not what was asked for. Only between institutions;
 * the view gives each document twice, as going out of the one and into the other.
 */
export const transfers: RecordMapping = {
  title: '机构间调拨',
  tables: 'YF_DB01、YF_DB02、YK_TYPK',
  when: { RECORD: 'db' },
  skip: [
    { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
    { when: { DFJGBM: '' }, reason: '院内调拨，未出本机构' },
    { when: { FX: 'out', CKBZ: '0' }, reason: '调拨未出库' },
    { when: { FX: 'in', RKBZ: '0' }, reason: '调拨未入库' },
    { when: { QRSL: '=0' }, reason: '确认数量为 0' },
  ],
  fields: {
    'id': [{ from: 'EVENT_ID', prefix: 'DBO-', when: { FX: 'out' } }, { from: 'EVENT_ID', prefix: 'DBI-', when: { FX: 'in' } }],
    'kind': { from: 'FX', values: { out: 'transfer-out', in: 'transfer-in' } },
    'occurredAt': [{ from: 'CKRQ', when: { FX: 'out' } }, { from: 'RKRQ', when: { FX: 'in' } }],
    'institution': { from: 'JGBM' },
    'documentNo': { from: ['SQYF', 'SQDH'], join: '-' },
    'location': [{ from: 'MBYF', when: { FX: 'out' } }, { from: 'SQYF', when: { FX: 'in' } }],
    'operator.code': [{ from: 'CKGH', when: { FX: 'out' } }, { from: 'RKGH', when: { FX: 'in' } }],
    'counterparty.code': { from: 'DFJGBM' },
    'line.no': { from: 'LINE_NO' },
    'line.drug': { from: ['YPXH', 'YPCD'], join: '-' },
    'line.drugName': { from: 'YPMC' },
    'line.quantity': { from: 'QRSL' },
    'line.unit': { from: 'QRDW' },
    'line.lot': { from: 'YPPH', blank: ['无', '0'] },
    'line.expiresOn': { from: 'YPXQ' },
    'line.codes': { from: 'ZSM' },
  },
};
