import type { Finding } from '../domain/finding.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { HisRecord } from '../ports/his-record.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { manyRows } from '../store/many-rows.ts';
import { chinaDate, parseInstant } from '../domain/china-time.ts';

/** Statements of the intake; each names the index it uses. */

/** index event_key */
export const SELECT_EVENT_BY_KEY = `SELECT e.event_no, e.kind, e.content_sha, e.body, r.sha256 FROM event e
  LEFT JOIN record r ON r.institution = e.institution AND r.record_no = e.record_no
  WHERE e.institution = ? AND e.source = ? AND e.event_id = ?`;
const INSERT_RECORD = `INSERT INTO record (institution, record_no, source, control_id, interpreter, media, charset, sha256, body, received_at, state, error_code, error_field, error_value, detail)
  VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;
/** index record_by_control_id */
export const SELECT_SAME_QUARANTINED = `SELECT record_no FROM record WHERE institution = ? AND source = ? AND control_id = ? AND state = 'quarantined' AND sha256 = ?`;
const SUPERSEDE = `UPDATE record SET state = 'superseded', settled_at = ? WHERE institution = ? AND source = ? AND control_id = ? AND state = 'quarantined' AND control_id <> ''`;
const INSERT_EVENT = `INSERT INTO event (institution, event_no, source, event_id, kind, occurred_at, occurred_on, received_at, document_no, location, visit_no, refers, content_sha, record_no, body)
  VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;
const insertLineRows = manyRows('INSERT INTO event_line (institution, event_no, line_no, drug, lot, expires_on, quantity, unit, units, split, code_count, exclusion)', 12);
const insertFindingRows = manyRows('INSERT INTO finding (institution, event_no, finding_no, line_no, code, severity, trace_code, detail, found_at)', 9);

export interface KnownEvent { readonly eventNo: number; readonly kind: TraceEvent['kind']; readonly contentSha: string; readonly recordSha: string | undefined; readonly event: TraceEvent }

/** @returns the event on file under the idempotency key (institution, source, id) */
export async function findEvent(q: SqlQuery, institution: string, source: string, id: string): Promise<KnownEvent | undefined> {
  const row = await q.get<{ event_no: number; kind: TraceEvent['kind']; content_sha: string; body: string; sha256: string | null }>(SELECT_EVENT_BY_KEY, [institution, source, id]);
  if (row === undefined) return undefined;
  return { eventNo: row.event_no, kind: row.kind, contentSha: row.content_sha, recordSha: row.sha256 ?? undefined, event: JSON.parse(row.body) as TraceEvent };
}

export function insertRecord(q: SqlQuery, record: HisRecord, row: { readonly recordNo: number; readonly sha: string; readonly atMs: number; readonly state: 'taken' | 'noted' | 'quarantined'; readonly refusal?: Refusal; readonly note?: string }): Promise<unknown> {
  return q.run(INSERT_RECORD, [
    record.institution, row.recordNo, record.source, record.controlId, record.interpreter, record.media, record.charset, row.sha, record.bytes, row.atMs, row.state,
    row.refusal?.code ?? null, row.refusal?.field ?? null, row.refusal?.value ?? null, row.refusal?.detail ?? row.note ?? null,
  ]);
}

/** The HIS sent a quarantined record again and this time it was taken: the old copy is done with. */
export function supersedeQuarantined(q: SqlQuery, record: HisRecord, atMs: number): Promise<unknown> {
  return q.run(SUPERSEDE, [atMs, record.institution, record.source, record.controlId]);
}

export async function isQuarantined(q: SqlQuery, record: HisRecord, sha: string): Promise<boolean> {
  return (await q.get(SELECT_SAME_QUARANTINED, [record.institution, record.source, record.controlId, sha])) !== undefined;
}

export function insertEvent(q: SqlQuery, event: TraceEvent, row: { readonly eventNo: number; readonly recordNo: number; readonly contentSha: string; readonly atMs: number; readonly body: string }): Promise<unknown> {
  const occurredAt = parseInstant(event.occurredAt) ?? row.atMs;
  return q.run(INSERT_EVENT, [
    event.institution, row.eventNo, event.source, event.id, event.kind, occurredAt, chinaDate(occurredAt), row.atMs, event.documentNo ?? null,
    event.location ?? null, event.patient?.visitNo ?? null, event.refers ?? null, row.contentSha, row.recordNo, row.body,
  ]);
}

export interface StoredLine {
  readonly lineNo: string; readonly drug: string; readonly lot: string | undefined; readonly expiresOn: string | undefined; readonly quantity: string;
  readonly unit: string; readonly units: string | undefined; readonly split: boolean; readonly codeCount: number; readonly exclusion: string | undefined;
}

export function insertLines(q: SqlQuery, institution: string, eventNo: number, lines: readonly StoredLine[]): Promise<unknown> {
  return insertLineRows(q, lines.map((line) => [
    institution, eventNo, line.lineNo, line.drug, line.lot ?? null, line.expiresOn ?? null, line.quantity, line.unit, line.units ?? null,
    line.split ? 1 : 0, line.codeCount, line.exclusion ?? null,
  ]));
}

/** @param after findings of the event that are on file already */
export function insertFindings(q: SqlQuery, institution: string, eventNo: number, findings: readonly Finding[], atMs: number, after = 0): Promise<unknown> {
  return insertFindingRows(q, findings.map((finding, at) => [institution, eventNo, after + at + 1, finding.lineNo, finding.code, finding.severity, finding.traceCode ?? null, finding.detail ?? null, atMs]));
}
