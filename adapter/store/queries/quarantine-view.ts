import type { SqlQuery } from '../../ports/sql-driver.ts';
import { conditionsFor, marks } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import type { Page } from './events-view.ts';

/** Reading of quarantined records, and the filter that retry goes by. Instants are ms since epoch. */
export interface QuarantineFilter {
  readonly institution: string;
  readonly recordNos?: readonly number[] | undefined;
  readonly source?: string | undefined;
  readonly controlId?: string | undefined;
  /** error code on file */
  readonly code?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export const RECORD_STATES = ['quarantined', 'retried', 'superseded'] as const;
export type RecordState = (typeof RECORD_STATES)[number];

export interface RecordRow {
  readonly record_no: number; readonly source: string; readonly control_id: string; readonly media: string; readonly charset: string; readonly sha256: string;
  readonly received_at: number; readonly state: string; readonly error_code: string | null; readonly error_field: string | null; readonly error_value: string | null;
  readonly detail: string | null; readonly settled_at: number | null; readonly bytes: number;
}

const COLUMNS = 'record_no, source, control_id, media, charset, sha256, received_at, state, error_code, error_field, error_value, detail, settled_at, LENGTH(body) AS bytes';
/** primary key of record */
export const SELECT_RECORD = `SELECT ${COLUMNS}, body FROM record WHERE institution = ? AND record_no = ?`;
/** index record_quarantined, read alone: SQLite takes a partial index beside the primary key only where it need not touch the row */
const QUARANTINED_NOS = `SELECT w.record_no FROM record w WHERE w.institution = ? AND w.state = 'quarantined'`;
/** index record_quarantined, then primary key of record */
export const COUNT_QUARANTINED = `SELECT COUNT(*) AS n FROM record WHERE institution = ? AND record_no IN (${QUARANTINED_NOS}) AND received_at >= ? AND received_at < ?`;

/** @returns the WHERE clause over `record` that a filter means */
export function quarantineConditions(filter: QuarantineFilter, state: RecordState = 'quarantined'): Conditions {
  const where = conditionsFor('institution', filter.institution);
  if (state === 'quarantined') where.and(`record_no IN (${QUARANTINED_NOS})`, filter.institution);
  else where.and('state = ?', state);
  if (filter.recordNos !== undefined) where.and(`record_no IN (${marks(filter.recordNos.length)})`, ...filter.recordNos);
  if (filter.source !== undefined) where.and('source = ?', filter.source);
  if (filter.controlId !== undefined) where.and('control_id = ?', filter.controlId);
  if (filter.code !== undefined) where.and('error_code = ?', filter.code);
  if (filter.fromMs !== undefined) where.and('received_at >= ?', filter.fromMs);
  if (filter.toMs !== undefined) where.and('received_at < ?', filter.toMs);
  return where;
}

/** @returns one page of records in a state, newest first */
export async function listRecords(q: SqlQuery, filter: QuarantineFilter, state: RecordState, page: Page): Promise<RecordRow[]> {
  const where = quarantineConditions(filter, state);
  if (page.before !== undefined) where.and('record_no < ?', page.before);
  return q.all<RecordRow>(`SELECT ${COLUMNS} FROM record WHERE ${where.sql()} ORDER BY record_no DESC LIMIT ?`, [...where.params(), page.limit]);
}

/** @returns one record with its bytes, whatever its state */
export async function readRecord(q: SqlQuery, institution: string, recordNo: number): Promise<(RecordRow & { readonly body: Uint8Array }) | undefined> {
  return q.get<RecordRow & { body: Uint8Array }>(SELECT_RECORD, [institution, recordNo]);
}

/** @returns records received in the time span that still wait in quarantine */
export async function countQuarantined(q: SqlQuery, institution: string, fromMs: number, toMs: number): Promise<number> {
  return (await q.get<{ n: number }>(COUNT_QUARANTINED, [institution, institution, fromMs, toMs]))?.n ?? 0;
}
