import type { TraceEvent } from '../domain/event.ts';
import type { HisRecord } from '../ports/his-record.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { ReadOnlyStore } from './read-only-store.ts';
import type { Chosen } from './select.ts';

/** A record of the store with the events that became of it. */
export interface StoredUnit {
  readonly recordNo: number;
  readonly record: HisRecord;
  readonly receivedAt: number;
  readonly state: 'taken' | 'noted' | 'quarantined' | 'superseded' | 'retried';
  readonly error?: { readonly code: string; readonly field?: string };
  readonly events: readonly TraceEvent[];
  /** compared, not only played for what it does to the ledger */
  readonly chosen: boolean;
}

interface StoredEvent { event_no: number; record_no: number; body: string }
interface StoredRecord { record_no: number; source: string; control_id: string; interpreter: string; media: HisRecord['media']; charset: string; body: Uint8Array; received_at: number; state: StoredUnit['state']; error_code: string | null; error_field: string | null }

/** primary key of event */
export const SELECT_PAGE = 'SELECT event_no, record_no, body FROM event WHERE institution = ? AND event_no >= ? AND event_no <= ? ORDER BY event_no LIMIT 500';
/** primary key of record */
export const SELECT_RECORD = 'SELECT record_no, source, control_id, interpreter, media, charset, body, received_at, state, error_code, error_field FROM record WHERE institution = ? AND record_no = ?';
const PAGE = 500;

/** Everything from the first to the last chosen record, in the order in which it came in; what lies between is played too, because the ledger moved on by it. */
export async function* walk(store: ReadOnlyStore, institution: string, chosen: Chosen): AsyncIterable<StoredUnit> {
  const without = [...chosen.without];
  const done = new Set<number>();
  let held: StoredEvent[] = [];
  for (let next = chosen.first; next <= chosen.last || held.length > 0;) {
    const from = next;
    const page = await store.read((q) => q.all<StoredEvent>(SELECT_PAGE, [institution, from, chosen.last]));
    const rows = [...held, ...page];
    const full = page.length === PAGE;
    next = full ? (page.at(-1)?.event_no ?? from) + 1 : chosen.last + 1;
    // the events of the last record of a page may go on in the next
    const cut = rows.at(-1)?.record_no;
    held = full ? rows.filter((row) => row.record_no === cut) : [];
    for (const [recordNo, events] of byRecord(full ? rows.filter((row) => row.record_no !== cut) : rows)) {
      if (done.has(recordNo)) continue;
      while ((without[0] ?? Infinity) < recordNo) yield* unitOf(store, institution, { recordNo: without.shift() ?? 0, events: [], chosen: true });
      done.add(recordNo);
      yield* unitOf(store, institution, { recordNo, events, chosen: chosen.recordNos.has(recordNo) });
    }
  }
  for (const recordNo of without) yield* unitOf(store, institution, { recordNo, events: [], chosen: true });
}

function byRecord(rows: readonly StoredEvent[]): Map<number, StoredEvent[]> {
  const records = new Map<number, StoredEvent[]>();
  for (const row of rows) {
    const events = records.get(row.record_no) ?? [];
    events.push(row);
    records.set(row.record_no, events);
  }
  return records;
}

async function* unitOf(store: ReadOnlyStore, institution: string, what: { readonly recordNo: number; readonly events: readonly StoredEvent[]; readonly chosen: boolean }): AsyncIterable<StoredUnit> {
  const row = await store.read((q: SqlQuery) => q.get<StoredRecord>(SELECT_RECORD, [institution, what.recordNo]));
  if (row === undefined) return;
  yield {
    recordNo: what.recordNo, receivedAt: row.received_at, state: row.state, chosen: what.chosen, events: what.events.map(({ body }) => JSON.parse(body) as TraceEvent),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, ...(row.error_field === null ? {} : { field: row.error_field }) } }),
    record: { institution, source: row.source, controlId: row.control_id, media: row.media, charset: row.charset, bytes: row.body, interpreter: row.interpreter },
  };
}
