import { localTimePlus } from './local-time.ts';
import type { PullPlan } from './plan.ts';
import type { Position, Sweep } from './position.ts';
import type { RowDatabase } from './row-database.ts';
import { RowFault } from './row-fault.ts';
import type { PullSettings } from './settings.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

export interface BoundsOptions {
  readonly db: RowDatabase;
  readonly plan: PullPlan;
  readonly settings: PullSettings;
  /** time-window: use the deeper look-back this time */
  readonly deep: boolean;
  readonly signal: AbortSignal;
}

export interface Bounds {
  readonly sweep: Sweep;
  readonly start?: string;
  /** English, for the log: why this pass reads more than the remembered position asks for */
  readonly notice?: string;
}

/**
 * Fixes the bounds of a sweep before its first row is read. The clock, the version ceiling or the SCN is taken first, so that a row
 * that becomes visible while the sweep runs lies in the next one: a bare high-water mark loses it (his.md i.3).
 */
export async function boundsOf(position: Position, options: BoundsOptions): Promise<Bounds> {
  switch (options.plan.cursor) {
    case 'none': return { sweep: {} };
    case 'time': return timeBounds(position, options);
    case 'changes': return changeBounds(position, options);
    case 'version': {
      // every row below the ceiling is committed; rows at or above it belong to the next sweep
      const ceiling = await single(options, options.db.dialect.versionCeiling, 'CEILING');
      const back = position.since !== undefined && BigInt(position.since) > BigInt(ceiling);
      const lower = back ? undefined : position.since ?? (options.settings.startAt === 'now' ? ceiling : undefined);
      const sweep = { ...(lower === undefined ? {} : { lower }), upper: ceiling, next: ceiling };
      // a database brought back from a copy counts from there again: waiting for the old number would lose everything until then
      return back ? { sweep, notice: 'versions of the database went back (restored from a copy?); everything is read again' } : { sweep };
    }
    case 'scn': {
      // ORA_ROWSCN is never lower than the commit SCN (his.md b.2): what commits from now on is at or above this number
      const scn = await single(options, options.db.dialect.changeNumber, 'SCN');
      const lower = position.since ?? (options.settings.startAt === 'now' ? scn : undefined);
      return { sweep: { ...(lower === undefined ? {} : { lower }), next: scn } };
    }
  }
}

/** The server's clock, not the newest row: one row stamped 2099 by a client PC must not push the window away. */
async function timeBounds(position: Position, options: BoundsOptions): Promise<{ readonly sweep: Sweep; readonly start?: string }> {
  const { settings, plan } = options;
  const now = await single(options, options.db.dialect.now, 'NOW');
  const start = position.start ?? startTime(settings.startAt, now);
  const since = position.since ?? start;
  const back = since === undefined ? undefined : localTimePlus(since, -lookBackOf(settings, options.deep));
  const lower = back === undefined || start === undefined || back > start ? back : start;
  const offset = plan.position.kind === 'offset-time' ? ' +08:00' : '';
  return { sweep: { ...(lower === undefined ? {} : { lower: `${lower}${offset}` }), next: now }, ...(start === undefined ? {} : { start }) };
}

/**
 * Change tracking knows every change back to its MINIMUM. What the remembered version does not reach any more, or not yet, is read by
 * time once, from the time that version was taken at.
 */
async function changeBounds(position: Position, options: BoundsOptions): Promise<Bounds> {
  const facts = await changeFacts(options);
  const { since } = position;
  const start = position.start ?? startTime(options.settings.startAt, facts.now);
  const begun = start === undefined ? {} : { start };
  const { ceiling, minimum } = facts;
  if (ceiling === undefined || minimum === undefined) return { ...await windowSweep(position, options, facts), ...begun, notice: 'table is not tracked, or VIEW CHANGE TRACKING is not granted; rows are read by time' };
  const tracked = { upper: ceiling, next: ceiling, at: facts.now };
  if (since === undefined) return options.settings.startAt === 'now' && position.at === undefined ? { sweep: { ...tracked, lower: ceiling }, ...begun } : { ...await windowSweep(position, options, facts), ...begun };
  if (BigInt(since) > BigInt(ceiling)) return { ...await windowSweep(position, options, facts), ...begun, notice: 'versions of the database went back (restored from a copy?); rows are read by time once' };
  if (BigInt(since) < BigInt(minimum)) return { ...await windowSweep(position, options, facts), ...begun, notice: 'changes since the last poll are no longer kept by the server; rows are read by time once' };
  return { sweep: { ...tracked, lower: since }, ...begun };
}

async function windowSweep(position: Position, options: BoundsOptions, facts: ChangeFacts): Promise<{ readonly sweep: Sweep }> {
  const { sweep } = await timeBounds({ ...(position.at === undefined ? {} : { since: position.at }), ...(position.start === undefined ? {} : { start: position.start }) }, { ...options, deep: true });
  const { lower } = sweep;
  return { sweep: { ...(lower === undefined ? {} : { lower }), ...(facts.ceiling === undefined ? {} : { next: facts.ceiling }), at: facts.now, window: true } };
}

export interface ChangeFacts { readonly ceiling: string | undefined; readonly minimum: string | undefined; readonly now: string }

/** @returns what the server knows of changes, read at one moment @throws RowFault */
export async function changeFacts({ db, plan, signal }: Pick<BoundsOptions, 'db' | 'plan' | 'signal'>): Promise<ChangeFacts> {
  const { changes } = db.dialect;
  if (changes === undefined || plan.changes === undefined) throw new RowFault('statement', 'CHANGES', `${db.dialect.name} has no change tracking`);
  const [row] = await db.query(changes.facts(plan.changes.table), signal);
  const now = row?.['NOW']?.trim();
  if (now === undefined || now === '') throw new RowFault('statement', 'NOW', 'no value for NOW');
  return { ceiling: row?.['CEILING']?.trim(), minimum: row?.['MINIMUM']?.trim(), now };
}

function startTime(startAt: string, now: string): string | undefined {
  if (startAt === 'beginning') return undefined;
  return startAt === 'now' ? now : localTimePlus(startAt, 0);
}

/** @returns how far before the remembered time a poll reads, ms */
export function lookBackOf(settings: PullSettings, deep: boolean): number {
  const byTime = settings.strategy === 'time-window' || settings.strategy === 'change-tracking';
  const usual = byTime ? 15 * MINUTE : settings.sideTable === undefined ? DAY : 30 * DAY;
  const back = settings.lookBack ?? usual;
  return byTime && deep ? Math.max(back, settings.deepLookBack) : back;
}

async function single(options: BoundsOptions, sql: string | undefined, column: string): Promise<string> {
  if (sql === undefined) throw new RowFault('statement', column, `${options.db.dialect.name} has no ${column}`);
  const [row] = await options.db.query({ sql, params: [] }, options.signal);
  const value = row?.[column]?.trim();
  if (value === undefined || value === '') throw new RowFault('statement', column, `no value for ${column}`);
  return value;
}
