import type { RecordMapping } from '../shared/row-mapping.ts';
import { NOT_FROM_STOCK } from './flags.ts';

/** 门诊发药、退药：mz_cfypczjl is written to only, one row per operation and drug, in smallest units (his.md b.1). */
export const outpatient: RecordMapping = {
  title: '门诊发药、退药',
  tables: 'mz_cfypczjl、mz_cfmx、mz_cf、mz_cfmxph',
  when: { RECORD: 'mz' },
  skip: NOT_FROM_STOCK,
  negative: { 'dispense': 'dispense-return', 'dispense-return': 'dispense-return' },
  fields: {
    'id': { from: 'EVENT_ID', prefix: 'MZ-' },
    'kind': { from: 'OPERATETYPE', values: { 1: 'dispense', 2: 'dispense-return' } },
    'occurredAt': { from: 'CREATETIME' },
    'institution': { from: 'JGBM' },
    'documentNo': { from: 'CFH' },
    'prescriptionNo': { from: 'CFH' },
    'location': { from: 'LYYF' },
    // the dispensing row of the same prescription line, found by the view
    'refers': { from: 'REFERID', prefix: 'MZ-', when: { OPERATETYPE: '2' } },
    'operator.code': { from: 'CREATORCODE' },
    'prescriber.name': { from: 'YSMC' },
    'patient.class': { constant: 'outpatient' },
    'patient.visitNo': { from: 'MZH' },
    'patient.name': { from: 'XM' },
    'patient.idType': { from: 'ZJLX' },
    'patient.idNo': { from: 'ZJH' },
    // 病人性质 is a word of the hospital: what is not surely one or the other says nothing
    'patient.settlementType': { from: 'BRXZMC', values: { 自费: 'self-pay', 医保: 'insured', 职工医保: 'insured', 居民医保: 'insured', 城乡居民医保: 'insured', '*': '' } },
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
