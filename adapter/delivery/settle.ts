import type { AskResult, FaultReason, PeerFault, SendResult } from '../domain/outcome.ts';
import { watchRefusal } from '../drift/watch-refusal.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { DeliveryRow } from './delivery-store.ts';
import { ATTENTION_STATES, isSettled, type DeliveryState } from './states.ts';
import { LONGEST_WAIT_MS, type RetryPolicy } from './retry-policy.ts';
import { isPlatformWide } from './platform-health.ts';

/** What happens to a delivery after an attempt or an answer. */
export interface NextState {
  readonly state: DeliveryState;
  readonly dueAt: number;
  readonly reason?: FaultReason;
  readonly peerCode?: string;
  readonly detail?: string;
  readonly platformRef?: string;
  readonly absentSince?: number | null;
  /** why it is held (adapter/drift) */
  readonly hold?: string;
}

/** Platform-wide faults in which the platform did answer. */
const ANSWERED: ReadonlySet<FaultReason> = new Set(['AUTH', 'CONFIGURATION']);

/** @returns what follows from sending: settled, back-off, ask the platform, or needs attention */
export function afterSend(result: SendResult, row: Pick<DeliveryRow, 'attempts'>, nowMs: number, policy: RetryPolicy): NextState {
  switch (result.kind) {
    case 'accepted': case 'duplicate': return { state: result.kind, dueAt: nowMs, ...refOf(result) };
    case 'not-owed': return { state: 'not-owed', dueAt: nowMs, detail: result.reason };
    case 'rejected': return { state: 'rejected', dueAt: nowMs, ...faultOf(result) };
    case 'unavailable': {
      // when the whole platform is away the lane pauses (platform-health.ts); the row itself stays first in the queue
      // unless the platform answered: then it may be about this one report, which must not stand in front of all others
      const pause = isPlatformWide(result.reason) && !ANSWERED.has(result.reason) ? 0
        : result.reason === 'NOT_GRANTED' ? policy.notGranted(row.attempts, result.retryAfterMs) : policy.backOff(row.attempts, result.retryAfterMs);
      return { state: 'queued', dueAt: nowMs + pause, ...faultOf(result) };
    }
    case 'unknown': return { state: 'unknown', dueAt: nowMs + policy.firstAskMs, absentSince: null, ...faultOf(result) };
    case 'processing': return { state: 'processing', dueAt: nowMs + Math.min(result.askAfterMs, LONGEST_WAIT_MS), absentSince: null };
  }
}

/**
 * @returns what follows from asking. "Absent" is believed only when it was said twice, `absentQuietMs` apart: a platform may
 * still be working on a request whose connection broke. Then, and only then, the same key is sent again.
 */
export function afterAsk(result: AskResult, row: Pick<DeliveryRow, 'attempts' | 'asks' | 'absentSince' | 'lastSentAt' | 'state'>, nowMs: number, policy: RetryPolicy): NextState {
  switch (result.kind) {
    case 'settled': return result.outcome.kind === 'unknown' ? stillUnknown(result.outcome, row, nowMs, policy) : afterSend(result.outcome, row, nowMs, policy);
    case 'processing': return { state: 'processing', dueAt: nowMs + policy.pollAgain(row.asks), absentSince: null };
    case 'no-answer': return stillUnknown(result, row, nowMs, policy);
    case 'cannot-ask': return { state: 'needs-attention', dueAt: nowMs, reason: 'CANNOT_ASK', detail: result.why };
    case 'absent': {
      const since = firstAbsent(row.absentSince, nowMs);
      // a last sending that lies ahead was written before the clock was set back: then "absent" itself is counted from
      const quietSince = row.lastSentAt === undefined || row.lastSentAt > nowMs ? since : Math.max(since, row.lastSentAt);
      if (since === row.absentSince && nowMs - quietSince >= policy.absentQuietMs) return { state: 'queued', dueAt: nowMs, absentSince: null };
      return { state: row.state === 'processing' ? 'processing' : 'unknown', dueAt: Math.max(quietSince + policy.absentQuietMs, nowMs), absentSince: since };
    }
  }
}

/**
 * @returns since when the platform says "absent". A first "absent" that lies ahead, or longer ago than anything ever waits, was
 * dated by a clock that has been set since (or before a long stop): the count begins anew, so that no clock shortens it.
 */
