import { chinaDate } from '../domain/china-time.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { acceptedSince, BLOCK, COUNT_PARKED, holdOf, queue, refuse, SELECT_PARKED, SELECT_PROBE, type DriftGroup } from './drift-store.ts';
import type { DriftWatchDeps } from './drift-deps.ts';
import { ANY_PRODUCT, PROBE_EVERY_MS } from './rules.ts';

type Deps = Pick<DriftWatchDeps, 'driver' | 'clock' | 'onQueued' | 'renumbers' | 'resend'>;
interface ParkedRow { readonly delivery_no: number; readonly first_sent_at: number | null }

const MARK_ALERTED = `UPDATE drift_group SET alerted_at = ? WHERE institution = ? AND group_no = ? AND alerted_at IS NULL`;
const SET_PROBE = `UPDATE drift_group SET probe_no = ?, probe_at = ?, probes = probes + ? WHERE institution = ? AND group_no = ? AND state = 'open'`;
const CLOSE = `UPDATE drift_group SET state = 'released', closed_at = ?, closed_by = ? WHERE institution = ? AND group_no = ? AND state = 'open'`;
/** primary key of delivery */
const SELECT_STATE = 'SELECT state FROM delivery WHERE institution = ? AND delivery_no = ?';
const MOST_BLOCKS = 5_000;

/** Tells people, once: the alert and the note that it was raised stand or fall together. */
export async function alertGroup({ driver, alerts, clock }: Pick<DriftWatchDeps, 'driver' | 'alerts' | 'clock'>, institution: string, group: DriftGroup): Promise<void> {
  await driver.write(async (q) => {
    if (await q.run(MARK_ALERTED, [clock.now(), institution, group.groupNo]) === 0) return;
    const parked = await countParked(q, institution, group);
    const what = group.product === ANY_PRODUCT ? '多个药品' : `药品 ${group.product} `;
    await alerts.raise({
      institution, key: alertKey(group), severity: 'warn',
      title: `${group.destination} 对${what}的 ${group.operation} 由接受变为拒绝，已暂缓 ${String(parked)} 条`,
      detail: group.sample,
      nextStep: '与平台方核对该药品或字段是否有调整；每小时自动试发一条，平台恢复后自动补报，也可人工放行',
    }, q);
  });
}

/** A platform that cannot make up its mind is told of once an hour. */
function alertKey({ destination, operation, product, reason }: DriftGroup): string {
  return `drift:${destination}:${operation}:${product}:${reason}`;
}

export async function countParked(q: SqlQuery, institution: string, group: Pick<DriftGroup, 'groupNo' | 'destination'>): Promise<number> {
  return (await q.get<{ n: number }>(COUNT_PARKED, [institution, group.destination, holdOf(group)]))?.n ?? 0;
}

/** @returns whether the platform has taken the probe, or anything of the kind, since the group was opened */
export function acceptedNow(driver: SqlDriver, institution: string, group: DriftGroup): Promise<boolean> {
  return driver.read(async (q) => {
    const probe = group.probeNo === undefined ? undefined : await q.get<{ state: string }>(SELECT_STATE, [institution, group.probeNo]);
    if (probe?.state === 'accepted' || probe?.state === 'duplicate') return true;
    // another one may have passed; of a field others always pass, whatever becomes of these
    return group.product !== ANY_PRODUCT && await acceptedSince(q, institution, group, { since: group.openedAt, nearNo: 0, day: chinaDate(group.openedAt) });
  });
}

/** Looks after the probe that is out. @returns `due` when another one may go */
export async function stepProbe(q: SqlQuery, institution: string, group: DriftGroup, nowMs: number): Promise<'due' | 'waits'> {
  if (group.probeNo !== undefined) {
    const state = (await q.get<{ state: string }>(SELECT_STATE, [institution, group.probeNo]))?.state;
    if (state === 'queued' || state === 'claimed' || state === 'sent' || state === 'processing' || state === 'unknown') return 'waits';
    // refused again, or for another reason: the next one in an hour; voided meanwhile: it tried nothing
    const tried = state !== 'withdrawn' && state !== 'not-owed';
    await q.run(SET_PROBE, [null, tried ? nowMs + PROBE_EVERY_MS : nowMs, 0, institution, group.groupNo]);
    return tried ? 'waits' : 'due';
  }
  // a time further ahead than an hour was written before the clock was set back
  return group.probeAt <= nowMs || group.probeAt > nowMs + PROBE_EVERY_MS ? 'due' : 'waits';
}

/** Lets one report go to see whether the platform takes it again; a group for which nobody waits any more is closed. */
export async function letProbeGo(deps: Deps, institution: string, group: DriftGroup): Promise<void> {
  const nowMs = deps.clock.now();
  const went = await deps.driver.write(async (q) => {
    const row = await q.get<ParkedRow>(SELECT_PROBE, [institution, group.destination, holdOf(group)]);
    if (row === undefined) {
      await q.run(CLOSE, [nowMs, 'nobody-waits', institution, group.groupNo]);
      return undefined;
    }
    // its number is used up at such a platform: only a new one can tell
    if (row.first_sent_at !== null && deps.renumbers(group.destination)) return 'needs-number' as const;
    await q.run(SET_PROBE, [row.delivery_no, nowMs + PROBE_EVERY_MS, 1, institution, group.groupNo]);
    await queue(q, institution, group, { rows: [row], nowMs });
    return 'went' as const;
  });
  if (went === 'went') deps.onQueued(institution);
  if (went === 'needs-number') await releaseGroup(deps, institution, group, 'nobody-waits');
}

/**
 * Lets everything of a group go, block by block.
 * @param by `platform`, `nobody-waits`, or the name of the person who decided it
 * @returns how many reports
 */
export async function releaseGroup(deps: Deps, institution: string, group: Pick<DriftGroup, 'groupNo' | 'destination'>, by: string): Promise<number> {
  const nowMs = deps.clock.now();
  let released = 0;
  const toRenumber: number[] = [];
  for (let block = 0; block < MOST_BLOCKS; block += 1) {
    const rows = await deps.driver.write(async (q) => {
      // closed first: a refusal that is filed meanwhile opens a group of its own
      if (block === 0) await q.run(CLOSE, [nowMs, by, institution, group.groupNo]);
      const parked = await q.all<ParkedRow>(SELECT_PARKED, [institution, group.destination, holdOf(group)]);
      const used = deps.renumbers(group.destination) ? parked.filter((row) => row.first_sent_at !== null) : [];
      await refuse(q, institution, group, { rows: used, nowMs });
      await queue(q, institution, group, { rows: parked.filter((row) => !used.includes(row)), nowMs });
      toRenumber.push(...used.map((row) => row.delivery_no));
      return parked;
    });
    released += rows.length;
    if (rows.length < BLOCK) break;
  }
  if (released > 0) deps.onQueued(institution);
  if (toRenumber.length > 0) await deps.resend(institution, toRenumber);
  return released;
}
