import type { SqlQuery } from '../ports/sql-driver.ts';
import { OPEN_STATES_SQL, waitsForSomebody } from './states.ts';
import { LONGEST_WAIT_MS } from './retry-policy.ts';
import { DELIVERY_COLUMNS, toDelivery, type DeliveryRow } from './delivery-store.ts';

/**
 * What a delivery still waits for (primary keys of delivery_wait and delivery). Judged by the state of the other delivery, not
 * by the wait row alone: two processes may write "waits for" and "is settled" at the same moment without seeing each other.
 * One that is held for a settlement keeps only its own return back: others may take from the same opened pack meanwhile. A soft
 * wait looks through a queued one that itself waits for a settlement or a person (a return of what was never settled or was
 * refused): the next sale of the pack must get out. Of a bill refused in part the platform has the rest: that holds nobody back.
 */
const WAITS = `SELECT 1 FROM delivery_wait w JOIN delivery p ON p.institution = w.institution AND p.delivery_no = w.waits_for
  WHERE w.institution = d.institution AND w.delivery_no = d.delivery_no
  AND (p.state IN ('claimed', 'sent', 'processing', 'unknown') OR (w.hard = 1 AND (p.state = 'queued' OR ${waitsForSomebody('p')}))
    OR (w.hard = 0 AND p.state = 'queued' AND NOT EXISTS (SELECT 1 FROM delivery_wait v JOIN delivery b ON b.institution = v.institution AND b.delivery_no = v.waits_for
      WHERE v.institution = p.institution AND v.delivery_no = p.delivery_no AND v.hard = 1 AND ${waitsForSomebody('b')})))`;

/**
 * Clocks are set back, also by hours. Nothing ever waits longer than LONGEST_WAIT_MS, so what is due further ahead is due now; so is
 * what was filed or sent in what is now the future. Processes on one store may differ by a minute without being taken for that.
 */
const CLOCK_SKEW_MS = 60_000;

/** index delivery_due; rows another process is claiming are passed over */
export const SELECT_DUE = `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.state = 'queued' AND d.${OPEN_STATES_SQL}
  AND (d.due_at <= ? OR d.due_at > ? OR COALESCE(d.last_sent_at, d.created_at) > ?)
  AND NOT EXISTS (${WAITS})
  ORDER BY d.priority, d.delivery_no LIMIT ? FOR UPDATE SKIP LOCKED`;
/** index delivery_due */
export const SELECT_TO_ASK = `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.state IN ('unknown', 'processing') AND d.${OPEN_STATES_SQL} AND (d.due_at <= ? OR d.due_at > ?)
  AND d.claimed_by IS NULL ORDER BY d.due_at, d.delivery_no LIMIT ? FOR UPDATE SKIP LOCKED`;
const CLAIM = `UPDATE delivery SET state = 'claimed', claimed_by = ?, lease_until = ? WHERE institution = ? AND delivery_no = ? AND state = 'queued'`;
const CLAIM_TO_ASK = `UPDATE delivery SET claimed_by = ?, lease_until = ? WHERE institution = ? AND delivery_no = ? AND claimed_by IS NULL`;
const UNCLAIM = `UPDATE delivery SET state = CASE WHEN state = 'claimed' THEN 'queued' ELSE state END, claimed_by = NULL, lease_until = NULL WHERE institution = ? AND delivery_no = ? AND claimed_by = ? AND state <> 'sent'`;
const MARK_SENT = `UPDATE delivery SET state = 'sent', attempts = attempts + 1, first_sent_at = COALESCE(first_sent_at, ?), last_sent_at = ?, absent_since = NULL WHERE institution = ? AND delivery_no = ? AND claimed_by = ? AND state = 'claimed'`;
/**
 * index delivery_due; only the first rows of each state are looked at: with a long queue behind a platform that is away this
 * runs often, and a lane looks again within a second anyhow
 */
export const SELECT_NEXT_DUE = `SELECT MIN(first.due_at) AS due_at FROM (${['queued', 'unknown', 'processing'].map((state) => `SELECT * FROM (SELECT d.due_at FROM delivery d
  WHERE d.institution = ? AND d.destination = ? AND d.state = '${state}' AND d.${OPEN_STATES_SQL} AND NOT EXISTS (${WAITS}) ORDER BY d.priority, d.delivery_no LIMIT 100) AS ${state}_ones`).join(' UNION ALL ')}) AS first`;

export interface Claiming {
  readonly institution: string;
  readonly destination: string;
  readonly claimedBy: string;
  readonly nowMs: number;
  readonly leaseMs: number;
}

/** Claims reports that are due to be sent, most urgent and oldest first. */
export async function claimDue(q: SqlQuery, claiming: Claiming, limit: number): Promise<DeliveryRow[]> {
  const rows = await q.all<Parameters<typeof toDelivery>[0]>(SELECT_DUE, [claiming.institution, claiming.destination, claiming.nowMs, claiming.nowMs + LONGEST_WAIT_MS + CLOCK_SKEW_MS, claiming.nowMs + CLOCK_SKEW_MS, limit]);
  for (const row of rows) await q.run(CLAIM, [claiming.claimedBy, claiming.nowMs + claiming.leaseMs, claiming.institution, row.delivery_no]);
  return rows.map(toDelivery);
}

/** Claims reports whose outcome has to be asked for. */
export async function claimToAsk(q: SqlQuery, claiming: Claiming, limit: number): Promise<DeliveryRow[]> {
  const rows = await q.all<Parameters<typeof toDelivery>[0]>(SELECT_TO_ASK, [claiming.institution, claiming.destination, claiming.nowMs, claiming.nowMs + LONGEST_WAIT_MS + CLOCK_SKEW_MS, limit]);
  for (const row of rows) await q.run(CLAIM_TO_ASK, [claiming.claimedBy, claiming.nowMs + claiming.leaseMs, claiming.institution, row.delivery_no]);
  return rows.map(toDelivery);
}

/** Gives back what was claimed and not sent. */
export async function unclaim(q: SqlQuery, claiming: Pick<Claiming, 'institution' | 'claimedBy'>, rows: readonly DeliveryRow[]): Promise<void> {
  for (const row of rows) await q.run(UNCLAIM, [claiming.institution, row.deliveryNo, claiming.claimedBy]);
}

/**
 * Writes, before a byte leaves, that the report may have gone out. After a crash from here on the platform is asked first.
 * @returns the rows whose claim still stands
 */
export async function markSent(q: SqlQuery, claiming: Pick<Claiming, 'institution' | 'claimedBy' | 'nowMs'>, rows: readonly DeliveryRow[]): Promise<DeliveryRow[]> {
  const sent: DeliveryRow[] = [];
  for (const row of rows) {
    const changed = await q.run(MARK_SENT, [claiming.nowMs, claiming.nowMs, claiming.institution, row.deliveryNo, claiming.claimedBy]);
    if (changed > 0) sent.push({ ...row, state: 'sent', attempts: row.attempts + 1, firstSentAt: row.firstSentAt ?? claiming.nowMs, lastSentAt: claiming.nowMs });
  }
  return sent;
}

export async function nextDueAt(q: SqlQuery, claiming: Pick<Claiming, 'institution' | 'destination'>): Promise<number | undefined> {
  const row = await q.get<{ due_at: number | null }>(SELECT_NEXT_DUE, Array.from({ length: 3 }, () => [claiming.institution, claiming.destination]).flat());
  return row?.due_at ?? undefined;
}
