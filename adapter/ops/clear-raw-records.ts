import { ATTENTION_STATES_SQL, OPEN_STATES_SQL } from '../delivery/states.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';

export interface ClearOptions {
  readonly driver: SqlDriver;
  readonly institutions: readonly string[];
  /** 0 = nothing is cleared */
  readonly days: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>, by?: number) => void;
  readonly signal?: AbortSignal;
}

const DAY_MS = 86_400_000;
const READ = 500;
/** rows of one transaction: the intake shares the one writer of SQLite */
const WRITE = 100;
const PAUSE_MS = 20;
/** more reports under way than this is an outage: raw records wait for another night */
const MAX_UNSETTLED = 100_000;
const NOTHING = new Uint8Array(0);

/** index delivery_due */
export const SELECT_OPEN_EVENTS = `SELECT event_no, subject_no FROM delivery WHERE institution = ? AND ${OPEN_STATES_SQL} LIMIT ${String(MAX_UNSETTLED + 1)}`;
/** index delivery_attention */
export const SELECT_ATTENTION_EVENTS = `SELECT event_no, subject_no FROM delivery WHERE institution = ? AND ${ATTENTION_STATES_SQL} LIMIT ${String(MAX_UNSETTLED + 1)}`;
const MARKS = Array.from({ length: READ }, () => '?').join(', ');
/** primary key of event */
export const SELECT_RECORDS_OF = `SELECT record_no FROM event WHERE institution = ? AND event_no IN (${MARKS})`;
/** primary key of record */
export const SELECT_RECORDS = `SELECT record_no, received_at, state, LENGTH(body) AS bytes FROM record WHERE institution = ? AND record_no > ? ORDER BY record_no LIMIT ${String(READ)}`;
/** primary key of record */
export const CLEAR_BODY = `UPDATE record SET body = ? WHERE institution = ? AND record_no = ? AND state IN ('taken', 'noted', 'retried', 'superseded')`;
const CLEARED_STATES: readonly string[] = ['taken', 'noted', 'retried', 'superseded'];

interface RecordHead { readonly record_no: number; readonly received_at: number; readonly state: string; readonly bytes: number }

/**
 * Clears the raw content of records older than the limit whose reports are all settled (retention.rawRecordDays). The row with
 * number, source, id and hash stays, and so do events, codes, deliveries and attempts: a repeat is known by them, for ever.
 * What waits in quarantine, or whose report waits for anything, keeps its content. Works in small batches beside the intake.
 * @returns how many records were cleared
 */
export async function clearRawRecords(options: ClearOptions): Promise<number> {
  if (options.days === 0) return 0;
  let cleared = 0;
  for (const institution of options.institutions) {
    const kept = await recordsInWork(options, institution);
    if (kept === undefined) {
      options.log.warn('raw records not cleared: too many reports are under way', { institution, limit: MAX_UNSETTLED });
      continue;
    }
    const count = await clearInstitution(options, institution, kept);
    if (count > 0) options.log.info('raw records cleared', { institution, count, olderThanDays: options.days });
    cleared += count;
  }
  return cleared;
}

/** @returns the records whose events have reports that are not settled; undefined when they are too many to know */
async function recordsInWork({ driver }: ClearOptions, institution: string): Promise<ReadonlySet<number> | undefined> {
  const rows = await driver.read(async (q) => [
    ...await q.all<{ event_no: number; subject_no: number }>(SELECT_OPEN_EVENTS, [institution]), ...await q.all<{ event_no: number; subject_no: number }>(SELECT_ATTENTION_EVENTS, [institution]),
  ]);
  if (rows.length > MAX_UNSETTLED) return undefined;
  const events = [...new Set(rows.flatMap((row) => [row.event_no, row.subject_no]))];
  const records = new Set<number>();
  for (let at = 0; at < events.length; at += READ) {
    const some = Array.from({ length: READ }, (_, index) => events[at + index] ?? events[at] ?? 0);
    for (const row of await driver.read((q) => q.all<{ record_no: number }>(SELECT_RECORDS_OF, [institution, ...some]))) records.add(row.record_no);
  }
  return records;
}

async function clearInstitution(options: ClearOptions, institution: string, kept: ReadonlySet<number>): Promise<number> {
  const { driver, clock, signal } = options;
  const isEnding = (): boolean => signal?.aborted === true;
  const before = clock.now() - options.days * DAY_MS;
  let after = 0;
  let cleared = 0;
  while (!isEnding()) {
    const at = after;
    const rows = await driver.read((q) => q.all<RecordHead>(SELECT_RECORDS, [institution, at]));
    after = rows.at(-1)?.record_no ?? after;
    const due = rows.filter((row) => row.received_at < before && row.bytes > 0 && CLEARED_STATES.includes(row.state) && !kept.has(row.record_no));
    for (let from = 0; from < due.length && !isEnding(); from += WRITE) cleared += await clearSome(options, institution, due.slice(from, from + WRITE));
    // numbers are given in the order of arrival, near enough: a whole page of young records ends the walk
    if (rows.length < READ || rows.every((row) => row.received_at >= before)) break;
  }
  return cleared;
}

async function clearSome({ driver, clock, count }: ClearOptions, institution: string, rows: readonly RecordHead[]): Promise<number> {
  const changed = await driver.write(async (q) => {
    let sum = 0;
    for (const row of rows) sum += await q.run(CLEAR_BODY, [NOTHING, institution, row.record_no]);
    return sum;
  });
  count('his_trace_raw_records_cleared_total', { institution }, changed);
  await clock.sleep(PAUSE_MS);
  return changed;
}
