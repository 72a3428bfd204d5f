import type { EventKind, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation, SkippedHisLine } from '../../adapter/ports/his-record.ts';
import { present, value } from './field-text.ts';
import { institutionOf } from './institution.ts';
import { insuranceOf } from './insurance.ts';
import type { LineDialect, MovedLine } from './moved-line.ts';
import { movementOf } from './order-control.ts';
import { ordersOf } from './order-groups.ts';
import type { Orders } from './order-groups.ts';
import { patientOf } from './patient.ts';
import { fieldName, gatherProblems, refusalOf } from './problems.ts';
import type { Problems } from './problems.ts';
import { readInstant } from './time.ts';
import { traceCodesOf } from './trace-codes.ts';

/**
 * A dispensing message as events: every line that left becomes a line of a dispense, every line that came back one of a
 * dispense-return. The event id is MSH-10; when both kinds are in one message the return gets `<MSH-10>-R`.
 * @param categories words of the vendor's insurance category fields
 */
export function dispenseEvents(message: Hl7Message, context: MappingContext, dialect: LineDialect, categories: readonly string[]): Interpretation {
  const orders = ordersOf(message, dialect.segment);
  if (orders.sites.length === 0 && orders.bare.every((orc) => movementOf(value(orc, 1)) !== 'none')) {
    return { kind: 'refused', refusal: refusal('HL7_SEGMENT_MISSING', { field: dialect.segment, detail: `没有 ${dialect.segment} 段${dialect.hint}` }) };
  }
  const problems = gatherProblems();
  checkBareOrders(orders, dialect, problems);
  const { moved, skipped } = readLines(message, orders, dialect, problems);
  const patient = patientOf(message, insuranceOf(message, categories, problems), problems);
  const messageTime = moved.some((line) => line.occurredAt === undefined) ? readInstant(message.first('MSH'), 7, problems) : undefined;
  const [first, ...others] = problems.found;
  if (first !== undefined) return { kind: 'refused', refusal: refusalOf([first, ...others]) };
  if (moved.length === 0) return { kind: 'noted', reason: [...new Set(skipped.map((line) => line.reason))].join('；') || '没有移动药品的明细行' };

  const shared = { message, context, patient, fallbackTime: messageTime ?? context.receivedAt };
  const id = value(message.first('MSH'), 10);
  const out = moved.filter((line) => line.movement === 'out');
  const back = moved.filter((line) => line.movement === 'back');
  const events: TraceEvent[] = [];
  if (out.length > 0) events.push(eventOf({ ...shared, id, kind: 'dispense', lines: out }));
  if (back.length > 0) events.push(eventOf({ ...shared, id: out.length > 0 ? `${id}-R` : id, kind: 'dispense-return', lines: back }));
  return { kind: 'events', events, ...(skipped.length === 0 ? {} : { skipped }) };
}

function readLines(message: Hl7Message, orders: Orders, dialect: LineDialect, problems: Problems): { readonly moved: readonly MovedLine[]; readonly skipped: readonly SkippedHisLine[] } {
  const lineNos = lineNumbers(orders, dialect);
  const codes = traceCodesOf(message, orders, lineNos, problems);
  const moved: MovedLine[] = [];
  const skipped: SkippedHisLine[] = [];
  orders.sites.forEach((site, index) => {
    const line = dialect.readLine(site, { lineNo: lineNos[index] ?? String(index + 1), codes: codes[index] ?? { codes: [], marks: [], amounts: [] }, problems });
    if (line === undefined) return;
    if ('skipped' in line) skipped.push({ lineNo: lineNos[index] ?? String(index + 1), reason: line.skipped });
    else moved.push(line);
  });
  return { moved, skipped };
}

/** The sender's own line numbers where they are numbers and each occurs once; else 1, 2, 3 in message order. */
function lineNumbers(orders: Orders, dialect: LineDialect): readonly string[] {
  const field = dialect.lineNoField;
  const given = field === undefined ? [] : orders.sites.map((site) => value(site.segment, field));
  const usable = given.length > 0 && given.every((text) => /^\d{1,9}$/.test(text)) && new Set(given).size === given.length;
  return usable ? given : orders.sites.map((_, index) => String(index + 1));
}

/** An order without its line would be a line that nobody misses. */
function checkBareOrders(orders: Orders, dialect: LineDialect, problems: Problems): void {
  for (const orc of orders.bare) {
    if (movementOf(value(orc, 1)) === 'none') continue;
    const which = orc.occurrence > 1 ? `第 ${String(orc.occurrence)} 个 ` : '';
    problems.add('HL7_SEGMENT_MISSING', { field: dialect.segment, detail: `${which}ORC 之后没有 ${dialect.segment} 段${dialect.hint}（${fieldName(orc, 1)}=${value(orc, 1)}）` });
  }
}

interface EventParts {
  readonly message: Hl7Message;
  readonly context: MappingContext;
  readonly patient: Patient | undefined;
  readonly fallbackTime: string;
  readonly id: string;
  readonly kind: Extract<EventKind, 'dispense' | 'dispense-return'>;
  readonly lines: readonly MovedLine[];
}

function eventOf(parts: EventParts): TraceEvent {
  const { lines, context } = parts;
  const first = <T>(pick: (line: MovedLine) => T | undefined): T | undefined => lines.map(pick).find((found) => found !== undefined);
  const refers = new Set(lines.map((line) => line.refers));
  return present<TraceEvent>({
    id: parts.id,
    source: context.source,
    institution: institutionOf(parts.message, context),
    kind: parts.kind,
    occurredAt: first((line) => line.occurredAt) ?? parts.fallbackTime,
    documentNo: first((line) => line.documentNo),
    location: first((line) => line.location),
    // an event refers to one earlier event: only when all its lines name the same
    refers: parts.kind === 'dispense-return' && refers.size === 1 ? [...refers][0] : undefined,
    operator: first((line) => line.operator),
    prescriber: first((line) => line.prescriber),
    prescriptionNo: first((line) => line.prescriptionNo),
    patient: parts.patient,
    emergency: undefined, counterparty: undefined, invoiceNo: undefined, deliveryNoteNo: undefined,
    lines: lines.map((line) => line.line),
  });
}
