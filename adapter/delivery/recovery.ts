import { crashPoint } from '../ops/crash-point.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { restoreVoidedReturns } from './returned-unsent.ts';
import { LeaseWatch } from './lease-watch.ts';
import { OPEN_STATES_SQL } from './states.ts';

/** What a lease says is believed only within these bounds: one that ends further ahead was given before the clock was set back. */
const FURTHEST_LEASE_MS = 600_000;
const EXPIRED = '(lease_until < ? OR lease_until > ?)';
const REQUEUE = `UPDATE delivery SET state = 'queued', claimed_by = NULL, lease_until = NULL WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state = 'claimed' AND ${EXPIRED}`;
const UNCLAIM = `UPDATE delivery SET claimed_by = NULL, lease_until = NULL WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state IN ('unknown', 'processing') AND ${EXPIRED}`;
/** index delivery_due */
export const SELECT_SENT = `SELECT delivery_no, claimed_by, lease_until FROM delivery WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} AND state = 'sent'`;
const UNKNOWN = `UPDATE delivery SET state = 'unknown', reason = 'CRASHED', due_at = ?, absent_since = NULL, claimed_by = NULL, lease_until = NULL
  WHERE institution = ? AND delivery_no = ? AND state = 'sent' AND claimed_by IS NOT DISTINCT FROM ? AND lease_until IS NOT DISTINCT FROM ?`;
const RENEW = `UPDATE delivery SET lease_until = ? WHERE institution = ? AND delivery_no = ? AND claimed_by = ?`;

export interface LaneKey { readonly institution: string; readonly destination: string }

/** What this process has seen of leases, for each store it works on. */
const watches = new WeakMap<SqlDriver, LeaseWatch>();

/**
 * Takes up what a process left behind: claimed and not sent goes back to the queue, sent without an answer becomes unknown
 * (ask first), a question cut short is asked again.
 *
 * A report that is being sent must never be taken for abandoned because some clock was set forward: it would be asked about, not
 * found yet, and sent twice. So a `sent` row is taken up only after this process has watched its lease stand still for the
 * length of a lease on a clock that nobody can set; a living sender renews it four times in between. The others may be taken up
 * by the host's clock: whoever still holds them notices before a byte leaves, or merely asks once more.
 * @param times.expiredBefore leases that ended before this are forfeited; Infinity at start-up when nobody else can be running
 * @param times.steadyNow milliseconds on a clock that nobody can set
 * @returns how many deliveries were taken up
 */
export async function recoverLane(driver: SqlDriver, lane: LaneKey, times: { readonly nowMs: number; readonly expiredBefore: number; readonly steadyNow?: number }): Promise<number> {
  crashPoint('recovery.started');
  const nobodyElse = !Number.isFinite(times.expiredBefore);
  const bound = nobodyElse ? Number.MAX_SAFE_INTEGER : times.expiredBefore;
  const watch = watchOf(driver);
  const steadyNow = times.steadyNow ?? performance.now();
  const count = await driver.write(async (q) => {
    const expired = [bound, times.nowMs + FURTHEST_LEASE_MS];
    const requeued = await q.run(REQUEUE, [lane.institution, lane.destination, ...expired]);
    const unclaimed = await q.run(UNCLAIM, [lane.institution, lane.destination, ...expired]);
    return requeued + unclaimed + await takeUpSent(q, lane, { nowMs: times.nowMs, isDead: (rows) => (nobodyElse ? rows : watch.standingStill(`${lane.institution}\u0000${lane.destination}`, rows, steadyNow)) });
  });
  await restoreVoidedReturns(driver, lane, times.nowMs);
  crashPoint('recovery.finished');
  return count;
}

function watchOf(driver: SqlDriver): LeaseWatch {
  const watch = watches.get(driver) ?? new LeaseWatch();
  watches.set(driver, watch);
  return watch;
}

interface SentRow { readonly delivery_no: number; readonly claimed_by: string | null; readonly lease_until: number | null }

async function takeUpSent(q: SqlQuery, lane: LaneKey, how: { readonly nowMs: number; readonly isDead: (rows: readonly SentRow[]) => readonly SentRow[] }): Promise<number> {
  let count = 0;
  for (const row of how.isDead(await q.all<SentRow>(SELECT_SENT, [lane.institution, lane.destination]))) {
    count += await q.run(UNKNOWN, [how.nowMs, lane.institution, row.delivery_no, row.claimed_by, row.lease_until]);
  }
  return count;
}

/** Says that this process is still at work on the deliveries it has in hand. */
export async function renewLeases(driver: SqlDriver, hand: { readonly institution: string; readonly claimedBy: string; readonly deliveryNos: Iterable<number> }, leaseUntil: number): Promise<void> {
  await driver.write(async (q) => {
    for (const deliveryNo of hand.deliveryNos) await q.run(RENEW, [leaseUntil, hand.institution, deliveryNo, hand.claimedBy]);
  });
}
