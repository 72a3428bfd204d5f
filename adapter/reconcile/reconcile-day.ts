import { chinaDate } from '../domain/china-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination, ReadBackEntry } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { compareReports, type Compared, type Platform } from './compare.ts';
import { confirmReports, type ConfirmDeps } from './confirm.ts';
import { fileMissing } from './file-missing.ts';
import { foreignEntries } from './foreign-entries.ts';
import { dayStart, loadOurReports, type OurReport } from './our-reports.ts';
import { patienceOf, type Patience } from './patience.ts';
import { readPlatform } from './read-platform.ts';
import { MOST_ITEMS, saveReconciliation, type Difference, type Reconciliation } from './reconciliation-store.ts';

export interface ReconcileDeps {
  readonly driver: SqlDriver;
  readonly catalogue: DrugLookup;
  readonly clock: Clock;
  readonly log: Log;
  /** how long a run may wait for reports to go first, all in all */
  readonly patienceMs: number;
}

export interface DayWanted {
  readonly institution: Institution;
  readonly destination: Destination;
  /** yyyy-MM-dd in China: the day on which the platform accepted */
  readonly day: string;
}

const DAY_MS = 86_400_000;

/**
 * Compares what a platform accepted of us on a day with what it has on record (对账), files the result, and files what it has no more
 * as needing attention. One call at a time, after everything that waits to be sent.
 * @returns undefined for a destination that cannot be read
 * @throws the signal's reason when it was aborted; nothing is filed then
 */
export async function reconcileDay(deps: ReconcileDeps, wanted: DayWanted, signal: AbortSignal): Promise<Reconciliation | undefined> {
  const { driver, catalogue, clock, log } = deps;
  const { institution, destination, day } = wanted;
  if (destination.readBack === undefined) return undefined;
  const lane = { institution: institution.code, destination: destination.name };
  const patience = patienceOf(driver, lane, { clock, patienceMs: deps.patienceMs });
  const ours = await loadOurReports(driver, catalogue, { ...lane, day }, signal);
  const platform = await readAll(deps, wanted, { ours, patience, signal });
  const confirm: ConfirmDeps = { driver, institution, destination, catalogue, patience, signal };
  const compared = await settleNotFound(confirm, compareReports(ours, platform, day));
  const foreign = await foreignEntries(driver, { ...lane, day }, [...platform.entries.values()].flat());
  const missing = compared.filter((one) => one.fate === 'missing').map((one) => one.report);
  await fileMissing(driver, missing, { institution: institution.code, day, nowMs: clock.now() });
  const result = resultOf(compared, foreign, { ...lane, day, ranAt: clock.now(), complete: platform.unread.size === 0 });
  await driver.write((q) => saveReconciliation(q, result));
  const { items: _, ...figures } = result;
  if (result.missing + result.unknownHere + result.different === 0) log.info('day reconciled', figures);
  else log.warn('day reconciled with differences', figures);
  return result;
}

/** Most business is of the day itself; drugs with older business are read over the longer time alone. */
async function readAll(deps: ReconcileDeps, { institution, destination, day }: DayWanted, by: { readonly ours: readonly OurReport[]; readonly patience: Patience; readonly signal: AbortSignal }): Promise<Platform> {
  const since = new Map<string, string>();
  for (const { occurredOn, lines } of by.ours) {
    for (const { listId } of lines) if (occurredOn < (since.get(listId) ?? '9999')) since.set(listId, occurredOn);
  }
  // a platform may file a report under the day it arrived, and one that arrived at midnight under the next
  const to = chinaDate(Math.min(dayStart(day) + DAY_MS, Math.max(deps.clock.now(), dayStart(day))));
  const sameDay = [...since].filter(([, from]) => from >= day).map(([drug]) => drug).sort();
  const older = [...since].filter(([, from]) => from < day).map(([drug]) => drug).sort();
  const oldest = older.reduce((first, drug) => { const from = since.get(drug) ?? day; return from < first ? from : first; }, day);
  const entries = new Map<string, ReadBackEntry[]>();
  const unread = new Set<string>();
  for (const range of [{ from: day, drugs: sameDay }, { from: oldest, drugs: older }]) {
    if (range.drugs.length === 0) continue;
    const read = await readPlatform(destination, { institution, to, ...range }, { patience: by.patience, clock: deps.clock, signal: by.signal });
    for (const entry of read.entries) entries.set(entry.key, [...(entries.get(entry.key) ?? []), entry]);
    for (const drug of read.unread) unread.add(drug);
  }
  return { entries, unread };
}

type Settled = Omit<Compared, 'fate'> & { readonly fate: 'matched' | 'late' | 'different' | 'missing' | 'unread' };

/** What no list shows is asked about, one by one. */
async function settleNotFound(deps: ConfirmDeps, compared: readonly Compared[]): Promise<readonly Settled[]> {
  const open = compared.filter((one) => one.fate === 'not-found').map((one) => one.report);
  const answers = await confirmReports(deps, open);
  const byNo = new Map(open.map((report, at) => [report.deliveryNo, answers[at] ?? 'no-answer']));
  return compared.map((one): Settled => {
    if (one.fate !== 'not-found') return { ...one, fate: one.fate };
    switch (byNo.get(one.report.deliveryNo)) {
      case 'there': case 'taken-back': return { report: one.report, fate: 'matched' };
      case 'absent': return { report: one.report, fate: 'missing' };
      default: return { report: one.report, fate: 'unread' };
    }
  });
}

const GRAVITY: readonly Difference['kind'][] = ['missing', 'unknown-here', 'different', 'not-accepted-here', 'late'];

function resultOf(compared: readonly Settled[], foreign: readonly Difference[], of: Pick<Reconciliation, 'institution' | 'destination' | 'day' | 'ranAt' | 'complete'>): Reconciliation {
  const count = (fate: Settled['fate']): number => compared.filter((one) => one.fate === fate).length;
  const own = compared.flatMap(({ report, fate, detail }): readonly Difference[] => {
    if (fate === 'matched' || fate === 'unread') return [];
    return [{ kind: fate, operation: report.operation, key: report.key, drug: report.lines[0]?.drug ?? '', deliveryNo: report.deliveryNo, ...(detail === undefined ? {} : { detail }) }];
  });
  const items = [...own, ...foreign].sort((a, b) => GRAVITY.indexOf(a.kind) - GRAVITY.indexOf(b.kind)).slice(0, MOST_ITEMS);
  const unread = count('unread');
  return {
    ...of, complete: of.complete && unread === 0, ours: compared.length, matched: count('matched'), missing: count('missing'), late: count('late'), unread,
    unknownHere: foreign.filter((one) => one.kind === 'unknown-here').length, different: count('different') + foreign.filter((one) => one.kind === 'not-accepted-here').length, items,
  };
}
