import { LINELESS_KINDS } from '../../adapter/domain/event.ts';
import type { EventKind, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { gatherProblems, refusalOf } from '../hl7/problems.ts';
import { instantOf } from '../hl7/time.ts';
import { EVENT_COLUMNS, KINDS, PATIENT_CLASSES, PATIENT_COLUMNS, PERSON_COLUMNS, SETTLEMENT_AREAS, SETTLEMENT_TYPES, YES_NO } from './row-columns.ts';
import { readLines } from './row-lines.ts';
import type { SignedLine } from './row-lines.ts';
import { RowReader } from './row-values.ts';

/** Reads all rows of one event of the documented view (README.md 数据库视图). */
export function readRows(all: readonly HisRow[], context: MappingContext): Interpretation {
  const rows = all.filter((row) => (row['SKIP_REASON'] ?? undefined) === undefined);
  if (rows.length === 0) return { kind: 'noted', reason: `不追溯：${all.map((row) => row['SKIP_REASON'] ?? '').find((reason) => reason !== '') ?? ''}`.slice(0, 200) };
  const problems = gatherProblems();
  const reader = new RowReader(rows, problems);
  const event = readEvent(rows, reader, context);
  const [first, ...others] = problems.found;
  if (first !== undefined) return { kind: 'refused', refusal: refusalOf([first, ...others]) };
  return { kind: 'events', events: [event] };
}

function readEvent(rows: readonly HisRow[], reader: RowReader, context: MappingContext): TraceEvent {
  const given = reader.choice('EVENT_KIND', KINDS, reader.ofEvent('EVENT_KIND')) ?? 'dispense';
  const id = reader.ofEvent('EVENT_ID');
  if (id === undefined) reader.refuse('EVENT_ID', '', '缺少事件编号');
  const lines = LINELESS_KINDS.includes(given) ? [] : readLines(rows, reader);
  const emergency = reader.choice('EMERGENCY', YES_NO, reader.ofEvent('EMERGENCY'));
  const patient = readPatient(reader);
  return {
    id: id ?? '', source: context.source, institution: reader.ofEvent('INSTITUTION') ?? context.institution, kind: kindBySign(given, lines, reader), occurredAt: readTime(rows, reader),
    ...textsOf(EVENT_COLUMNS, reader), ...(emergency === undefined ? {} : { emergency: emergency === 'yes' }),
    ...memberOf('operator', reader), ...memberOf('prescriber', reader), ...(patient === undefined ? {} : { patient }), ...memberOf('counterparty', reader),
    lines: lines.map(({ line }) => line),
  };
}

/** A dispense counted negative is a return; a return counted negative is one all the same. Both signs in one event cannot be one event. */
function kindBySign(kind: EventKind, lines: readonly SignedLine[], reader: RowReader): EventKind {
  const negative = lines.filter((line) => line.negative).length;
  if (negative === 0) return kind;
  if (negative === lines.length && (kind === 'dispense' || kind === 'dispense-return')) return 'dispense-return';
  reader.refuse('QUANTITY', '', kind === 'dispense' || kind === 'dispense-return' ? '同一事件中数量有正有负；发药与退药请用不同的 EVENT_ID' : '数量不能为负');
  return kind;
}

/** Lines of one document may be stamped seconds apart: the earliest counts. */
function readTime(rows: readonly HisRow[], reader: RowReader): string {
  const given = rows.map((row) => row['OCCURRED_AT'] ?? undefined).filter((value) => value !== undefined);
  if (given.length === 0) reader.refuse('OCCURRED_AT', '', '缺少业务时间');
  const instants = given.flatMap((value) => {
    const instant = instantOf(value);
    if (instant === undefined) reader.refuse('OCCURRED_AT', value, '不是真实的时间');
    return instant === undefined ? [] : [instant];
  });
  return instants.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '';
}

function readPatient(reader: RowReader): Patient | undefined {
  const patientClass = reader.choice('PATIENT_CLASS', PATIENT_CLASSES, reader.ofEvent('PATIENT_CLASS'));
  const settlementType = reader.choice('SETTLEMENT_TYPE', SETTLEMENT_TYPES, reader.ofEvent('SETTLEMENT_TYPE'));
  const settlementArea = reader.choice('SETTLEMENT_AREA', SETTLEMENT_AREAS, reader.ofEvent('SETTLEMENT_AREA'));
  const patient: Patient = {
    ...textsOf(PATIENT_COLUMNS, reader), ...(patientClass === undefined ? {} : { class: patientClass }),
    ...(settlementType === undefined ? {} : { settlementType }), ...(settlementArea === undefined ? {} : { settlementArea }),
  };
  return Object.keys(patient).length === 0 ? undefined : patient;
}

function memberOf<Name extends keyof typeof PERSON_COLUMNS>(name: Name, reader: RowReader): Partial<Record<Name, Readonly<Record<string, string>>>> {
  const member = textsOf<string>(PERSON_COLUMNS[name], reader);
  return Object.keys(member).length === 0 ? {} : { [name]: member } as Partial<Record<Name, Readonly<Record<string, string>>>>;
}

function textsOf<Member extends string>(columns: Readonly<Record<Member, string>>, reader: RowReader): Partial<Record<Member, string>> {
  const texts: Partial<Record<Member, string>> = {};
  for (const member of Object.keys(columns) as Member[]) {
    const value = reader.ofEvent(columns[member]);
    if (value !== undefined) texts[member] = value;
  }
  return texts;
}
