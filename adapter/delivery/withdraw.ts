import type { SqlQuery } from '../ports/sql-driver.ts';
import { tellsForOthers } from './standing-openings.ts';
import type { DeliveryRow } from './delivery-store.ts';
import { releaseWaiting } from './settle.ts';

/**
 * Only states in which the platform provably has nothing: queued and held rows are not there (never sent, or refused, or
 * answered as absent), rejected rows were refused, rows that need attention are covered when nothing ever went out.
 */
const WITHDRAW = `UPDATE delivery SET state = 'withdrawn', hold = NULL, detail = ?, settled_at = ? WHERE institution = ? AND delivery_no = ?
  AND (state IN ('queued', 'held', 'rejected') OR (state = 'needs-attention' AND first_sent_at IS NULL))`;

/** Takes a delivery out of the queue for good. @returns false when it has gone out, or may have, or tells of a pack that others took from since */
export async function withdrawIfUnsent(q: SqlQuery, institution: string, delivery: DeliveryRow, how: { readonly atMs: number; readonly why: string }): Promise<boolean> {
  // part of a partly refused bill is on the platform: it has to be taken back
  if (delivery.reason === 'PARTLY_REJECTED') return false;
  if (delivery.state !== 'held' && await tellsForOthers(q, institution, delivery)) return false;
  const changed = await q.run(WITHDRAW, [how.why, how.atMs, institution, delivery.deliveryNo]);
  if (changed === 0) return false;
  await releaseWaiting(q, { institution, deliveryNo: delivery.deliveryNo, state: 'withdrawn', nowMs: how.atMs });
  return true;
}
