import type { SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import type { ImportedNotice, RecallNotice } from './notice.ts';
import { approvalKey, EVERY_LOT, lotKey } from './recalled-lots.ts';
import { RECALL_STATES, type RecallState } from './recall-state.ts';

/** A notice on file. */
export interface StoredRecall extends Omit<RecallNotice, 'lots'> {
  readonly recallNo: number;
  readonly lots: readonly string[];
  readonly state: RecallState;
  readonly closeReason: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface RecallStep { readonly at: number; readonly by: string; readonly from: string; readonly to: string; readonly note: string | undefined }

/** index recall_notice */
export const SELECT_BY_NOTICE = 'SELECT recall_no FROM recall WHERE institution = ? AND notice_no = ? AND approval_no = ?';
/** primary key of recall */
export const SELECT_LAST_NO = 'SELECT MAX(recall_no) AS last FROM recall WHERE institution = ?';
const INSERT = `INSERT INTO recall (institution, recall_no, notice_no, issuer, issued_on, approval_no, drug_name, manufacturer, level, reason, state, owner, created_at, updated_at)
  VALUES (?,?,?,?,?,?,?,?,?,?,'open',?,?,?)`;
const INSERT_LOT = 'INSERT INTO recall_lot (institution, approval_key, lot_key, recall_no, lot) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING';
const INSERT_STEP = 'INSERT INTO recall_step (institution, recall_no, step_no, at, by_whom, from_state, to_state, note) VALUES (?,?,?,?,?,?,?,?)';
const COLUMNS = 'recall_no, notice_no, issuer, issued_on, approval_no, drug_name, manufacturer, level, reason, state, owner, close_reason, created_at, updated_at';
/** primary key of recall */
export const SELECT_RECALLS = `SELECT ${COLUMNS} FROM recall WHERE institution = ? ORDER BY recall_no DESC LIMIT 1000`;
export const SELECT_RECALL = `SELECT ${COLUMNS} FROM recall WHERE institution = ? AND recall_no = ?`;
/** index recall_lot_by_recall */
export const SELECT_LOTS = 'SELECT lot FROM recall_lot WHERE institution = ? AND recall_no = ? ORDER BY lot';
/** primary key of recall_step */
export const SELECT_STEPS = 'SELECT step_no, at, by_whom, from_state, to_state, note FROM recall_step WHERE institution = ? AND recall_no = ? ORDER BY step_no';
const UPDATE = 'UPDATE recall SET state = ?, owner = COALESCE(?, owner), close_reason = COALESCE(?, close_reason), updated_at = ? WHERE institution = ? AND recall_no = ?';

/** Files a notice; the same notice again adds what lots are new. In force with the transaction, in other processes within a second. */
export async function importNotice(q: SqlQuery, institution: string, notice: RecallNotice, by: { readonly name: string; readonly atMs: number }): Promise<ImportedNotice> {
  await passGate(q, institution, 'recall');
  const known = await q.get<{ recall_no: number }>(SELECT_BY_NOTICE, [institution, notice.noticeNo, notice.approvalNo]);
  const recallNo = known?.recall_no ?? ((await q.get<{ last: number | null }>(SELECT_LAST_NO, [institution]))?.last ?? 0) + 1;
  if (known === undefined) {
    await q.run(INSERT, [
      institution, recallNo, notice.noticeNo, notice.issuer ?? null, notice.issuedOn ?? null, notice.approvalNo, notice.drugName ?? null, notice.manufacturer ?? null, notice.level ?? null,
      notice.reason ?? null, notice.owner ?? null, by.atMs, by.atMs,
    ]);
    await q.run(INSERT_STEP, [institution, recallNo, 1, by.atMs, by.name, '', 'open', null]);
  }
  let lotsAdded = 0;
  for (const lot of notice.lots) lotsAdded += await q.run(INSERT_LOT, [institution, approvalKey(notice.approvalNo), lot === EVERY_LOT ? lot : lotKey(lot), recallNo, lot]);
  const result = known === undefined ? 'imported' : lotsAdded > 0 ? 'extended' : 'duplicate';
  return { recallNo, noticeNo: notice.noticeNo, approvalNo: notice.approvalNo, result, lotsAdded };
}

/** @returns the notices, newest first, that name the product or the lot (all when neither is asked for) */
export async function listRecalls(q: SqlQuery, institution: string, wanted: { readonly approvalNo?: string | undefined; readonly lot?: string | undefined; readonly state?: RecallState | undefined }): Promise<readonly StoredRecall[]> {
  const found: StoredRecall[] = [];
  for (const row of await q.all<RecallRow>(SELECT_RECALLS, [institution])) {
    if (wanted.approvalNo !== undefined && approvalKey(row.approval_no) !== approvalKey(wanted.approvalNo)) continue;
    if (wanted.state !== undefined && row.state !== wanted.state) continue;
    const recall = await withLots(q, institution, row);
    const { lot } = wanted;
    if (lot === undefined || recall.lots.some((one) => one === EVERY_LOT || lotKey(one) === lotKey(lot))) found.push(recall);
  }
  return found;
}

export async function readRecall(q: SqlQuery, institution: string, recallNo: number): Promise<StoredRecall | undefined> {
  const row = await q.get<RecallRow>(SELECT_RECALL, [institution, recallNo]);
  return row === undefined ? undefined : withLots(q, institution, row);
}

export async function readSteps(q: SqlQuery, institution: string, recallNo: number): Promise<readonly RecallStep[]> {
  const rows = await q.all<{ at: number; by_whom: string; from_state: string; to_state: string; note: string | null }>(SELECT_STEPS, [institution, recallNo]);
  return rows.map((row) => ({ at: row.at, by: row.by_whom, from: row.from_state, to: row.to_state, note: row.note ?? undefined }));
}

/** Moves a recall on; the caller has asked whyNotMoved, inside the same transaction. */
export async function moveRecall(q: SqlQuery, institution: string, recall: StoredRecall, move: { readonly to: RecallState; readonly by: string; readonly atMs: number; readonly note?: string | undefined; readonly owner?: string | undefined }): Promise<void> {
  await q.run(UPDATE, [move.to, move.owner ?? null, move.to === 'closed' || move.to === 'withdrawn' ? move.note ?? null : null, move.atMs, institution, recall.recallNo]);
  const steps = await readSteps(q, institution, recall.recallNo);
  await q.run(INSERT_STEP, [institution, recall.recallNo, steps.length + 1, move.atMs, move.by, recall.state, move.to, move.note ?? null]);
}

interface RecallRow {
  recall_no: number; notice_no: string; issuer: string | null; issued_on: string | null; approval_no: string; drug_name: string | null; manufacturer: string | null; level: number | null;
  reason: string | null; state: string; owner: string | null; close_reason: string | null; created_at: number; updated_at: number;
}

async function withLots(q: SqlQuery, institution: string, row: RecallRow): Promise<StoredRecall> {
  const lots = await q.all<{ lot: string }>(SELECT_LOTS, [institution, row.recall_no]);
  return {
    recallNo: row.recall_no, noticeNo: row.notice_no, issuer: row.issuer ?? undefined, issuedOn: row.issued_on ?? undefined, approvalNo: row.approval_no, drugName: row.drug_name ?? undefined,
    manufacturer: row.manufacturer ?? undefined, level: row.level ?? undefined, reason: row.reason ?? undefined, owner: row.owner ?? undefined, closeReason: row.close_reason ?? undefined,
    state: RECALL_STATES.find((state) => state === row.state) ?? 'open', createdAt: row.created_at, updatedAt: row.updated_at, lots: lots.map(({ lot }) => lot),
  };
}
