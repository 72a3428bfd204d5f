import type { FaultReason } from '../domain/outcome.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Policy } from '../ports/policy.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { listDeliveries, type DeliveryFilter } from '../store/queries/deliveries-view.ts';
import type { Numbers } from '../store/numbers.ts';
import { deliveriesOfEvent, findDelivery, type DeliveryRow } from './delivery-store.ts';
import { planningWithNewNumbers, renumbers, type RenumberingDestination } from './new-number.ts';
import { replanEvent } from './replan.ts';
import { resendRefused } from './resend-refused.ts';
import { recordAttempt } from './settle.ts';
import { ATTENTION_STATES } from './states.ts';

export interface ResendDeps {
  readonly driver: SqlDriver;
  readonly numbers: Numbers;
  readonly institutions: readonly Institution[];
  readonly destinations: readonly Destination[];
  readonly catalogue: DrugLookup;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly onQueued: (institution: string) => void;
}

export interface ResendCount {
  readonly matched: number;
  readonly changed: number;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

/** What becomes of one delivery when a person asks for it to be sent again. */
type Course = { readonly kind: 'queue' } | { readonly kind: 'ask-first' } | { readonly kind: 'replan' } | { readonly kind: 'renumber'; readonly destination: RenumberingDestination; readonly profile: Institution } | { readonly kind: 'skip'; readonly why: string };

/** Refusals after which the platform may hold part of it, or something else under the same key: the platform is asked, never resent blindly. */
const ASK_FIRST: ReadonlySet<FaultReason> = new Set(['PARTLY_REJECTED', 'BILL_CONFLICT', 'CANNOT_ASK']);

/** Refused here, before the platform saw anything: the number is still free. */
const NEVER_SEEN: ReadonlySet<FaultReason> = new Set(['OWNER_UNKNOWN', 'NOT_GRANTED']);

function courseOf(deps: ResendDeps, institution: string, row: DeliveryRow): Course {
  if (!ATTENTION_STATES.includes(row.state)) return { kind: 'skip', why: '不在待人工处理状态' };
  if (row.operation === 'blocked') return { kind: 'skip', why: '该行已被拦截：请作废原事件后重新发送' };
  if (row.firstSentAt === undefined) return row.reverses === undefined ? { kind: 'replan' } : { kind: 'queue' };
  const destination = deps.destinations.find((one) => one.name === row.destination);
  const profile = deps.institutions.find((one) => one.code === institution);
  const refused = row.state === 'rejected' && row.reason !== undefined && (row.reason === 'PARTLY_REJECTED' || !ASK_FIRST.has(row.reason)) && !NEVER_SEEN.has(row.reason);
  if (refused && destination !== undefined && profile !== undefined && renumbers(destination)) return { kind: 'renumber', destination, profile };
  if (row.state === 'needs-attention' || (row.reason !== undefined && ASK_FIRST.has(row.reason))) return { kind: 'ask-first' };
  return { kind: 'queue' };
}

const QUEUE = `UPDATE delivery SET state = 'queued', due_at = ?, reason = NULL, detail = NULL, peer_code = NULL, settled_at = NULL WHERE institution = ? AND delivery_no = ? AND state IN ('rejected', 'needs-attention')`;
const ASK = `UPDATE delivery SET state = 'unknown', due_at = ?, absent_since = NULL, settled_at = NULL WHERE institution = ? AND delivery_no = ? AND state IN ('rejected', 'needs-attention')`;
const PAGE = 200;
const MAX_PAGES = 5_000;

/**
 * Puts deliveries that need attention back to work, by filter. What may have been processed is asked about first; what was
 * never sendable is planned again with today's catalogue and rules; what was refused goes again under its own key, or under a new
 * one where the platform never takes a number twice.
 */
export async function resendDeliveries(deps: ResendDeps, filter: DeliveryFilter, options: { readonly dryRun: boolean; readonly by: string }): Promise<ResendCount> {
  const tally = new Map<string, number>();
  const skip = (why: string): void => { tally.set(why, (tally.get(why) ?? 0) + 1); };
  const replanned = new Set<string>();
  let matched = 0;
  let changed = 0;
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const at = before;
    const rows = await deps.driver.read(async (q) => {
      const found = await listDeliveries(q, { ...filter, states: filter.states ?? ATTENTION_STATES }, { before: at, limit: PAGE });
      const full: DeliveryRow[] = [];
      for (const row of found) {
        const delivery = await findDelivery(q, filter.institution, row.delivery_no);
        if (delivery !== undefined) full.push(delivery);
      }
      return full;
    });
    for (const row of rows) {
      const course = courseOf(deps, filter.institution, row);
      if (course.kind === 'skip') { skip(course.why); continue; }
      matched += 1;
      if (options.dryRun) continue;
      if (course.kind === 'renumber') {
        const resent = await resendRefused(deps, { institution: course.profile, row, destination: course.destination, by: options.by });
        if (resent.kind === 'changed') changed += 1;
        else skip(resent.why);
      } else changed += await follow(deps, filter.institution, row, { course, by: options.by, replanned });
    }
    before = rows.at(-1)?.deliveryNo;
    if (rows.length < PAGE) break;
  }
  if (changed > 0) deps.onQueued(filter.institution);
  return { matched, changed, skipped: [...tally].map(([reason, count]) => ({ reason, count })) };
}

async function follow(deps: ResendDeps, institution: string, row: DeliveryRow, how: { readonly course: Course; readonly by: string; readonly replanned: Set<string> }): Promise<number> {
  const { driver, clock } = deps;
  if (how.course.kind === 'replan') return replan(deps, institution, row, how);
  return driver.write(async (q) => {
    const changed = await q.run(how.course.kind === 'ask-first' ? ASK : QUEUE, [clock.now(), institution, row.deliveryNo]);
    if (changed > 0) await note(q, institution, row.deliveryNo, { at: clock.now(), what: how.course.kind, by: how.by });
    return changed;
  });
}

async function replan(deps: ResendDeps, institution: string, row: DeliveryRow, how: { readonly by: string; readonly replanned: Set<string> }): Promise<number> {
  const key = `${String(row.eventNo)} ${row.destination}`;
  if (how.replanned.has(key)) return 0;
  how.replanned.add(key);
  const destination = deps.destinations.find((one) => one.name === row.destination);
  const profile = deps.institutions.find((one) => one.code === institution);
  if (destination === undefined || profile === undefined) return 0;
  await deps.numbers.ensure(institution, 1_000);
  return deps.driver.write(async (q) => {
    const nowMs = deps.clock.now();
    const rows = (await deliveriesOfEvent(q, institution, row.eventNo)).filter((one) => one.destination === destination.name);
    const sendable = await replanEvent({ q, institution: profile, destination: planningWithNewNumbers(destination, rows), catalogue: deps.catalogue, policy: deps.policy, nowMs, take: () => deps.numbers.take(institution) }, row.eventNo);
    await note(q, institution, row.deliveryNo, { at: nowMs, what: 'replan', by: how.by });
    return sendable;
  });
}

async function note(q: SqlQuery, institution: string, deliveryNo: number, what: { readonly at: number; readonly what: string; readonly by: string }): Promise<void> {
  await recordAttempt(q, institution, deliveryNo, { at: what.at, act: 'person', result: what.what, evidence: what.by });
}
