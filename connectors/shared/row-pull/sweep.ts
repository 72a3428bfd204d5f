import type { HisRow } from '../../../adapter/ports/row.ts';
import { boundsOf, changeFacts } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import { groupRows, tidy } from './event-rows.ts';
import type { EventRows } from './event-rows.ts';
import type { PullPlan } from './plan.ts';
import type { Position, PositionStore, Sweep } from './position.ts';
import type { RowDatabase, RowStatement } from './row-database.ts';
import type { PullSettings } from './settings.ts';
import { changesStatement, EVENT, flagStatement, linesStatement, ORDER, pageStatement, POSITION, sideStatement } from './statements.ts';
import { submitPage } from './submit.ts';
import type { SubmitDeps } from './submit.ts';
import { within } from './within.ts';

export interface SweepDeps {
  readonly db: RowDatabase;
  readonly plan: PullPlan;
  readonly settings: PullSettings;
  readonly source: string;
  readonly submit: SubmitDeps;
  readonly store: PositionStore;
  readonly signal: AbortSignal;
  /** told why a pass reads more than the remembered position asks for; English */
  readonly notice: (text: string) => void;
}

export interface SweepReport {
  readonly position: Position;
  readonly pages: number;
  readonly events: number;
  readonly submitted: number;
}

/** Pages of one sweep: 20 million events; a sweep that is longer ends here and the next one goes on. */
const MAX_PAGES = 100_000;

/**
 * One sweep: fixes its bounds, then page by page reads positions, reads the events named there whole, hands them to the intake,
 * marks them where the strategy marks, and only then moves the remembered position. A fault anywhere leaves the position where the
 * last complete page put it; what is read again is a duplicate.
 * @throws RowFault, NotTaken
 */
export async function runSweep(from: Position, deps: SweepDeps, options: { readonly deep: boolean }): Promise<SweepReport> {
  const read = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => within(deps.settings.readTimeout, deps.signal, work);
  const begun: Bounds = from.sweep === undefined ? await read((signal) => boundsOf(from, { db: deps.db, plan: deps.plan, settings: deps.settings, deep: options.deep, signal })) : { sweep: from.sweep };
  if (begun.notice !== undefined) deps.notice(begun.notice);
  const start = begun.start ?? from.start;
  const base: Position = { ...(from.since === undefined ? {} : { since: from.since }), ...(start === undefined ? {} : { start }), ...(from.at === undefined ? {} : { at: from.at }) };
  let sweep: Sweep = begun.sweep;
  let [pages, events, submitted] = [0, 0, 0];
  for (; pages < MAX_PAGES; pages += 1) {
    const positions = await read((signal) => deps.db.query(nextPage(sweep, deps), signal));
    const last = positions.at(-1);
    if (last === undefined) break;
    const done = await takePage(positions, deps, read);
    events += done.events;
    submitted += done.submitted;
    sweep = { ...sweep, after: { position: last[POSITION] ?? '', event: last[EVENT] ?? '' } };
    await deps.store.save(remembered(base, sweep, deps.plan));
    if (positions.length < deps.settings.pageEvents) break;
  }
  if (pages === MAX_PAGES) return { position: { ...base, sweep }, pages, events, submitted };
  if (await read((signal) => outlived(sweep, deps, signal))) return { position: base, pages, events, submitted };
  const { since: _past, ...kept } = base;
  const position: Position = { ...(sweep.window === true ? kept : base), ...(sweep.next === undefined ? {} : { since: sweep.next }), ...(sweep.at === undefined ? {} : { at: sweep.at }) };
  return { position, pages, events, submitted };
}

/** Change tracking may forget while a pass reads: what it forgot was perhaps not read, and the next pass finds that out by itself. */
async function outlived(sweep: Sweep, { db, plan }: SweepDeps, signal: AbortSignal): Promise<boolean> {
  if (plan.changes === undefined || sweep.window === true || sweep.lower === undefined || sweep.lower === sweep.upper) return false;
  const { minimum } = await changeFacts({ db, plan, signal });
  return minimum === undefined || BigInt(sweep.lower) < BigInt(minimum);
}

/** What a restart goes on from: the place in the sweep. Flags need none, their rows show by themselves what is done. */
function remembered(base: Position, sweep: Sweep, plan: PullPlan): Position {
  return plan.cursor === 'none' ? base : { ...base, sweep };
}

