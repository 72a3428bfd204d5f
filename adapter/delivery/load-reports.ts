import type { Report, ReportedEvent } from '../ports/destination.ts';
import { findDelivery, type DeliveryRow } from './delivery-store.ts';
import { loadReported, SELECT_EVENT_BODY, type Loading } from './load-reported.ts';

/** What a delivery speaks of: its event, and for a reversal what it takes back. */
export interface Subject {
  readonly reported: ReportedEvent;
  readonly reverses?: NonNullable<Report['reverses']>;
}

/** Subjects by delivery number. */
export type Subjects = ReadonlyMap<number, Subject>;

/**
 * Loads what the deliveries of one call speak of: each event once, with the lines that the deliveries cover together.
 * Deliveries of the same lines share one object, so that a connector can work out once what they have in common.
 * @throws when an event is missing, which the store's keys rule out, or when the loading's signal was aborted
 */
export async function loadSubjects(loading: Loading, rows: readonly DeliveryRow[]): Promise<Subjects> {
  const originals = new Map<number, DeliveryRow | undefined>();
  for (const { reverses } of rows) if (reverses !== undefined && !originals.has(reverses)) originals.set(reverses, await findDelivery(loading.q, loading.institution.code, reverses));
  const originalOf = (row: DeliveryRow): DeliveryRow | undefined => (row.reverses === undefined ? undefined : originals.get(row.reverses));
  const coversOf = (row: DeliveryRow): readonly string[] => originalOf(row)?.covers ?? row.covers;

  const wanted = new Map<number, (readonly string[])[]>();
  for (const row of rows) wanted.set(row.subjectNo, [...(wanted.get(row.subjectNo) ?? []), coversOf(row)]);
  const events = new Map<number, ReportedEvent>();
  for (const [eventNo, covers] of wanted) {
    const reported = await loadReported(loading, eventNo, union(covers));
    if (reported === undefined) throw new Error(`event ${String(eventNo)} of a delivery is missing`);
    events.set(eventNo, reported);
  }
  const askers = new Map<number, { id: string; occurredAt: string }>();
  for (const row of rows) if (originalOf(row) !== undefined && !askers.has(row.eventNo)) askers.set(row.eventNo, await voidOf(loading, row.eventNo));

  const narrowed = new Map<string, ReportedEvent>();
  const subjects = new Map<number, Subject>();
  for (const row of rows) {
    const whole = events.get(row.subjectNo);
    if (whole === undefined) continue;
    const covers = coversOf(row);
    const name = JSON.stringify([row.subjectNo, covers]);
    const reported = narrowed.get(name) ?? narrow(whole, covers);
    narrowed.set(name, reported);
    const original = originalOf(row);
    const by = askers.get(row.eventNo);
    subjects.set(row.deliveryNo, { reported, ...(original === undefined ? {} : { reverses: { operation: original.operation, key: original.key, ...(by === undefined ? {} : { by }) } }) });
  }
  return subjects;
}

/** @returns the reports behind delivery rows, in order. @throws when a row was not among those whose subjects were loaded */
export function reportsOf(rows: readonly DeliveryRow[], subjects: Subjects): Report[] {
  return rows.map((row) => {
    const subject = subjects.get(row.deliveryNo);
    if (subject === undefined) throw new Error(`nothing was loaded for delivery ${String(row.deliveryNo)}`);
    return {
      deliveryNo: row.deliveryNo, operation: row.operation, key: row.key, batchKey: row.batchKey, covers: row.covers, codes: row.codes, attempt: row.attempts, ...subject,
      ...(row.lastSentAt === undefined ? {} : { lastSentAt: row.lastSentAt }),
      ...(row.firstSentAt === undefined ? {} : { firstSentAt: row.firstSentAt }),
    };
  });
}

/** @returns every line that one of them covers; empty (every line) when one of them covers none by name */
function union(covers: readonly (readonly string[])[]): string[] {
  return covers.some((some) => some.length === 0) ? [] : [...new Set(covers.flat())];
}

function narrow(whole: ReportedEvent, covers: readonly string[]): ReportedEvent {
  if (covers.length === 0) return whole;
  const wanted = new Set(covers);
  return { ...whole, lines: whole.lines.filter(({ line }) => wanted.has(line.lineNo)) };
}

/** the event that asks for a reversal */
async function voidOf(loading: Loading, eventNo: number): Promise<{ id: string; occurredAt: string }> {
  const row = await loading.q.get<{ body: string }>(SELECT_EVENT_BODY, [loading.institution.code, eventNo]);
  const { id, occurredAt } = JSON.parse(row?.body ?? '{}') as { id?: string; occurredAt?: string };
  return { id: id ?? '', occurredAt: occurredAt ?? '' };
}
