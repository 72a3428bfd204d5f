import { attachLateSettlement } from '../intake/settlement.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { findDelivery, type DeliveryRow } from './delivery-store.ts';
import { nothingIsLeft } from './returned-wholly.ts';
import { releaseWaiting } from './settle.ts';

/**
 * A dispense that is held for its settlement and comes back whole before that arrives: nothing went out, so nothing has to be
 * taken back, and neither is owed (insurance.md 9: a sale follows its settlement). Both are closed with the reason, and the next
 * sale of the pack waits for nobody. A return of part of it keeps waiting for the settlement.
 */

/** delivery_wait.hard of a return and the held dispense it closed: it keeps nobody waiting, a void of the return finds both by it */
const CLOSED_TOGETHER = 2;
const MOST_ROWS = 64;

/** primary key of delivery_wait */
const SELECT_TARGETS = `SELECT waits_for AS no FROM delivery_wait WHERE institution = ? AND delivery_no = ? AND hard = 1`;
/** index delivery_wait_for */
const SELECT_WAITERS = `SELECT delivery_no AS no FROM delivery_wait WHERE institution = ? AND waits_for = ? AND hard = 1`;
/** primary key of delivery; locked, so that a settlement arriving at the same moment releases it before or after, not meanwhile */
const LOCK = `SELECT state FROM delivery WHERE institution = ? AND delivery_no = ? FOR UPDATE`;
const CLOSE = `UPDATE delivery SET state = 'not-owed', hold = NULL, reason = NULL, detail = ?, settled_at = (SELECT n.created_at FROM delivery n WHERE n.institution = ? AND n.delivery_no = ?) WHERE institution = ? AND delivery_no = ?`;
const LINK = `INSERT INTO delivery_wait (institution, delivery_no, waits_for, hard) VALUES (?,?,?,${String(CLOSED_TOGETHER)}) ON CONFLICT (institution, delivery_no, waits_for) DO UPDATE SET hard = ${String(CLOSED_TOGETHER)}`;

/** @returns whether the return, and what it takes back, were closed as not owed */
export async function closeReturnedUnsent(q: SqlQuery, institution: string, returnNo: number): Promise<boolean> {
  const group = await groupOf(q, institution, returnNo);
  if (group === undefined || !(await nothingIsLeft(q, institution, group))) return false;
  const close = async (row: DeliveryRow, why: string): Promise<void> => {
    await q.run(CLOSE, [why, institution, returnNo, institution, row.deliveryNo]);
    await releaseWaiting(q, { institution, deliveryNo: row.deliveryNo, state: 'not-owed', nowMs: 0 });
  };
  for (const row of group.dispensed) await close(row, '结算前已全部退回，从未上报，无需上报；结算之后到达也不再上报');
  for (const row of group.returns) await close(row, '所退药品的发药在上报前已全部退回，发药与退药都无需上报');
  for (const back of group.returns) for (const row of group.dispensed) await q.run(LINK, [institution, back.deliveryNo, row.deliveryNo]);
  return true;
}

export interface ReturnedGroup { readonly dispensed: readonly DeliveryRow[]; readonly returns: readonly DeliveryRow[] }

/** @returns the held dispenses that the return waits for, with all returns that wait for them; undefined when anything of it went out, or may have */
async function groupOf(q: SqlQuery, institution: string, returnNo: number): Promise<ReturnedGroup | undefined> {
  const dispensed = new Map<number, DeliveryRow>();
  const returns = new Map<number, DeliveryRow>();
  const open = [returnNo];
  for (let no = open.pop(); no !== undefined; no = open.pop()) {
    if (returns.has(no)) continue;
    const back = await findDelivery(q, institution, no);
    if (back === undefined || back.reverses !== undefined || back.firstSentAt !== undefined || !['queued', 'held', 'needs-attention'].includes(back.state)) return undefined;
    returns.set(no, back);
    for (const target of await q.all<{ no: number }>(SELECT_TARGETS, [institution, no])) {
      if (dispensed.has(target.no) || returns.has(target.no)) continue;
      await q.get(LOCK, [institution, target.no]);
      const row = await findDelivery(q, institution, target.no);
      if (row === undefined) return undefined;
      // a return of the same dispense, filed before this one
      if (row.state === 'queued' && row.firstSentAt === undefined) { open.push(target.no); continue; }
      if (row.state !== 'held' || row.firstSentAt !== undefined) return undefined;
      dispensed.set(target.no, row);
      open.push(...(await q.all<{ no: number }>(SELECT_WAITERS, [institution, target.no])).map((waiter) => waiter.no));
    }
    if (dispensed.size + returns.size + open.length > MOST_ROWS) return undefined;
  }
  return dispensed.size === 0 ? undefined : { dispensed: [...dispensed.values()], returns: [...returns.values()] };
}

