import type { SqlQuery } from '../ports/sql-driver.ts';
import { byKeys, manyRows } from '../store/many-rows.ts';
import type { Band } from './bands.ts';

export const SETTLED_BY = ['receipt', 'verification', 'void', 'person'] as const;
export type SettledBy = (typeof SETTLED_BY)[number];

export interface EmergencyRow {
  readonly event_no: number; readonly source: string; readonly event_id: string; readonly document_no: string | null; readonly location: string | null;
  readonly started_at: number; readonly hours: number; readonly due_at: number; readonly uncoded_lines: number;
  readonly state: 'open' | 'settled'; readonly settled_at: number | null; readonly settled_by: SettledBy | null; readonly settled_note: string | null;
}

const COLUMNS = 'event_no, source, event_id, document_no, location, started_at, hours, due_at, uncoded_lines, state, settled_at, settled_by, settled_note';
const INSERT_EMERGENCY = `INSERT INTO emergency_use (institution, event_no, source, event_id, document_no, location, started_at, hours, due_at, uncoded_lines, state)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (institution, event_no) DO NOTHING`;
const insertCodeRows = manyRows('INSERT INTO emergency_code (institution, event_no, code)', 3, 'ON CONFLICT (institution, event_no, code) DO NOTHING');
/** index emergency_open */
export const SELECT_OPEN = `SELECT ${COLUMNS} FROM emergency_use WHERE institution = ? AND state = 'open' AND (due_at > ? OR (due_at = ? AND event_no > ?)) ORDER BY due_at, event_no LIMIT ?`;
/** primary key of emergency_use */
export const SELECT_SETTLED = `SELECT ${COLUMNS} FROM emergency_use WHERE institution = ? AND state = 'settled' AND event_no < ? ORDER BY event_no DESC LIMIT ?`;
/** index emergency_open */
export const COUNT_OPEN_EMERGENCIES = "SELECT COUNT(*) AS open_count, COALESCE(SUM(CASE WHEN due_at <= ? THEN 1 ELSE 0 END), 0) AS overdue FROM emergency_use WHERE institution = ? AND state = 'open'";
const SETTLE = "UPDATE emergency_use SET state = 'settled', settled_at = ?, settled_by = ?, settled_note = ? WHERE institution = ? AND event_no = ? AND state = 'open'";
/** primary key of emergency_code */
export const SELECT_CODES = 'SELECT code, caught_up_at FROM emergency_code WHERE institution = ? AND event_no = ? ORDER BY code';
const CATCH_UP = 'UPDATE emergency_code SET caught_up_at = ? WHERE institution = ? AND code = ? AND caught_up_at IS NULL';
/** index emergency_code_open */
export const SELECT_EVENTS_OF_CODE = 'SELECT event_no FROM emergency_code WHERE institution = ? AND code = ? AND caught_up_at IS NULL';
/** primary key of emergency_band */
export const SELECT_BANDS = 'SELECT band FROM emergency_band WHERE institution = ? AND event_no = ?';
const INSERT_BAND = 'INSERT INTO emergency_band (institution, event_no, band, told_at) VALUES (?, ?, ?, ?) ON CONFLICT (institution, event_no, band) DO NOTHING';
/** primary keys of code_event and event, index event_by_refers: a receipt that was voided caught nothing up */
export const SELECT_RECEIPT_OF_CODE = `SELECT e.received_at FROM code_event JOIN event e ON e.institution = code_event.institution AND e.event_no = code_event.event_no
  WHERE code_event.institution = ? AND code_event.code = ? AND e.kind IN ('receipt', 'transfer-in', 'gift-in')
    AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void')
  ORDER BY e.received_at LIMIT 1`;
/** index event_by_refers */
export const SELECT_VOID_OF = "SELECT received_at FROM event WHERE institution = ? AND source = ? AND refers = ? AND kind = 'void' LIMIT 1";

export interface NewEmergency {
  readonly institution: string; readonly eventNo: number; readonly source: string; readonly eventId: string; readonly documentNo: string | undefined; readonly location: string | undefined;
  readonly startedAt: number; readonly hours: number; readonly dueAt: number; readonly uncodedLines: number; readonly codes: readonly string[];
}

