import { LINELESS_KINDS } from '../../adapter/domain/event.ts';
import type { EventKind, TraceEvent } from '../../adapter/domain/event.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { readLines } from './row-lines.ts';
import type { NumberedRow, SignedLine } from './row-lines.ts';
import type { RecordMapping } from './row-mapping.ts';
import type { RowReader } from './row-reader.ts';
import { TARGET_NAMES } from './targets.ts';
import type { TargetName } from './targets.ts';

const PLAIN = ['documentNo', 'location', 'refers', 'prescriptionNo', 'invoiceNo', 'deliveryNoteNo'] as const;

/** One event from its rows. What is missing or wrong is noted with the reader; the event counts only when nothing was. */
export function readEvent(rows: readonly NumberedRow[], record: RecordMapping, reader: RowReader, context: MappingContext): TraceEvent {
  const plain = rows.map(({ row }) => row);
  const value = (target: TargetName): string | undefined => reader.ofEvent(plain, target);
  const given = (value('kind') ?? 'dispense') as EventKind;
  const id = value('id');
  if (id === undefined) reader.refuse('id', '', '缺少事件编号');
  const lines = LINELESS_KINDS.includes(given) ? [] : readLines(rows, reader, record.sameLine ?? 'once');
  const emergency = value('emergency');
  const patient = memberOf('patient', value);
  return {
    id: id ?? '', source: context.source, institution: value('institution') ?? context.institution, kind: kindBySign(given, lines, record, reader), occurredAt: readTime(plain, reader),
    ...textsOf(PLAIN, value), ...(emergency === undefined ? {} : { emergency: emergency === 'yes' }),
    ...named('operator', value), ...named('prescriber', value), ...(patient === undefined ? {} : { patient }), ...named('counterparty', value),
    lines: lines.map(({ line }) => line),
  };
}

/** A dispense counted negative is a return; where the table knows no such thing, a negative quantity is refused. Both signs in one event cannot be one event. */
function kindBySign(kind: EventKind, lines: readonly SignedLine[], record: RecordMapping, reader: RowReader): EventKind {
  const negative = lines.filter((line) => line.negative).length;
  if (negative === 0) return kind;
  const turned = record.negative?.[kind];
  if (negative === lines.length && turned !== undefined) return turned;
  reader.refuse('line.quantity', '', turned === undefined ? '数量不能为负' : '同一事件中数量有正有负；发出与退回请用不同的事件编号');
  return kind;
}

/** Lines of one document may be stamped seconds apart: the earliest counts. */
function readTime(rows: readonly HisRow[], reader: RowReader): string {
  const instants = rows.flatMap((row, at) => {
    const instant = reader.ofRow(row, 'occurredAt', rows.length > 1 ? String(at + 1) : undefined);
    return instant === undefined ? [] : [instant];
  });
  if (instants.length === 0 && rows.every((row) => reader.isEmpty(row, 'occurredAt'))) reader.refuse('occurredAt', '', '缺少业务时间');
  return instants.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '';
}

type Value = (target: TargetName) => string | undefined;

function textsOf<Name extends TargetName>(names: readonly Name[], value: Value): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = value(name);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

/** Members of `operator.…`, `patient.…`: those that are filled, undefined when none is. */
function memberOf(member: string, value: Value): Readonly<Record<string, string>> | undefined {
  const texts: Record<string, string> = {};
  for (const name of MEMBERS[member] ?? []) {
    const text = value(name);
    if (text !== undefined) texts[name.slice(member.length + 1)] = text;
  }
  return Object.keys(texts).length === 0 ? undefined : texts;
}

function named<Name extends string>(member: Name, value: Value): Partial<Record<Name, Readonly<Record<string, string>>>> {
  const texts = memberOf(member, value);
  return texts === undefined ? {} : { [member]: texts } as Partial<Record<Name, Readonly<Record<string, string>>>>;
}

const MEMBERS: Readonly<Record<string, readonly TargetName[]>> = Object.fromEntries(
  ['operator', 'prescriber', 'patient', 'counterparty'].map((member) => [member, TARGET_NAMES.filter((name) => name.startsWith(`${member}.`))]),
);
