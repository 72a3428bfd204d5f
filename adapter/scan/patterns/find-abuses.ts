import { chinaDate } from '../../domain/china-time.ts';
import type { EventKind } from '../../domain/event.ts';
import type { SqlDriver, SqlQuery } from '../../ports/sql-driver.ts';
import { dispensedElsewhere } from '../elsewhere.ts';
import { serialRuns } from '../serial-run.ts';
import { withoutVoided, type HistoryStep } from './code-history.ts';
import { findPatterns, type AbuseHit } from './find-patterns.ts';

export interface AbuseSearch {
  readonly institution: string;
  /** other members of the alliance that may be told of (elsewhere.ts); none unless said */
  readonly members?: readonly string[];
  /** stops between two pages */
  readonly signal?: AbortSignal;
}

export interface AbuseReport {
  readonly codes: number;
  /** at most MAX_HITS */
  readonly hits: readonly AbuseHit[];
  readonly truncated: boolean;
}

/** Rows read in one go: few enough that nobody at a window notices. */
const PAGE = 1_000;
const MAX_HITS = 100_000;
const MAX_REFUSED = 200_000;

interface MoveRow {
  code: string; event_no: number; line_no: string; from_state: string; to_state: string; units: string; kind: EventKind; occurred_at: number; visit_no: string | null;
  expires_on: string | null; units_total: string | null; received_count: number; sold_count: number;
}

/** primary keys of code_event, event and code */
export const SELECT_MOVES_AFTER = `SELECT m.code, m.event_no, m.line_no, m.from_state, m.to_state, m.units, e.kind, e.occurred_at, e.visit_no, c.expires_on, c.units_total, c.received_count, c.sold_count
  FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no JOIN code c ON c.institution = m.institution AND c.code = m.code
  WHERE m.institution = ? AND (m.code, m.event_no, m.line_no) > (?, ?, ?) ORDER BY m.code, m.event_no, m.line_no LIMIT ${String(PAGE)}`;
/** primary keys of finding and event */
export const SELECT_REFUSED = `SELECT f.event_no, f.finding_no, f.trace_code, e.visit_no FROM finding f JOIN event e ON e.institution = f.institution AND e.event_no = f.event_no
  WHERE f.institution = ? AND (f.event_no, f.finding_no) > (?, ?) AND f.code = 'CODE_ALREADY_DISPENSED' AND e.kind = 'dispense' ORDER BY f.event_no, f.finding_no LIMIT ${String(PAGE)}`;

/**
 * Goes through the whole history of an institution, code by code and page by page, and finds what looks like resold or copied packs.
 * Reads only; every page is a transaction of its own, so that the day's work goes on beside it.
 */
export async function findAbuses(driver: SqlDriver, search: AbuseSearch): Promise<AbuseReport> {
  const refused = await readRefused(driver, search);
  const hits: AbuseHit[] = [];
  const soldUnreceived: string[] = [];
  let codes = 0;
  let rest: MoveRow[] = [];
  for (let after: readonly [string, number, string] = ['', 0, '']; search.signal?.aborted !== true && hits.length < MAX_HITS;) {
    const page = await driver.read((q) => q.all<MoveRow>(SELECT_MOVES_AFTER, [search.institution, ...after]));
    const last = page.at(-1);
    const whole = page.length < PAGE;
    const lives = livesOf([...rest, ...page]);
    // the last code of a page may go on in the next
    rest = whole ? [] : lives.pop() ?? [];
    codes += lives.length;
    hits.push(...await judge(driver, search, lives, refused));
    for (const [first] of lives) if (first?.received_count === 0 && first.sold_count > 0) soldUnreceived.push(first.code);
    if (whole || last === undefined) break;
    after = [last.code, last.event_no, last.line_no];
  }
  for (const run of serialRuns(soldUnreceived)) for (const code of run.codes) hits.push({ code, pattern: 'serial-run', detail: `连续 ${String(run.codes.length)} 个流水号没有入库而发出，末位规律相同` });
  return { codes, hits: hits.slice(0, MAX_HITS), truncated: hits.length > MAX_HITS };
}

async function readRefused(driver: SqlDriver, { institution, signal }: AbuseSearch): Promise<ReadonlyMap<string, readonly (string | undefined)[]>> {
  const refused = new Map<string, (string | undefined)[]>();
  for (let after: readonly [number, number] = [0, 0], seen = 0; seen < MAX_REFUSED && signal?.aborted !== true; seen += PAGE) {
    const rows = await driver.read((q) => q.all<{ event_no: number; finding_no: number; trace_code: string | null; visit_no: string | null }>(SELECT_REFUSED, [institution, ...after]));
    for (const { trace_code: code, visit_no: visit } of rows) if (code !== null) refused.set(code, [...(refused.get(code) ?? []), visit ?? undefined]);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    after = [last.event_no, last.finding_no];
  }
  return refused;
}

/** @returns rows of the same code together, in their order */
function livesOf(rows: readonly MoveRow[]): MoveRow[][] {
  const lives: MoveRow[][] = [];
  let life: MoveRow[] = [];
  for (const row of rows) {
    if (life[0]?.code === row.code) life.push(row);
    else {
      life = [row];
      lives.push(life);
    }
  }
  return lives;
}

async function judge(driver: SqlDriver, { members = [] }: AbuseSearch, lives: readonly MoveRow[][], refused: ReadonlyMap<string, readonly (string | undefined)[]>): Promise<AbuseHit[]> {
  const sold = members.length === 0 ? [] : lives.flatMap(([first]) => (first !== undefined && first.sold_count > 0 ? [first.code] : []));
  const elsewhere = sold.length === 0 ? new Set<string>() : await driver.read((q: SqlQuery) => dispensedElsewhere(q, members, sold));
  const hits: AbuseHit[] = [];
  for (const life of lives) {
    const [first] = life;
    if (first === undefined) continue;
    hits.push(...findPatterns({
      code: first.code, expiresOn: first.expires_on ?? undefined, unitsTotal: first.units_total === null ? undefined : BigInt(first.units_total), steps: withoutVoided(life.map(stepOf)),
      refusedVisits: refused.get(first.code) ?? [], elsewhere: elsewhere.has(first.code),
    }));
  }
  return hits;
}

function stepOf(row: MoveRow): HistoryStep {
  return { kind: row.kind, eventNo: row.event_no, on: chinaDate(row.occurred_at), from: row.from_state, to: row.to_state, units: BigInt(row.units), visitNo: row.visit_no ?? undefined };
}
