import type { SqlDriver } from '../ports/sql-driver.ts';
import { countQuarantined } from '../store/queries/quarantine-view.ts';
import { readDayChunk } from '../store/queries/summary-view.ts';
import { addChunk, emptyTally, LINE_CLASSES, type DayTally, type DestinationTally, type LineClass, type SummaryItem } from './line-fates.ts';

/** One class of lines of a day at one destination. */
export interface LineClassSummary {
  readonly lines: number;
  readonly reasons: readonly { readonly reason: string; readonly lines: number }[];
  /** the first lines of the class */
  readonly items: readonly SummaryItem[];
}

export interface DestinationSummary {
  readonly name: string;
  readonly lines: number;
  readonly complete: boolean;
  /** lines with a known fate ÷ all lines, per cent with two decimals */
  readonly completeness: string;
  /** reported ÷ owed */
  readonly reportRate: string;
  readonly reported: number;
  readonly excluded: LineClassSummary;
  readonly pending: LineClassSummary;
  readonly attention: LineClassSummary;
  readonly missing: LineClassSummary;
  readonly reversals: { readonly reported: number; readonly pending: number; readonly attention: number };
}

/** Completeness (完整率) of one day: every HIS line is reported, excluded with a reason, pending or needs attention; what no delivery covers is missing. */
export interface DaySummary {
  readonly date: string;
  readonly institution: string;
  readonly events: number;
  readonly lines: number;
  readonly complete: boolean;
  readonly completeness: string;
  /** records received that day which still wait in quarantine */
  readonly quarantined: number;
  readonly destinations: readonly DestinationSummary[];
}

export interface SummaryQuestion {
  readonly institution: string;
  /** yyyy-MM-dd, by the time of the business in China */
  readonly date: string;
  readonly destinations: readonly string[];
  /** lines listed per class at most */
  readonly maxItems: number;
}

export async function readDaySummary(driver: SqlDriver, question: SummaryQuestion): Promise<DaySummary> {
  const { institution, date } = question;
  const day = await readDay(driver, question);
  const from = Date.parse(`${date}T00:00:00+08:00`);
  const quarantined = await driver.read((q) => countQuarantined(q, institution, from, from + 86_400_000));
  const destinations = day.destinations.map(destinationSummary);
  const owed = destinations.reduce((sum, destination) => sum + destination.lines, 0);
  const missing = destinations.reduce((sum, destination) => sum + destination.missing.lines, 0);
  return {
    date, institution, events: day.events, lines: day.lines, complete: missing === 0 && quarantined === 0,
    completeness: percentOf(owed - missing, owed), quarantined, destinations,
  };
}

async function readDay(driver: SqlDriver, question: SummaryQuestion): Promise<DayTally> {
  const day = emptyTally(question.destinations);
  let after = 0;
  for (;;) {
    const chunk = await driver.read((q) => readDayChunk(q, question.institution, question.date, after));
    addChunk(day, chunk, question.maxItems);
    if (chunk.lastEventNo === undefined) return day;
    after = chunk.lastEventNo;
  }
}

function destinationSummary(tally: DestinationTally): DestinationSummary {
  const lines = LINE_CLASSES.reduce((sum, name) => sum + tally.classes[name].lines, 0);
  const { reported, excluded, missing } = tally.classes;
  return {
    name: tally.name, lines, complete: missing.lines === 0, completeness: percentOf(lines - missing.lines, lines), reportRate: percentOf(reported.lines, lines - excluded.lines),
    reported: reported.lines, excluded: classSummary(tally, 'excluded'), pending: classSummary(tally, 'pending'), attention: classSummary(tally, 'attention'),
    missing: classSummary(tally, 'missing'), reversals: tally.reversals,
  };
}

function classSummary(tally: DestinationTally, name: LineClass): LineClassSummary {
  const { lines, reasons, items } = tally.classes[name];
  return { lines, reasons: [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => ({ reason, lines: count })), items };
}

/** Rounded down: 99.999 % is not shown as 100. */
function percentOf(part: number, whole: number): string {
  return whole === 0 ? '100.00' : (Math.floor((part * 10_000) / whole) / 100).toFixed(2);
}