function firstAbsent(since: number | undefined, nowMs: number): number {
  return since === undefined || since > nowMs || nowMs - since > LONGEST_WAIT_MS ? nowMs : since;
}

function stillUnknown(fault: PeerFault, row: Pick<DeliveryRow, 'asks' | 'state'>, nowMs: number, policy: RetryPolicy): NextState {
  return { state: row.state === 'processing' ? 'processing' : 'unknown', dueAt: nowMs + policy.backOff(row.asks), ...faultOf(fault) };
}

function refOf(outcome: { readonly platformRef?: string }): { platformRef?: string } {
  return outcome.platformRef === undefined ? {} : { platformRef: outcome.platformRef };
}

function faultOf(fault: PeerFault): Pick<NextState, 'reason' | 'peerCode' | 'detail'> {
  const named = fault.codes === undefined || fault.codes.length === 0 ? '' : `［${fault.codes.slice(0, 20).join('、')}${fault.codes.length > 20 ? '…' : ''}］`;
  const detail = `${fault.peerText ?? ''}${named}`.slice(0, 2_000);
  return { reason: fault.reason, ...(fault.peerCode === undefined ? {} : { peerCode: fault.peerCode }), ...(detail === '' ? {} : { detail }) };
}

const UPDATE = `UPDATE delivery SET state = ?, hold = COALESCE(?, hold), due_at = ?, reason = ?, peer_code = ?, detail = ?, platform_ref = COALESCE(?, platform_ref), absent_since = ?, asks = asks + ?,
  claimed_by = NULL, lease_until = NULL, settled_at = ? WHERE institution = ? AND delivery_no = ? AND claimed_by = ?`;
const INSERT_ATTEMPT = `INSERT INTO delivery_attempt (institution, delivery_no, attempt_no, at, act, result, reason, peer_code, evidence)
  SELECT ?, ?, COALESCE(MAX(attempt_no), 0) + 1, ?, ?, ?, ?, ?, ? FROM delivery_attempt WHERE institution = ? AND delivery_no = ?`;

export interface Settling {
  readonly institution: string;
  /** who claimed it: a result that comes after the claim was lost changes nothing */
  readonly claimedBy: string;
  readonly nowMs: number;
  readonly act: 'send' | 'ask';
  /** what the attempt gave, for the record of attempts */
  readonly result: string;
  readonly evidence?: string;
}

/** Writes the next state of a claimed delivery, what was learned, and lets go whatever waited for it. */
export async function settleDelivery(q: SqlQuery, row: DeliveryRow, given: NextState, settling: Settling): Promise<boolean> {
  const { institution, nowMs } = settling;
  const next = given.state === 'rejected' ? await parkedIfDrift(q, row, given, settling) : given;
  if (next.state === 'queued' && await cancelIfVoided(q, row, settling)) return true;
  const ended = isSettled(next.state) || ATTENTION_STATES.includes(next.state);
  const absentSince = next.absentSince === undefined ? row.absentSince ?? null : next.absentSince;
  const changed = await q.run(UPDATE, [
    next.state, next.hold ?? null, Math.min(next.dueAt, nowMs + LONGEST_WAIT_MS), next.reason ?? null, next.peerCode ?? null, next.detail ?? null, next.platformRef ?? null, absentSince, settling.act === 'ask' ? 1 : 0,
    ended ? nowMs : null, institution, row.deliveryNo, settling.claimedBy,
  ]);
  if (changed === 0) return false;
  await recordAttempt(q, institution, row.deliveryNo, { at: nowMs, act: settling.act, result: settling.result, reason: next.reason, peerCode: next.peerCode, evidence: settling.evidence ?? next.detail });
  await releaseWaiting(q, { institution, deliveryNo: row.deliveryNo, state: next.state, partly: next.reason === 'PARTLY_REJECTED', nowMs });
  return true;
}

/** What the platform took until yesterday waits for it instead of for a person; accepted reports cost nothing here. */
async function parkedIfDrift(q: SqlQuery, row: DeliveryRow, next: NextState, { institution, nowMs }: Settling): Promise<NextState> {
  const { deliveryNo, destination, operation, subjectNo, covers, reverses } = row;
  // a void waits for the outcome: it is not sent again only to be taken back
  if (next.peerCode === undefined || await q.get(SELECT_MOOT_REVERSALS, [institution, deliveryNo, deliveryNo]) !== undefined) return next;
  const hold = await watchRefusal(q, { institution, deliveryNo, destination, operation, subjectNo, covers, reverses, reason: next.reason, peerCode: next.peerCode, detail: next.detail, nowMs });
  return hold === undefined ? next : { ...next, state: 'held', hold };
}