/** returns that were closed together with their dispense, and were voided since (primary keys, index event_by_refers) */
export const SELECT_VOIDED_RETURNS = `SELECT DISTINCT w.delivery_no AS no FROM delivery_wait w JOIN delivery r ON r.institution = w.institution AND r.delivery_no = w.delivery_no
  JOIN event e ON e.institution = r.institution AND e.event_no = r.event_no
  WHERE w.institution = ? AND w.hard = ${String(CLOSED_TOGETHER)} AND r.destination = ? AND r.state = 'not-owed'
  AND EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void') LIMIT 100`;
/** of a dispense that was voided itself nothing is owed any more */
const SELECT_CLOSED = `SELECT w.waits_for AS no, e.event_no FROM delivery_wait w JOIN delivery d ON d.institution = w.institution AND d.delivery_no = w.waits_for
  JOIN event e ON e.institution = d.institution AND e.event_no = d.event_no
  WHERE w.institution = ? AND w.delivery_no = ? AND w.hard = ${String(CLOSED_TOGETHER)} AND d.state = 'not-owed'
  AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void')`;
/** primary key of delivery_wait */
const SELECT_CLOSED_TOGETHER = `SELECT waits_for FROM delivery_wait WHERE institution = ? AND delivery_no = ? AND hard = ${String(CLOSED_TOGETHER)} LIMIT 1`;
/** primary key of event_settlement */
const SELECT_ATTACHED = `SELECT settlement_id FROM event_settlement WHERE institution = ? AND event_no = ?`;
const REOPEN = `UPDATE delivery SET state = ?, hold = ?, detail = NULL, settled_at = NULL, due_at = ? WHERE institution = ? AND delivery_no = ? AND state = 'not-owed'`;
const WAIT_AGAIN = `UPDATE delivery_wait SET hard = 1 WHERE institution = ? AND waits_for = ? AND hard = ${String(CLOSED_TOGETHER)}`;
const SELECT_OTHER_RETURNS = `SELECT delivery_no AS no FROM delivery_wait WHERE institution = ? AND waits_for = ? AND hard = ${String(CLOSED_TOGETHER)}`;
const VOIDED = `UPDATE delivery SET state = 'withdrawn', detail = '退药已作废' WHERE institution = ? AND delivery_no = ? AND state = 'not-owed'`;
const FORGET = `DELETE FROM delivery_wait WHERE institution = ? AND delivery_no = ?`;

/**
 * A voided return leaves the drugs with the patient: the dispense it had closed is owed again, held until its settlement or, when
 * that has arrived, at once. @returns how many returns were undone
 */
export async function restoreVoidedReturns(driver: SqlDriver, lane: { readonly institution: string; readonly destination: string }, nowMs: number): Promise<number> {
  const voided = await driver.read((q) => q.all<{ no: number }>(SELECT_VOIDED_RETURNS, [lane.institution, lane.destination]));
  for (const { no } of voided) await driver.write((q) => restoreReturned(q, lane.institution, { returnNo: no, nowMs }));
  return voided.length;
}

interface ClosedRow { readonly no: number; readonly event_no: number }

/** Undoes the closing of one return that was voided; does nothing for a row that was not closed so. */
export async function restoreReturned(q: SqlQuery, institution: string, { returnNo, nowMs }: { readonly returnNo: number; readonly nowMs: number }): Promise<void> {
  if (await q.get(SELECT_CLOSED_TOGETHER, [institution, returnNo]) === undefined) return;
  const closed = await q.all<ClosedRow>(SELECT_CLOSED, [institution, returnNo]);
  await q.run(FORGET, [institution, returnNo]);
  await q.run(VOIDED, [institution, returnNo]);
  for (const row of closed) {
    const attached = await q.get(SELECT_ATTACHED, [institution, row.event_no]) !== undefined;
    await q.run(REOPEN, [attached ? 'queued' : 'held', attached ? null : 'settlement', nowMs, institution, row.no]);
    // its settlement may have arrived while it was closed: then it goes at once
    if (!attached) await attachLateSettlement(q, { institution, eventNo: row.event_no, nowMs });
    for (const other of await q.all<{ no: number }>(SELECT_OTHER_RETURNS, [institution, row.no])) await q.run(REOPEN, ['queued', null, nowMs, institution, other.no]);
    await q.run(WAIT_AGAIN, [institution, row.no]);
  }
}
