import { chinaDate, parseInstant } from '../domain/china-time.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import { byKeys } from '../store/many-rows.ts';

/** index event_by_document; a receipt that was voided is none */
export const SELECT_RECEIPT_EVENTS = `SELECT e.event_no, e.body FROM event e WHERE e.institution = ? AND e.document_no = ? AND e.kind = 'receipt'
  AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void') ORDER BY e.event_no LIMIT 500`;
/** index event_key */
export const SELECT_RECEIPT_BY_KEY = `SELECT e.event_no, e.body FROM event e WHERE e.institution = ? AND e.source = ? AND e.event_id = ? AND e.kind = 'receipt'
  AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void')`;
const SELECT_EVER = `SELECT event_no FROM event WHERE institution = ? AND document_no = ? AND kind = 'receipt' LIMIT 1`;
/** primary key of event_line */
export const SELECT_EXCLUDED = 'SELECT line_no FROM event_line WHERE institution = ? AND event_no = ? AND exclusion IS NOT NULL';
/** primary key of receipt */
const MARK = `INSERT INTO receipt (institution, document_no, state, due_at, first_at, body) VALUES (?, ?, 'unchecked', ?, ?, '{}')
  ON CONFLICT (institution, document_no) DO UPDATE SET due_at = excluded.due_at`;
/** primary keys of code_event and event */
const selectReceiptsOfCodes = byKeys(`SELECT DISTINCT e.document_no, e.source, e.event_id FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no AND e.kind = 'receipt'
  WHERE m.institution = ? AND m.code IN`);
/** index event_by_day; what was taken after its receipt was last compared */
export const SELECT_UNSEEN = `SELECT e.kind, e.source, e.event_id, e.refers, e.document_no, e.body FROM event e LEFT JOIN receipt r ON r.institution = e.institution AND r.document_no = e.document_no
  WHERE e.institution = ? AND e.occurred_on >= ? AND e.kind IN ('receipt', 'void', 'supplier-return') AND e.received_at >= ? AND (r.document_no IS NULL OR r.checked_at IS NULL OR r.checked_at < e.received_at + 60000)
  ORDER BY e.occurred_on, e.event_no LIMIT 5000`;
/** index event_key */
export const SELECT_REFERRED = 'SELECT kind, document_no, source, event_id FROM event WHERE institution = ? AND source = ? AND event_id = ?';

export interface ReceiptEvent {
  readonly event: TraceEvent;
  /** lines no platform is owed (除外品种) */
  readonly excluded: ReadonlySet<string>;
}

/** What a receipt goes by: its document number, or the event itself where it names none. */
export function receiptKey(event: { readonly documentNo?: string | null; readonly source: string; readonly id: string }): string {
  return event.documentNo ?? `~${event.source}/${event.id}`;
}

/** @returns the events of the receipt that were not voided, in the order taken; undefined when there never was one */
export async function loadReceiptEvents(q: SqlQuery, institution: string, documentNo: string): Promise<readonly ReceiptEvent[] | undefined> {
  const keyed = /^~([^/]+)\/(.+)$/s.exec(documentNo);
  const rows = keyed === null
    ? await q.all<{ event_no: number; body: string }>(SELECT_RECEIPT_EVENTS, [institution, documentNo])
    : await q.all<{ event_no: number; body: string }>(SELECT_RECEIPT_BY_KEY, [institution, keyed[1] ?? '', keyed[2] ?? '']);
  if (rows.length === 0) {
    const ever = keyed === null ? await q.get(SELECT_EVER, [institution, documentNo]) : await q.get(SELECT_REFERRED, [institution, keyed[1] ?? '', keyed[2] ?? '']);
    return ever === undefined ? undefined : [];
  }
  const events: ReceiptEvent[] = [];
  for (const row of rows) {
    const excluded = await q.all<{ line_no: string }>(SELECT_EXCLUDED, [institution, row.event_no]);
    events.push({ event: JSON.parse(row.body) as TraceEvent, excluded: new Set(excluded.map((line) => line.line_no)) });
  }
  return events;
}

/** The receipt has to be compared again. Passes the gate of the receipt, so that a comparison under way does not overlook what the caller wrote. */
export async function markReceipt(q: SqlQuery, institution: string, documentNo: string, atMs: number): Promise<void> {
  await passGate(q, institution, `receipt:${documentNo}`);
  await q.run(MARK, [institution, documentNo, atMs, atMs]);
}

/** Receipts that brought any of the codes have to be compared again: a bill came or changed, goods went back to the supplier. */
export async function markReceiptsOfCodes(q: SqlQuery, institution: string, codes: readonly string[], atMs: number): Promise<readonly string[]> {
  const rows = await selectReceiptsOfCodes<{ document_no: string | null; source: string; event_id: string }>(q, [institution], codes);
  const documents = [...new Set(rows.map((row) => receiptKey({ documentNo: row.document_no, source: row.source, id: row.event_id })))].sort();
  for (const documentNo of documents) await markReceipt(q, institution, documentNo, atMs);
  return documents;
}

/**
 * Marks what an event of the intake bears on: its own receipt, the receipt it voids, the receipts whose goods go back. Call it in the intake's
 * transaction, after the event is written.
 * @param codes canonical codes of the event
 */
export async function noteForReceiving(q: SqlQuery, event: Pick<TraceEvent, 'institution' | 'source' | 'id' | 'kind' | 'documentNo' | 'refers'>, codes: readonly string[], atMs: number): Promise<void> {
  const { institution, kind, source, refers } = event;
  if (kind === 'receipt') await markReceipt(q, institution, receiptKey(event), atMs);
  else if (kind === 'supplier-return') await markReceiptsOfCodes(q, institution, codes, atMs);
  else if (kind === 'void' && refers !== undefined) {
    const referred = await q.get<{ kind: string; document_no: string | null; source: string; event_id: string }>(SELECT_REFERRED, [institution, source, refers]);
    if (referred?.kind === 'receipt') await markReceipt(q, institution, receiptKey({ documentNo: referred.document_no, source: referred.source, id: referred.event_id }), atMs);
    else if (referred?.kind === 'supplier-return') await markReceiptsOfCodes(q, institution, codes, atMs);
  }
}

/** Days back from which unmarked events are looked for; they were taken while nobody marked. */
const SWEEP_DAYS = 7;

/** @returns events of the last days that bear on a receipt and were taken since it was last compared */
export async function findUnseen(q: SqlQuery, institution: string, since: { readonly nowMs: number; readonly receivedFromMs: number }): Promise<readonly TraceEvent[]> {
  const day = chinaDate(since.nowMs - SWEEP_DAYS * 86_400_000);
  const rows = await q.all<{ body: string }>(SELECT_UNSEEN, [institution, day, since.receivedFromMs]);
  return rows.map(({ body }) => JSON.parse(body) as TraceEvent);
}

/** @returns when the first of the events happened, ms since epoch */
export function firstOf(events: readonly ReceiptEvent[]): number | undefined {
  const times = events.map(({ event }) => parseInstant(event.occurredAt)).filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
