import { parseInstant } from '../domain/china-time.ts';
import type { EventKind } from '../domain/event.ts';
import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';

/** Which stored records are played. */
export interface Selection {
  readonly institution: string;
  /** business days in China, yyyy-MM-dd, both included */
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly kind?: EventKind;
  /** the newest ones are taken where there are more */
  readonly limit: number;
}

/** What was chosen, by numbers of the store. */
export interface Chosen {
  readonly eventNos: ReadonlySet<number>;
  /** records of the chosen events, and chosen records that became no event */
  readonly recordNos: ReadonlySet<number>;
  /** chosen records without events, ascending */
  readonly without: readonly number[];
  /** first and last number to be played; `first` is Infinity when nothing was chosen */
  readonly first: number;
  readonly last: number;
}

const DAY_MS = 86_400_000;
const ALWAYS = 8_640_000_000_000_000;

/** @returns the chosen numbers. Events by index event_by_day or primary key; records by primary key, quarantined ones by record_quarantined */
export async function choose(q: SqlQuery, selection: Selection): Promise<Chosen> {
  const { institution, source, kind, limit } = selection;
  const days = { from: selection.from ?? '0000-00-00', to: selection.to ?? '9999-99-99' };
  const rows = await q.all<{ event_no: number; record_no: number; received_at: number }>(...filtered(
    'SELECT event_no, record_no, received_at FROM event WHERE institution = ?', [institution],
    [[' AND occurred_on >= ? AND occurred_on <= ?', selection.from === undefined && selection.to === undefined ? undefined : [days.from, days.to]], [' AND source = ?', source === undefined ? undefined : [source]], [' AND kind = ?', kind === undefined ? undefined : [kind]]],
    ` ORDER BY event_no DESC LIMIT ${String(limit)}`,
  ));
  const without = kind === undefined ? await chooseWithout(q, selection, rows) : [];
  const eventNos = rows.map((row) => row.event_no);
  const recordNos = [...rows.map((row) => row.record_no), ...without];
  return {
    eventNos: new Set(eventNos), recordNos: new Set(recordNos), without,
    first: [...eventNos, ...recordNos].reduce((least, number) => Math.min(least, number), Infinity),
    last: [...eventNos, ...recordNos].reduce((most, number) => Math.max(most, number), 0),
  };
}

/** Records that were kept without becoming an event: the changed configuration may read them. */
async function chooseWithout(q: SqlQuery, { institution, from, to, source, limit }: Selection, rows: readonly { readonly event_no: number; readonly record_no: number; readonly received_at: number }[]): Promise<number[]> {
  const oldest = rows.at(-1);
  const since = from === undefined ? (rows.length < limit ? 0 : oldest?.received_at ?? 0) : startOf(from);
  const until = to === undefined ? ALWAYS : startOf(to) + DAY_MS;
  const least = from === undefined && rows.length < limit ? 0 : oldest?.record_no ?? 0;
  const found: number[] = [];
  for (const state of ['quarantined', 'noted']) {
    const records = await q.all<{ record_no: number }>(...filtered(
      `SELECT record_no FROM record WHERE institution = ? AND state = '${state}' AND received_at >= ? AND received_at < ?`, [institution, since, until],
      [[' AND record_no >= ?', state === 'noted' && least > 0 ? [least] : undefined], [' AND source = ?', source === undefined ? undefined : [source]]], ` ORDER BY record_no DESC LIMIT ${String(limit)}`,
    ));
    found.push(...records.map((record) => record.record_no));
  }
  return found.sort((a, b) => a - b);
}

function startOf(day: string): number {
  return parseInstant(`${day}T00:00:00+08:00`) ?? 0;
}

/** @returns the statement with those conditions that have values */
function filtered(head: string, params: readonly SqlValue[], conditions: readonly (readonly [string, readonly SqlValue[] | undefined])[], tail: string): [string, SqlValue[]] {
  const used = conditions.flatMap(([text, values]) => (values === undefined ? [] : [{ text, values }]));
  return [`${head}${used.map(({ text }) => text).join('')}${tail}`, [...params, ...used.flatMap(({ values }) => values)]];
}