/** A void arrived while the report was under way, and the platform provably has nothing: it is not sent again only to be taken back. */
async function cancelIfVoided(q: SqlQuery, row: DeliveryRow, { institution, claimedBy, nowMs }: Settling): Promise<boolean> {
  const voided = await q.get(SELECT_MOOT_REVERSALS, [institution, row.deliveryNo, row.deliveryNo]);
  if (voided === undefined) return false;
  const changed = await q.run(REFUSE_VOIDED, [institution, row.deliveryNo, claimedBy]);
  if (changed > 0) await releaseWaiting(q, { institution, deliveryNo: row.deliveryNo, state: 'rejected', nowMs });
  return changed > 0;
}

const REFUSE_VOIDED = `UPDATE delivery SET state = 'rejected', claimed_by = NULL, lease_until = NULL WHERE institution = ? AND delivery_no = ? AND claimed_by = ?`;

export async function recordAttempt(q: SqlQuery, institution: string, deliveryNo: number, attempt: { readonly at: number; readonly act: 'send' | 'ask' | 'person'; readonly result: string; readonly reason?: string | undefined; readonly peerCode?: string | undefined; readonly evidence?: string | undefined }): Promise<void> {
  await q.run(INSERT_ATTEMPT, [institution, deliveryNo, attempt.at, attempt.act, attempt.result, attempt.reason ?? null, attempt.peerCode ?? null, attempt.evidence?.slice(0, 2_000) ?? null, institution, deliveryNo]);
}

const RELEASE_ALL = `DELETE FROM delivery_wait WHERE institution = ? AND waits_for = ?`;
const RELEASE_SOFT = `DELETE FROM delivery_wait WHERE institution = ? AND waits_for = ? AND hard = 0`;
/** index delivery_wait_for, then primary key of delivery */
export const SELECT_MOOT_REVERSALS = `SELECT d.delivery_no FROM delivery_wait w JOIN delivery d ON d.institution = w.institution AND d.delivery_no = w.delivery_no
  WHERE w.institution = ? AND w.waits_for = ? AND w.hard = 1 AND d.reverses = ? AND d.state = 'queued'`;
const SETTLE_MOOT = `UPDATE delivery SET state = 'not-owed', detail = '原上报未被平台接收，无需撤销', settled_at = ? WHERE institution = ? AND delivery_no = ? AND state = 'queued'`;
const WITHDRAW_REFUSED = `UPDATE delivery SET state = 'withdrawn', detail = COALESCE(detail, '') || '（已作废）' WHERE institution = ? AND delivery_no = ? AND state = 'rejected'`;

/** Lets go what waited for a delivery that left the queue. */
export async function releaseWaiting(q: SqlQuery, ended: { readonly institution: string; readonly deliveryNo: number; readonly state: DeliveryState; /** refused in part: the platform has the rest */ readonly partly?: boolean; readonly nowMs: number }): Promise<void> {
  const { institution, deliveryNo, state, nowMs } = ended;
  if (isSettled(state)) {
    await q.run(RELEASE_ALL, [institution, deliveryNo]);
    return;
  }
  if (!ATTENTION_STATES.includes(state)) return;
  await q.run(RELEASE_SOFT, [institution, deliveryNo]);
  if (state !== 'rejected') return;
  if (ended.partly === true) {
    // the platform has the rest: what a void takes back has to go
    await q.run(RELEASE_ALL, [institution, deliveryNo]);
    return;
  }
  // the platform refused what a void wants to take back: there is nothing to take back
  const moot = await q.all<{ delivery_no: number }>(SELECT_MOOT_REVERSALS, [institution, deliveryNo, deliveryNo]);
  for (const { delivery_no: reversal } of moot) {
    await q.run(SETTLE_MOOT, [nowMs, institution, reversal]);
    await releaseWaiting(q, { institution, deliveryNo: reversal, state: 'not-owed', nowMs });
  }
  if (moot.length > 0) {
    await q.run(WITHDRAW_REFUSED, [institution, deliveryNo]);
    await q.run(RELEASE_ALL, [institution, deliveryNo]);
  }
}
