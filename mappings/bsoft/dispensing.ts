import type { Fields, RecordMapping, SkipRule } from '../shared/row-mapping.ts';

/** Orders that draw nothing from the stock of the pharmacy (his.md a.2, e.6). The view gives the flags; SKIP_REASON is the site's own. */
const NOT_FROM_STOCK: readonly SkipRule[] = [
  { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
  { when: { ZBYBZ: '1' }, reason: '自备药' },
  { when: { ZTBZ: '1' }, reason: '嘱托医嘱' },
  { when: { JSYBZ: '1' }, reason: '病区基数药，领到病区时已计' },
];

/** 退药关联 points from the row of a return to the row that was dispensed; 0 is none (his.md b.1). */
const LINKED_BUT_POSITIVE = { when: { TYGL: '>0', YPSL: '>0' }, reason: '退药关联 TYGL 有值而数量为正，不能判断是发药还是退药' };

const COMMON: Fields = {
  // the sign decides: a return is booked negative
  'kind': { constant: 'dispense' },
  'occurredAt': { from: 'FYRQ' },
  'institution': { from: 'JGBM' },
  'location': { from: 'YFSB' },
  'operator.code': { from: 'FYGH' },
  'prescriber.code': { from: 'YSDM' },
  'patient.name': { from: 'BRXM' },
  'patient.idType': { from: 'ZJLX' },
  'patient.idNo': { from: 'SFZH' },
  // the same drug of two makers is two products with two prefixes
  'line.no': { from: 'LINE_NO' },
  'line.drug': { from: ['YPXH', 'YPCD'], join: '-' },
  'line.drugName': { from: 'YPMC' },
  'line.quantity': { from: 'YPSL' },
  'line.unit': { from: 'YFDW' },
  'line.unitPrice': { from: 'LSJG' },
  'line.lot': { from: 'YPPH', blank: ['无', '0'] },
  'line.expiresOn': { from: 'YPXQ' },
  'line.codes': { from: 'ZSM' },
};

const RETURNED = { 'dispense': 'dispense-return' } as const;

/** 门诊发药、退药：quantities in the unit of the pharmacy (药房单位). */
export const outpatient: RecordMapping = {
  title: '门诊发药、退药',
  tables: 'YF_MZFYMX、MS_CF01、MS_BRDA、YK_TYPK',
  when: { RECORD: 'mz' }, skip: NOT_FROM_STOCK, refuse: [LINKED_BUT_POSITIVE], negative: RETURNED,
  fields: {
    ...COMMON,
    'id': { from: 'EVENT_ID', prefix: 'MZ-' },
    'documentNo': { from: ['CFHM', 'CFSB'] },
    'prescriptionNo': { from: ['CFHM', 'CFSB'] },
    'refers': { from: 'TYGL', blank: ['0'], prefix: 'MZ-' },
    'patient.class': { constant: 'outpatient' },
    'patient.visitNo': { from: 'JZXH' },
  },
};

/** 住院发药、退药：pharmacy unit, or the ward's smaller one where the row names it (病房单位 BFDW). */
export const inpatient: RecordMapping = {
  title: '住院发药、退药',
  tables: 'YF_ZYFYMX、ZY_BRRY、YK_TYPK',
  when: { RECORD: 'zy' }, skip: NOT_FROM_STOCK, refuse: [LINKED_BUT_POSITIVE], negative: RETURNED,
  fields: {
    ...COMMON,
    'id': { from: 'EVENT_ID', prefix: 'ZY-' },
    'documentNo': { from: ['TJXH', 'JLID'] },
    'prescriptionNo': { from: 'YZXH' },
    'refers': { from: 'TYGL', blank: ['0'], prefix: 'ZY-' },
    'operator.code': { from: ['QRGH', 'FYGH'] },
    'patient.class': { constant: 'inpatient' },
    'patient.visitNo': { from: ['ZYHM', 'ZYH'] },
    'line.unit': { from: ['BFDW', 'YFDW'] },
    'line.unitPrice': { from: ['YPDJ', 'LSJG'] },
  },
};

/** 家床发药、退药 */
export const homeBed: RecordMapping = {
  ...inpatient,
  title: '家床发药、退药',
  tables: 'YF_JCFYMX、JC_BRRY、YK_TYPK',
  when: { RECORD: 'jc' },
  fields: { ...inpatient.fields, 'id': { from: 'EVENT_ID', prefix: 'JC-' }, 'refers': { from: 'TYGL', blank: ['0'], prefix: 'JC-' } },
};
