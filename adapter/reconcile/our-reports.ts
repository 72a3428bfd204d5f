import { chinaDate, parseInstant } from '../domain/china-time.ts';
import type { Drug } from '../domain/drug.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { marks } from '../store/queries/conditions.ts';
import { CHUNK_EVENTS, SELECT_DAY_NUMBERS } from '../store/queries/summary-view.ts';

/** One report of ours that the platform accepted on the day. */
export interface OurReport {
  readonly deliveryNo: number;
  readonly eventNo: number;
  readonly subjectNo: number;
  readonly operation: string;
  readonly key: string;
  readonly covers: readonly string[];
  readonly codes: readonly string[];
  readonly reverses: number | undefined;
  readonly acceptedAt: number;
  /** business day, yyyy-MM-dd in China */
  readonly occurredOn: string;
  readonly lines: readonly OurLine[];
}

export interface OurLine {
  readonly lineNo: string;
  readonly drug: string;
  /** as the platform knows the drug: 院内目录编号 */
  readonly listId: string;
  /** as told by the HIS, decimal string */
  readonly quantity: string;
  /** smallest units, decimal string */
  readonly units: string | undefined;
  readonly unitsPerPack: number | undefined;
}

export interface OurDay {
  readonly institution: string;
  readonly destination: string;
  /** yyyy-MM-dd in China */
  readonly day: string;
}

/** business of so many days before may have been accepted on the day: held for a settlement, refused and mended */
const DAYS_BACK = 31;
const DAY_MS = 86_400_000;

const NUMBERS = marks(CHUNK_EVENTS);
/** index delivery_by_event */
export const SELECT_ACCEPTED = `SELECT delivery_no, event_no, subject_no, operation, report_key, covers, codes, reverses, settled_at FROM delivery
  WHERE institution = ? AND event_no IN (${NUMBERS}) AND destination = ? AND state IN ('accepted', 'duplicate') AND settled_at >= ? AND settled_at < ?`;
/** primary key of event_line */
export const SELECT_LINES = `SELECT line_no, drug, quantity, units FROM event_line WHERE institution = ? AND event_no = ?`;

interface AcceptedRow { readonly delivery_no: number; readonly event_no: number; readonly subject_no: number; readonly operation: string; readonly report_key: string; readonly covers: string; readonly codes: string; readonly reverses: number | null; readonly settled_at: number }

/**
 * What the platform accepted of us on the day, whatever day the business was of. Read in short pieces: a comparison keeps nobody
 * waiting.
 */
export async function loadOurReports(driver: SqlDriver, catalogue: DrugLookup, of: OurDay, signal: AbortSignal): Promise<readonly OurReport[]> {
  const start = dayStart(of.day);
  const reports: OurReport[] = [];
  for (const occurredOn of businessDays(of.day)) {
    for (let after: number | undefined = 0; after !== undefined;) {
      signal.throwIfAborted();
      const from: number = after;
      const piece = await driver.read((q) => readPiece(q, catalogue, { of, occurredOn, after: from, start }));
      reports.push(...piece.reports);
      after = piece.last;
    }
  }
  return reports;
}

interface Piece { readonly of: OurDay; readonly occurredOn: string; readonly after: number; readonly start: number }

async function readPiece(q: SqlQuery, catalogue: DrugLookup, { of, occurredOn, after, start }: Piece): Promise<{ readonly reports: readonly OurReport[]; readonly last: number | undefined }> {
  const numbers = await eventNumbers(q, of.institution, occurredOn, after);
  if (numbers === undefined) return { reports: [], last: undefined };
  const rows = await q.all<AcceptedRow>(SELECT_ACCEPTED, [of.institution, ...numbers.padded, of.destination, start, start + DAY_MS]);
  const linesOf = lineReader(q, catalogue, of.institution);
  const reports: OurReport[] = [];
  for (const row of rows) {
    const covers = JSON.parse(row.covers) as string[];
    const lines = (await linesOf(row.subject_no)).filter((line) => covers.length === 0 || covers.includes(line.lineNo));
    reports.push({
      deliveryNo: row.delivery_no, eventNo: row.event_no, subjectNo: row.subject_no, operation: row.operation, key: row.report_key, covers, codes: JSON.parse(row.codes) as string[],
      reverses: row.reverses ?? undefined, acceptedAt: row.settled_at, occurredOn, lines,
    });
  }
  return { reports, last: numbers.next };
}

/** @returns the days of business that may have been accepted on a day: the day itself, the days before it, and the next, for clocks that are ahead */
export function businessDays(day: string): readonly string[] {
  const start = dayStart(day);
  return Array.from({ length: DAYS_BACK + 2 }, (_, at) => chinaDate(start - (at - (at > DAYS_BACK ? DAYS_BACK + 2 : 0)) * DAY_MS));
}

/** @returns the next numbers of a day's events, filled up to one length so that statements are prepared once; `next` is undefined at the end */
export async function eventNumbers(q: SqlQuery, institution: string, occurredOn: string, after: number): Promise<{ readonly padded: readonly number[]; readonly next: number | undefined } | undefined> {
  const found = (await q.all<{ event_no: number }>(SELECT_DAY_NUMBERS, [institution, occurredOn, after])).map((row) => row.event_no);
  const last = found.at(-1);
  if (last === undefined) return undefined;
  return { padded: Array.from({ length: CHUNK_EVENTS }, (_, at) => found[at] ?? last), next: found.length < CHUNK_EVENTS ? undefined : last };
}

/** Several reports of one event read its lines once. */
function lineReader(q: SqlQuery, catalogue: DrugLookup, institution: string): (eventNo: number) => Promise<readonly OurLine[]> {
  const read = new Map<number, readonly OurLine[]>();
  return async (eventNo) => {
    const known = read.get(eventNo);
    if (known !== undefined) return known;
    const rows = await q.all<{ line_no: string; drug: string; quantity: string; units: string | null }>(SELECT_LINES, [institution, eventNo]);
    const drugs = await catalogue.lookup(q, institution, [...new Set(rows.map((row) => row.drug))]);
    const lines = rows.map((row) => ({ lineNo: row.line_no, drug: row.drug, listId: listIdOf(row.drug, drugs.get(row.drug)), quantity: row.quantity, units: row.units ?? undefined, unitsPerPack: drugs.get(row.drug)?.unitsPerPack }));
    read.set(eventNo, lines);
    return lines;
  };
}

function listIdOf(id: string, drug: Drug | undefined): string {
  return drug?.hospitalListId ?? id;
}

/** @returns the first instant of a day in China */
export function dayStart(day: string): number {
  return parseInstant(`${day}T00:00:00+08:00`) ?? Number.NaN;
}
