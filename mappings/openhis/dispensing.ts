import type { Fields, RecordMapping, SkipRule } from '../shared/row-mapping.ts';

/** Rows that draw nothing from the stock of the pharmacy (his.md a.2, e.6). The view gives the flags; skip_reason is the site's own. */
const NOT_FROM_STOCK: readonly SkipRule[] = [
  { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
  { when: { OWN_DRUG_FLAG: '1' }, reason: '自备药' },
  { when: { ADVICE_FLAG: '1' }, reason: '嘱托医嘱' },
  { when: { WARD_STOCK_FLAG: '1' }, reason: '基数药，领到科室时已计' },
];

const COMMON: Fields = {
  'institution': { from: 'INSTITUTION_CODE' },
  'documentNo': { from: ['SUMMARY_NO', 'BUS_NO'] },
  'prescriptionNo': { from: 'PRESCRIPTION_NO' },
  'location': { from: 'LOCATION_NAME' },
  'operator.code': { from: 'PRACTITIONER_NO' },
  'operator.name': { from: 'PRACTITIONER_NAME' },
  'prescriber.code': { from: 'REQUESTER_NO' },
  'prescriber.name': { from: 'REQUESTER_NAME' },
  'patient.visitNo': { from: 'ENCOUNTER_NO' },
  'patient.class': { from: 'CLASS_ENUM', values: { 1: 'inpatient', 2: 'outpatient', 3: 'emergency', 4: 'emergency', 5: 'outpatient', '*': '' } },
  'patient.name': { from: 'PATIENT_NAME' },
  // IdentityDocumentType of the product → psn_cert_type
  'patient.idType': { from: 'ID_TYPE_CODE', values: { 1: '01', 2: '01', 3: '08', 4: '02', 6: '04', 7: '06', '*': '99' } },
  'patient.idNo': { from: 'ID_NO' },
  'line.no': { from: 'LINE_NO' },
  'line.drug': { from: 'DRUG_NO' },
  'line.drugName': { from: 'DRUG_NAME' },
  'line.quantity': { from: 'DISPENSE_QUANTITY' },
  'line.unit': { from: 'UNIT_NAME' },
  // loose when counted in the smallest unit of a drug whose pack holds several (his.md e.5: the product reports them so)
  'line.split': { from: 'MIN_UNIT_FLAG' },
  'line.lot': { from: 'LOT_NUMBER', blank: ['无'] },
  'line.codes': { from: 'TRACE_NO' },
};

/** 发药：a row that was handed out stays a dispense, also after it was taken back. */
export const dispenses: RecordMapping = {
  title: '发药',
  tables: 'med_medication_dispense、med_medication_definition、med_medication_request、adm_encounter、adm_patient',
  when: { RECORD: 'dispense' },
  skip: [...NOT_FROM_STOCK, { when: { STATUS_ENUM: ['1', '2', '3', '5', '6', '7', '8', '13'] }, reason: '未发药' }],
  negative: { dispense: 'dispense-return' },
  fields: { ...COMMON, 'id': { from: 'ID', prefix: 'MD-' }, 'kind': { constant: 'dispense' }, 'occurredAt': { from: 'DISPENSE_TIME' } },
};

/** 退药：the same row, once its state says so; tied to its dispense by its own number. */
export const returns: RecordMapping = {
  title: '退药',
  tables: dispenses.tables,
  when: { RECORD: 'return' },
  skip: [...NOT_FROM_STOCK, { when: { STATUS_ENUM: ['10', '11'] }, reason: '退药未完成' }],
  negative: { 'dispense-return': 'dispense-return' },
  fields: { ...COMMON, 'id': { from: 'ID', prefix: 'MR-' }, 'kind': { constant: 'dispense-return' }, 'occurredAt': { from: 'STATUS_CHANGED_TIME' }, 'refers': { from: 'ID', prefix: 'MD-' } },
};
