import { crashPoint } from '../ops/crash-point.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { OPEN_STATES_SQL } from './states.ts';

const REQUEUE = `UPDATE delivery SET state = 'queued', claimed_by = NULL, lease_until = NULL WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state = 'claimed' AND lease_until < ?`;
const UNKNOWN = `UPDATE delivery SET state = 'unknown', reason = 'CRASHED', due_at = ?, absent_since = NULL, claimed_by = NULL, lease_until = NULL WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state = 'sent' AND lease_until < ?`;
const UNCLAIM = `UPDATE delivery SET claimed_by = NULL, lease_until = NULL WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state IN ('unknown', 'processing') AND lease_until < ?`;
const RENEW = `UPDATE delivery SET lease_until = ? WHERE institution = ? AND delivery_no = ? AND claimed_by = ?`;

export interface LaneKey { readonly institution: string; readonly destination: string }

/**
 * Takes up what a process left behind: claimed and not sent goes back to the queue, sent without an answer becomes unknown
 * (ask first), a question cut short is asked again.
 * @param expiredBefore leases that ended before this are forfeited; Infinity at start-up when nobody else can be running
 * @returns how many deliveries were taken up
 */
export async function recoverLane(driver: SqlDriver, lane: LaneKey, times: { readonly nowMs: number; readonly expiredBefore: number }): Promise<number> {
  crashPoint('recovery.started');
  const bound = Number.isFinite(times.expiredBefore) ? times.expiredBefore : Number.MAX_SAFE_INTEGER;
  const count = await driver.write(async (q) => {
    const requeued = await q.run(REQUEUE, [lane.institution, lane.destination, bound]);
    const unknown = await q.run(UNKNOWN, [times.nowMs, lane.institution, lane.destination, bound]);
    const unclaimed = await q.run(UNCLAIM, [lane.institution, lane.destination, bound]);
    return requeued + unknown + unclaimed;
  });
  crashPoint('recovery.finished');
  return count;
}

/** Says that this process is still at work on the deliveries it has in hand. */
export async function renewLeases(driver: SqlDriver, hand: { readonly institution: string; readonly claimedBy: string; readonly deliveryNos: Iterable<number> }, leaseUntil: number): Promise<void> {
  await driver.write(async (q) => {
    for (const deliveryNo of hand.deliveryNos) await q.run(RENEW, [leaseUntil, hand.institution, deliveryNo, hand.claimedBy]);
  });
}