export async function insertEmergency(q: SqlQuery, emergency: NewEmergency): Promise<void> {
  const { institution, eventNo, source, eventId, documentNo, location, startedAt, hours, dueAt, uncodedLines, codes } = emergency;
  await q.run(INSERT_EMERGENCY, [institution, eventNo, source, eventId, documentNo ?? null, location ?? null, startedAt, hours, dueAt, uncodedLines]);
  await insertCodeRows(q, codes.map((code) => [institution, eventNo, code]));
}

export interface OpenAfter { readonly dueAt: number; readonly eventNo: number }

/** @returns open emergencies in the order they fall due, from after the given one */
export async function readOpen(q: SqlQuery, institution: string, after: OpenAfter | undefined, limit: number): Promise<EmergencyRow[]> {
  const { dueAt, eventNo } = after ?? { dueAt: Number.MIN_SAFE_INTEGER, eventNo: 0 };
  return q.all<EmergencyRow>(SELECT_OPEN, [institution, dueAt, dueAt, eventNo, limit]);
}

/** @returns settled emergencies, the latest first */
export async function readSettled(q: SqlQuery, institution: string, before: number | undefined, limit: number): Promise<EmergencyRow[]> {
  return q.all<EmergencyRow>(SELECT_SETTLED, [institution, before ?? Number.MAX_SAFE_INTEGER, limit]);
}

export async function countOpen(q: SqlQuery, institution: string, nowMs: number): Promise<{ readonly open: number; readonly overdue: number }> {
  const row = await q.get<{ open_count: number; overdue: number }>(COUNT_OPEN_EMERGENCIES, [nowMs, institution]);
  return { open: row?.open_count ?? 0, overdue: row?.overdue ?? 0 };
}

export async function readCodes(q: SqlQuery, institution: string, eventNo: number): Promise<readonly { readonly code: string; readonly caughtUpAt: number | undefined }[]> {
  const rows = await q.all<{ code: string; caught_up_at: number | null }>(SELECT_CODES, [institution, eventNo]);
  return rows.map((row) => ({ code: row.code, caughtUpAt: row.caught_up_at ?? undefined }));
}

/** @returns false when somebody else settled it before */
export async function settle(q: SqlQuery, institution: string, eventNo: number, how: { readonly by: SettledBy; readonly at: number; readonly note?: string }): Promise<boolean> {
  return await q.run(SETTLE, [how.at, how.by, how.note ?? null, institution, eventNo]) > 0;
}

/** Notes that a code was received or verified. @returns the emergencies that waited for it */
export async function catchUpCode(q: SqlQuery, institution: string, code: string, atMs: number): Promise<readonly number[]> {
  const waiting = await q.all<{ event_no: number }>(SELECT_EVENTS_OF_CODE, [institution, code]);
  if (waiting.length > 0) await q.run(CATCH_UP, [atMs, institution, code]);
  return waiting.map((row) => row.event_no);
}

export async function readTold(q: SqlQuery, institution: string, eventNo: number): Promise<ReadonlySet<number>> {
  return new Set((await q.all<{ band: number }>(SELECT_BANDS, [institution, eventNo])).map(({ band }) => band));
}

/** @returns false when it was told before, by whatever process */
export async function markTold(q: SqlQuery, institution: string, eventNo: number, band: Band, atMs: number): Promise<boolean> {
  return await q.run(INSERT_BAND, [institution, eventNo, band, atMs]) > 0;
}

const selectWaiting = byKeys('SELECT DISTINCT code FROM emergency_code WHERE caught_up_at IS NULL AND institution = ? AND code IN');

/**
 * Which of the codes went to a patient in an emergency and wait for their receipt: for these a receipt is the catch-up, not a pack
 * that comes in after it was sold. Index emergency_code_open.
 */
export async function waitingCodes(q: SqlQuery, institution: string, codes: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await selectWaiting<{ code: string }>(q, [institution], codes)).map(({ code }) => code));
}