/** @returns the ids of a page, each once; where pages are not cut by time, in the order of what changed first at least within the page */
function idsOf(positions: readonly HisRow[]): readonly string[] {
  const order = (row: HisRow): bigint => BigInt(row[ORDER] ?? '0');
  const sorted = positions[0]?.[ORDER] === undefined ? positions : [...positions].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
  return [...new Set(sorted.map((row) => row[EVENT] ?? '').filter((id) => tidy(id) !== null))];
}

function nextPage(sweep: Sweep, { db, plan, settings, source }: SweepDeps): RowStatement {
  const { changes } = db.dialect;
  if (plan.changes !== undefined && changes !== undefined && sweep.window !== true) {
    const { lower = '', upper = lower, after } = sweep;
    return changesStatement(db.dialect, changes, { ...plan.changes, view: settings.view, event: plan.event, row: plan.row, lower, upper, ...(after === undefined ? {} : { after }), rows: settings.pageEvents });
  }
  return pageStatement(db.dialect, {
    from: plan.from, position: plan.position, event: plan.pageEvent, rows: settings.pageEvents,
    ...(plan.bounded === undefined ? {} : { bounded: plan.bounded }), ...(sweep.lower === undefined ? {} : { lower: sweep.lower }), ...(sweep.upper === undefined ? {} : { upper: sweep.upper }),
    ...(sweep.after === undefined ? {} : { after: sweep.after }),
    ...(plan.flag === undefined ? {} : { pending: { column: plan.flag, value: settings.flagPending } }),
    ...(settings.sideTable === undefined ? {} : { notIn: { table: settings.sideTable, source } }),
  });
}

export type Read = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

async function takePage(positions: readonly HisRow[], deps: SweepDeps, read: Read): Promise<{ readonly events: number; readonly submitted: number }> {
  const ids = idsOf(positions);
  const wanted = comparesHere(deps.settings) ? ids.filter((id) => !deps.submit.recent.isSettled(tidy(id) ?? '')) : ids;
  let submitted = 0;
  for await (const groups of wholeEvents(wanted, deps, read)) {
    submitted += await submitPage(groups, deps.submit);
    await mark(groups, deps, read);
  }
  return { events: ids.length, submitted };
}

/** anti-join without a table of ours on the server: the ids are compared with what was taken lately, the intake knows the rest */
function comparesHere(settings: PullSettings): boolean {
  return settings.strategy === 'anti-join' && settings.sideTable === undefined;
}

/**
 * Reads events whole, in their order. When they have more rows together than may be in memory the list is halved; a single event
 * with more is handed over cut, to be quarantined.
 */
export async function* wholeEvents(ids: readonly string[], deps: Pick<SweepDeps, 'db' | 'plan' | 'settings'>, read: Read): AsyncGenerator<readonly EventRows[]> {
  const { plan, settings, db } = deps;
  const hex = settings.charset === 'gbk';
  const parts: (readonly string[])[] = [ids];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part.length === 0) continue;
    const now = part;
    const statement = linesStatement(db.dialect, { from: settings.view, columns: plan.columns, event: plan.event, row: plan.row, ids: now, rows: settings.maxEventRows + 1, hex });
    const rows = await read((signal) => db.query(statement, signal));
    if (rows.length > settings.maxEventRows && now.length > 1) {
      const middle = Math.ceil(now.length / 2);
      parts.unshift(now.slice(0, middle), now.slice(middle));
      continue;
    }
    yield groupRows(rows, now, { columns: plan.columns, row: plan.row, bookkeeping: plan.bookkeeping, hex });
  }
}

const MARKS_AT_A_TIME = 500;

/** Marks what is durable. Not marked, for whatever reason, means read again: a duplicate, never a loss. */
async function mark(groups: readonly EventRows[], { db, plan, settings, source }: SweepDeps, read: Read): Promise<void> {
  const run = async (statement: RowStatement): Promise<void> => { await read((signal) => db.run(statement, signal)); };
  if (plan.flag !== undefined) {
    const keys = groups.flatMap((group) => group.rowKeys);
    for (let at = 0; at < keys.length; at += MARKS_AT_A_TIME) {
      await run(flagStatement(db.dialect, { table: settings.flagTable ?? settings.view, flag: plan.flag, row: plan.row, rows: keys.slice(at, at + MARKS_AT_A_TIME), pending: settings.flagPending, done: settings.flagDone }));
    }
  }
  if (settings.sideTable !== undefined) {
    const ids = groups.map((group) => group.rawId);
    for (let at = 0; at < ids.length; at += MARKS_AT_A_TIME) {
      await run(sideStatement(db.dialect, { table: settings.sideTable, source, ids: ids.slice(at, at + MARKS_AT_A_TIME), event: plan.event }));
    }
  }
}
