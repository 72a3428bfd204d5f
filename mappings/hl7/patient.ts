import type { Patient, PatientClass } from '../../adapter/domain/event.ts';
import type { Hl7Message, Hl7Repetition } from '../../adapter/ports/hl7-message.ts';
import { freeText, joinName, keyText, present, value } from './field-text.ts';
import type { InsuranceFacts } from './insurance.ts';
import { IDENTITY_TYPES } from './person.ts';
import type { Problems } from './problems.ts';

/** PV1-2, HL7 table 0004 and the Chinese words */
const CLASSES: Readonly<Record<string, PatientClass>> = {
  O: 'outpatient', R: 'outpatient', P: 'outpatient', I: 'inpatient', B: 'inpatient', E: 'emergency',
  门诊: 'outpatient', 住院: 'inpatient', 急诊: 'emergency',
};
/** CX-5: number of the person at the insurer (人员编号 psn_no) */
const INSURER_TYPES = new Set(['PSN', 'MB', 'MC', '人员编号', '医保编号']);
/** 18 characters: region, birth date, serial, check character */
const CHINESE_ID = /^[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/;

/** Patient and visit: PID-3 (else PID-2, older senders), PID-5, PV1-19 (else PID-18), PV1-2. */
export function patientOf(message: Hl7Message, insurance: InsuranceFacts, problems: Problems): Patient | undefined {
  checkSinglePatient(message, problems);
  const pid = message.first('PID');
  const pv1 = message.first('PV1');
  const ids = pid === undefined ? [] : pid.repetitions(3).length > 0 ? pid.repetitions(3) : pid.repetitions(2);
  const identity = ids.find((id) => IDENTITY_TYPES.has(typeOf(id))) ?? ids.find((id) => typeOf(id) === '' && CHINESE_ID.test(id.text(1).trim()));
  const passport = ids.find((id) => typeOf(id) === 'PPN');
  const patient = present<Patient>({
    ...insurance,
    visitNo: keyText(pv1, 19, { problems, longest: 64 }) ?? keyText(pid, 18, { problems, longest: 64 }),
    class: classOf(value(pv1, 2)),
    name: pid === undefined ? undefined : freeText(joinName(value(pid, 5, 1), value(pid, 5, 2)), 128),
    // psn_cert_type 01 identity card, 99 other document (insurance.md)
    idType: identity !== undefined ? '01' : passport === undefined ? undefined : '99',
    idNo: freeText((identity ?? passport)?.text(1) ?? '', 64),
    personNo: insurance.personNo ?? freeText(ids.find((id) => INSURER_TYPES.has(typeOf(id)))?.text(1) ?? '', 64),
  });
  return Object.keys(patient).length === 0 ? undefined : patient;
}

function classOf(text: string): PatientClass | undefined {
  const key = text.toUpperCase();
  return Object.hasOwn(CLASSES, key) ? CLASSES[key] : undefined;
}

function typeOf(id: Hl7Repetition): string {
  return id.text(5).trim().toUpperCase();
}

/** Lines of two patients in one event would be reported for the wrong person. */
function checkSinglePatient(message: Hl7Message, problems: Problems): void {
  const numbers = new Set(message.all('PID').map((pid) => value(pid, 3) || value(pid, 2)));
  if (numbers.size > 1) problems.add('HL7_FIELD_INVALID', { field: 'PID[2]-3', detail: '一条消息只能有一名患者，请按患者分开发送' });
}
