import { isOpen, needsAttention } from '../store/queries/delivery-states.ts';
import type { DayChunk, DayDeliveryRow, DayEventRow, DayLineRow } from '../store/queries/summary-view.ts';

/** What became of one HIS line at one destination. `missing`: no delivery covers it, which must never happen. */
export const LINE_CLASSES = ['reported', 'excluded', 'pending', 'attention', 'missing'] as const;
export type LineClass = (typeof LINE_CLASSES)[number];

export interface SummaryItem {
  readonly source: string; readonly eventId: string; readonly kind: string; readonly documentNo: string | null; readonly lineNo: string; readonly drug: string;
  readonly reason: string | undefined; readonly deliveryNo: number | undefined;
}

interface ClassTally { lines: number; readonly reasons: Map<string, number>; readonly items: SummaryItem[] }

/** Figures of one destination while a day is read. */
export interface DestinationTally {
  readonly name: string;
  readonly classes: Readonly<Record<LineClass, ClassTally>>;
  readonly reversals: { reported: number; pending: number; attention: number };
}

export interface DayTally { events: number; lines: number; readonly destinations: readonly DestinationTally[] }

const MAX_REASONS = 100;
/** Classes that are shown line by line; what went well is only counted. */
const LISTED: readonly LineClass[] = ['missing', 'attention', 'pending', 'excluded'];

export function emptyTally(destinations: readonly string[]): DayTally {
  const tally = (): ClassTally => ({ lines: 0, reasons: new Map(), items: [] });
  return {
    events: 0, lines: 0,
    destinations: destinations.map((name) => ({
      name,
      classes: { reported: tally(), excluded: tally(), pending: tally(), attention: tally(), missing: tally() },
      reversals: { reported: 0, pending: 0, attention: 0 },
    })),
  };
}

function classOfState(state: string): LineClass {
  if (needsAttention(state)) return 'attention';
  if (isOpen(state)) return 'pending';
  return state === 'accepted' || state === 'duplicate' ? 'reported' : 'excluded';
}

/** Worst first: a line of two reports is only reported when neither is open. */
const WEIGHT: Readonly<Record<LineClass, number>> = { missing: 0, excluded: 1, reported: 2, pending: 3, attention: 4 };

interface Verdict { readonly class: LineClass; readonly reason: string | undefined; readonly delivery: DayDeliveryRow | undefined }

function reasonOf(delivery: DayDeliveryRow): string {
  if (delivery.state === 'held') return delivery.hold ?? 'held';
  return delivery.detail ?? delivery.reason ?? delivery.state;
}

function verdictOf(line: DayLineRow, covering: readonly DayDeliveryRow[]): Verdict {
  let verdict: Verdict = line.exclusion === null
    ? { class: 'missing', reason: undefined, delivery: undefined }
    : { class: 'excluded', reason: line.exclusion, delivery: undefined };
  for (const delivery of covering) {
    const found = classOfState(delivery.state);
    if (WEIGHT[found] > WEIGHT[verdict.class]) verdict = { class: found, reason: found === 'reported' ? undefined : reasonOf(delivery), delivery };
  }
  return verdict;
}

interface Judged { readonly event: DayEventRow; readonly line: DayLineRow; readonly verdict: Verdict }

function add(tally: DestinationTally, { event, line, verdict }: Judged, maxItems: number): void {
  const kind = tally.classes[verdict.class];
  kind.lines += 1;
  // free text of platforms may differ on every row: the table of reasons is bounded
  const reason = verdict.reason === undefined ? undefined : kind.reasons.has(verdict.reason) || kind.reasons.size < MAX_REASONS ? verdict.reason : '其他';
  if (reason !== undefined) kind.reasons.set(reason, (kind.reasons.get(reason) ?? 0) + 1);
  if (!LISTED.includes(verdict.class) || kind.items.length >= maxItems) return;
  kind.items.push({
    source: event.source, eventId: event.event_id, kind: event.kind, documentNo: event.document_no, lineNo: line.line_no, drug: line.drug,
    reason: verdict.reason, deliveryNo: verdict.delivery?.delivery_no,
  });
}

function lineKey(eventNo: number, lineNo: string): string {
  return `${String(eventNo)}|${lineNo}`;
}

/** @returns deliveries that report (reversals left out), by destination, event and line */
function coverage(deliveries: readonly DayDeliveryRow[]): ReadonlyMap<string, ReadonlyMap<string, readonly DayDeliveryRow[]>> {
  const byDestination = new Map<string, Map<string, DayDeliveryRow[]>>();
  for (const delivery of deliveries) {
    if (delivery.reverses !== null) continue;
    const lines = byDestination.get(delivery.destination) ?? new Map<string, DayDeliveryRow[]>();
    byDestination.set(delivery.destination, lines);
    for (const lineNo of JSON.parse(delivery.covers) as string[]) {
      const key = lineKey(delivery.event_no, lineNo);
      const known = lines.get(key);
      if (known === undefined) lines.set(key, [delivery]);
      else known.push(delivery);
    }
  }
  return byDestination;
}

function addReversals(day: DayTally, deliveries: readonly DayDeliveryRow[]): void {
  for (const delivery of deliveries) {
    if (delivery.reverses === null) continue;
    const tally = day.destinations.find((destination) => destination.name === delivery.destination);
    const found = classOfState(delivery.state);
    if (tally !== undefined && found !== 'excluded' && found !== 'missing') tally.reversals[found] += 1;
  }
}

/** Adds a chunk of the day: each line gets exactly one class per destination (contract section 5, summary). */
export function addChunk(day: DayTally, chunk: DayChunk, maxItems: number): void {
  const events = new Map(chunk.events.map((event) => [event.event_no, event]));
  day.events += chunk.events.length;
  day.lines += chunk.lines.length;
  const covered = coverage(chunk.deliveries);
  for (const destination of day.destinations) {
    const lines = covered.get(destination.name);
    for (const line of chunk.lines) {
      const event = events.get(line.event_no);
      if (event !== undefined) add(destination, { event, line, verdict: verdictOf(line, lines?.get(lineKey(line.event_no, line.line_no)) ?? []) }, maxItems);
    }
  }
  addReversals(day, chunk.deliveries);
}
