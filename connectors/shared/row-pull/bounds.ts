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

/**
 * Fixes the bounds of a sweep before its first row is read. The clock, the version ceiling or the SCN is taken first, so that a row
 * that becomes visible while the sweep runs lies in the next one: a bare high-water mark loses it (his.md i.3).
 */
export async function boundsOf(position: Position, options: BoundsOptions): Promise<{ readonly sweep: Sweep; readonly start?: string }> {
  switch (options.plan.cursor) {
    case 'none': return { sweep: {} };
    case 'time': return timeBounds(position, options);
    case 'version': {
      // every row below the ceiling is committed; rows at or above it belong to the next sweep
      const ceiling = await single(options, options.db.dialect.versionCeiling, 'CEILING');
      const lower = position.since ?? (options.settings.startAt === 'now' ? ceiling : undefined);
      return { sweep: { ...(lower === undefined ? {} : { lower }), upper: ceiling, next: ceiling } };
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

function startTime(startAt: string, now: string): string | undefined {
  if (startAt === 'beginning') return undefined;
  return startAt === 'now' ? now : localTimePlus(startAt, 0);
}

/** @returns how far before the remembered time a poll reads, ms */
export function lookBackOf(settings: PullSettings, deep: boolean): number {
  const usual = settings.strategy === 'time-window' ? 15 * MINUTE : settings.sideTable === undefined ? DAY : 30 * DAY;
  const back = settings.lookBack ?? usual;
  return settings.strategy === 'time-window' && deep ? Math.max(back, settings.deepLookBack) : back;
}

async function single(options: BoundsOptions, sql: string | undefined, column: string): Promise<string> {
  if (sql === undefined) throw new RowFault('statement', column, `${options.db.dialect.name} has no ${column}`);
  const [row] = await options.db.query({ sql, params: [] }, options.signal);
  const value = row?.[column]?.trim();
  if (value === undefined || value === '') throw new RowFault('statement', column, `no value for ${column}`);
  return value;
}
