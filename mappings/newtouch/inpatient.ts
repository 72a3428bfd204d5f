import type { RecordMapping } from '../shared/row-mapping.ts';
import { NOT_FROM_STOCK } from './flags.ts';

/** 住院发药、退药：zy_ypyzczjl is written to only, in smallest units, with the code and the split flag. */
export const inpatient: RecordMapping = {
  title: '住院发药、退药',
  tables: 'zy_ypyzczjl、zy_ypyzxx、zy_ypyzzxph',
  when: { RECORD: 'zy' },
  skip: NOT_FROM_STOCK,
  negative: { 'dispense': 'dispense-return', 'dispense-return': 'dispense-return' },
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'ZY-' },
    'kind': { from: 'OPERATETYPE', values: { 1: 'dispense', 2: 'dispense-return' } },
    'occurredAt': { from: 'CREATETIME' },
    'institution': { from: 'JGBM' },
    // a return has a number of its own
    'documentNo': { from: ['ZYTYAPPLYNO', 'ZYFYAPPLYNO'] },
    'prescriptionNo': { from: 'YZID' },
    'location': { from: 'LYYF' },
    'refers': { from: 'REFERID', prefix: 'ZY-', when: { OPERATETYPE: '2' } },
    'operator.code': { from: 'CREATORCODE' },
    'prescriber.code': { from: 'YSGH' },
    'patient.class': { constant: 'inpatient' },
    'patient.visitNo': { from: 'ZYH' },
    'patient.name': { from: 'XM' },
    'patient.idType': { from: 'ZJLX' },
    'patient.idNo': { from: 'ZJH' },
    'line.no': { from: 'LINE_NO' },
    'line.drug': { from: 'YPCODE' },
    'line.drugName': { from: 'YPMC' },
    'line.counted': { constant: 'smallest' },
    'line.quantity': { from: 'SL' },
    'line.unit': { from: 'DW' },
    'line.unitsPerUnit': { from: 'ZHYZ' },
    'line.smallestUnit': { from: 'ZXDW' },
    'line.split': { from: 'SFCL', values: { 1: 'yes', 2: 'no' } },
    'line.lot': { from: 'PH', blank: ['无'] },
    'line.expiresOn': { from: 'YXQ' },
    'line.codes': { from: 'ZSM' },
  },
};
