import type { Patient, Person, TraceEvent } from '../domain/event.ts';

/** @returns `张三丰` → `张**`; the length stays so that two patients can be told apart at the counter */
function maskName(name: string): string {
  const [first = '', ...rest] = Array.from(name);
  return first + '*'.repeat(Math.min(Math.max(rest.length, 1), 5));
}

/** @returns all but the last two characters hidden: `350102199001011234` → `****************34` */
function maskId(id: string): string {
  return id.length <= 4 ? '****' : '*'.repeat(id.length - 2) + id.slice(-2);
}

function maskPatient(patient: Patient): Patient {
  return {
    ...patient,
    ...(patient.name === undefined ? {} : { name: maskName(patient.name) }),
    ...(patient.idNo === undefined ? {} : { idNo: maskId(patient.idNo) }),
    ...(patient.personNo === undefined ? {} : { personNo: maskId(patient.personNo) }),
  };
}

/** Staff are named in the open (they sign for what they do); their identity numbers are not. */
function maskStaff(person: Person): Person {
  return person.idNo === undefined ? person : { ...person, idNo: maskId(person.idNo) };
}

/** @returns the event with the people in it masked, for roles that need not know them (anchors 3.3, 个人信息保护) */
export function maskPeople(event: TraceEvent): TraceEvent {
  return {
    ...event,
    ...(event.patient === undefined ? {} : { patient: maskPatient(event.patient) }),
    ...(event.operator === undefined ? {} : { operator: maskStaff(event.operator) }),
    ...(event.prescriber === undefined ? {} : { prescriber: maskStaff(event.prescriber) }),
  };
}
