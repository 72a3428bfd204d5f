import type { ConverterName } from './converters.ts';

/** A field of an event that a table may fill. */
export interface Target {
  /** Chinese name */
  readonly label: string;
  /** converters that give what the field needs, the usual one first */
  readonly converters: readonly [ConverterName, ...ConverterName[]];
  /** about a person: named in a refusal, never repeated */
  readonly personal?: true;
  /** every record must say where it comes from */
  readonly required?: true;
  /** of all rows of an event the earliest counts, instead of all having to agree */
  readonly earliest?: true;
}

const text = (label: string): Target => ({ label, converters: ['text'] });
const personal = (label: string): Target => ({ label, converters: ['text'], personal: true });
const idType = (label: string): Target => ({ label, converters: ['id-type', 'text'], personal: true });

/** Every field of contract section 4 that a table can fill; `line.` fields are read of each row, the others once per event. */
export const TARGETS = {
  'id': { label: '事件编号', converters: ['text'], required: true },
  'kind': { label: '事件类型', converters: ['kind'], required: true },
  'occurredAt': { label: '业务时间', converters: ['time'], required: true, earliest: true },
  'institution': text('定点医药机构编号'),
  'documentNo': text('单据号'),
  'location': text('药房'),
  'emergency': { label: '急抢救', converters: ['yes-no'] },
  'refers': text('原事件编号'),
  'prescriptionNo': text('处方号'),
  'invoiceNo': text('发票号'),
  'deliveryNoteNo': text('随货单号'),
  'operator.code': text('经办人工号'),
  'operator.name': personal('经办人姓名'),
  'operator.licenseNo': text('药师执业资格证号'),
  'operator.idType': idType('经办人证件类型'),
  'operator.idNo': personal('经办人证件号'),
  'prescriber.code': text('开方医师工号'),
  'prescriber.name': personal('开方医师姓名'),
  'prescriber.licenseNo': text('开方医师资格证号'),
  'prescriber.idType': idType('开方医师证件类型'),
  'prescriber.idNo': personal('开方医师证件号'),
  'patient.visitNo': personal('就诊号'),
  'patient.class': { label: '就诊类别', converters: ['patient-class'] },
  'patient.name': personal('患者姓名'),
  'patient.idType': idType('患者证件类型'),
  'patient.idNo': personal('患者证件号'),
  'patient.personNo': personal('人员编号'),
  'patient.insuredArea': text('参保地'),
  'patient.settlementType': { label: '结算类型', converters: ['settlement-type'] },
  'patient.settlementId': personal('结算编号'),
  'patient.settlementArea': { label: '结算地', converters: ['settlement-area'] },
  'counterparty.code': text('对方单位编号'),
  'counterparty.name': text('对方单位名称'),
  'counterparty.licenseNo': text('对方许可证号'),
  'line.no': text('行号'),
  'line.drug': { label: '药品编码', converters: ['text'] },
  'line.drugName': text('药品名称'),
  'line.quantity': { label: '数量', converters: ['decimal'] },
  'line.counted': { label: '数量的单位制', converters: ['counted'] },
  'line.unit': text('单位'),
  'line.unitsPerUnit': { label: '转换因子（一个单位含多少最小单位）', converters: ['factor'] },
  'line.smallestUnit': text('最小单位'),
  'line.split': { label: '拆零', converters: ['split', 'yes-no'] },
  'line.unitPrice': { label: '单价', converters: ['decimal'] },
  'line.lot': text('批号'),
  'line.producedOn': { label: '生产日期', converters: ['day'] },
  'line.expiresOn': { label: '有效期', converters: ['day'] },
  'line.codes': { label: '追溯码', converters: ['trace-codes', 'codes'] },
} as const satisfies Readonly<Record<string, Target>>;

export type TargetName = keyof typeof TARGETS;

/** @returns the names in the order of the contract */
export const TARGET_NAMES = Object.keys(TARGETS) as readonly TargetName[];

export function targetOf(name: TargetName): Target {
  return TARGETS[name];
}

export function isTarget(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}

/** Fields without which there is no event. */
export const REQUIRED_TARGETS = TARGET_NAMES.filter((name) => targetOf(name).required === true);

/** @returns the converters that give what the field needs, the usual one first */
export function converterNamesOf(name: TargetName): readonly ConverterName[] {
  return targetOf(name).converters;
}
