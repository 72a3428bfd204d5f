import type { Clock } from '../ports/clock.ts';
import type { HisRecord, Interpreter } from '../ports/his-record.ts';
import type { Intake } from '../ports/intake.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { listRecords, type QuarantineFilter } from '../store/queries/quarantine-view.ts';

export interface RetryDeps {
  readonly driver: SqlDriver;
  readonly intake: Intake;
  /** by the name a record keeps: a configured source, or the REST intake */
  readonly interpreters: ReadonlyMap<string, Interpreter>;
  readonly clock: Clock;
}

export interface RetryCount {
  readonly matched: number;
  readonly changed: number;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

interface StoredRecord { source: string; control_id: string; interpreter: string; media: HisRecord['media']; charset: string; body: Uint8Array }

/** primary key of record */
const SELECT_WHOLE = `SELECT source, control_id, interpreter, media, charset, body FROM record WHERE institution = ? AND record_no = ? AND state = 'quarantined'`;
const DONE = `UPDATE record SET state = 'retried', settled_at = ? WHERE institution = ? AND record_no = ? AND state IN ('quarantined', 'superseded')`;
const STILL = `UPDATE record SET error_code = ?, error_field = ?, error_value = ?, detail = ? WHERE institution = ? AND record_no = ? AND state = 'quarantined'`;
/** records of a hub that named no institution of it */
const NOBODY = '*';
const PAGE = 200;
const MAX_PAGES = 5_000;

/** Reads quarantined records again with the present mapping, oldest last seen first, and takes what can now be taken. */
export async function retryQuarantine(deps: RetryDeps, filter: QuarantineFilter, options: { readonly dryRun: boolean }): Promise<RetryCount> {
  const tally = new Map<string, number>();
  const recordNos: number[] = [];
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const at = before;
    const rows = await deps.driver.read((q) => listRecords(q, filter, 'quarantined', { before: at, limit: PAGE }));
    recordNos.push(...rows.map((row) => row.record_no));
    before = rows.at(-1)?.record_no;
    if (rows.length < PAGE) break;
  }
  let changed = 0;
  // in the order in which they arrived: a return may need its dispense
  for (const recordNo of options.dryRun ? [] : recordNos.reverse()) {
    const why = await retryOne(deps, filter.institution, recordNo);
    if (why === undefined) changed += 1;
    else tally.set(why, (tally.get(why) ?? 0) + 1);
  }
  return { matched: recordNos.length, changed, skipped: [...tally].map(([reason, count]) => ({ reason, count })) };
}

/** @returns undefined when the record was taken, else why not, in Chinese */
async function retryOne(deps: RetryDeps, institution: string, recordNo: number): Promise<string | undefined> {
  const { driver, clock } = deps;
  const stored = await driver.read((q) => q.get<StoredRecord>(SELECT_WHOLE, [institution, recordNo]));
  if (stored === undefined) return '已被处理';
  const interpret = deps.interpreters.get(stored.interpreter);
  if (interpret === undefined) return `来源 ${stored.interpreter} 已不在配置中`;
  const record: HisRecord = { institution, source: stored.source, controlId: stored.control_id, media: stored.media, charset: stored.charset, bytes: stored.body, interpreter: stored.interpreter };
  const meaning = interpret(record);
  // a record that belonged to nobody goes where its meaning now says
  const home = institution === NOBODY && meaning.kind === 'events' ? meaning.events[0]?.institution ?? institution : institution;
  const answer = await deps.intake.submit({ ...record, institution: home }, meaning);
  if (answer.kind === 'unavailable') return '暂时不能接收';
  const refused = answer.kind === 'quarantined' ? answer.refusal : answer.kind === 'taken' ? answer.events.find((event) => event.refusal !== undefined)?.refusal : undefined;
  if (refused !== undefined) {
    await driver.write((q) => q.run(STILL, [refused.code, refused.field ?? null, refused.value ?? null, refused.detail ?? null, institution, recordNo]));
    return '仍然不能接收';
  }
  await driver.write((q) => q.run(DONE, [clock.now(), institution, recordNo]));
  return undefined;
}
