import { createHash } from 'node:crypto';
import { TraceError } from '../domain/error.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { insertRecord, isQuarantined, supersedeQuarantined } from '../intake/intake-store.ts';
import type { CatalogueAnswer, CatalogueEntry, CatalogueIntake, CatalogueResult } from '../ports/catalogue-intake.ts';
import type { Clock } from '../ports/clock.ts';
import type { HisRecord } from '../ports/his-record.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import type { Numbers } from '../store/numbers.ts';
import { changeDrug } from './drug-change.ts';
import { BUMP, SELECT_DRUG, UPSERT, type StoredDrug } from './stored-drug.ts';

export interface CatalogueIntakeDeps {
  readonly driver: SqlDriver;
  readonly numbers: Numbers;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** plans the reports again that waited for these drugs; may be called twice for the same change */
  readonly replan: (institution: string, drugs: readonly string[]) => Promise<void>;
}

/** What is remembered of a message: its content, and which of its entries are done. */
interface Remembered { readonly sha: string; readonly done: readonly number[]; readonly refused: boolean }

type Written = { readonly kind: 'written'; readonly results: readonly CatalogueResult[] } | { readonly kind: 'conflict'; readonly refusal: Refusal };

/** others take numbers between this and the transaction */
const NUMBERS_AHEAD = 200;
/** primary key of counter */
const RECALL = `SELECT text_value FROM counter WHERE institution = ? AND name = ?`;
/** primary key of counter */
const REMEMBER = `INSERT INTO counter (institution, name, text_value) VALUES (?,?,?) ON CONFLICT (institution, name) DO UPDATE SET text_value = excluded.text_value`;

/** Takes the entries of catalogue messages: one transaction for a message, then the reports that waited, then the answer. */
export function createCatalogueIntake(deps: CatalogueIntakeDeps): CatalogueIntake {
  return {
    submit: async (record, entries) => {
      try {
        return await submit(record, entries, deps);
      } catch (error) {
        return failed(error, deps);
      }
    },
  };
}

async function submit(record: HisRecord, entries: readonly CatalogueEntry[], deps: CatalogueIntakeDeps): Promise<CatalogueAnswer> {
  const { driver, numbers, count } = deps;
  await numbers.ensure(record.institution, NUMBERS_AHEAD);
  const written = await driver.write((q) => write(q, record, entries, deps));
  if (written.kind === 'conflict') {
    count('his_trace_records_total', { source: record.interpreter, result: 'quarantined' });
    return written;
  }
  const { results } = written;
  // a duplicate as well: the process may have ended between the commit and this; the sender was told nothing then and sends again
  const known = [...new Set(results.filter(({ result }) => result === 'added' || result === 'updated' || result === 'activated' || result === 'duplicate').map(({ drug }) => drug))];
  if (known.length > 0) await deps.replan(record.institution, known);
  count('his_trace_records_total', { source: record.interpreter, result: results.some(({ result }) => result === 'refused') ? 'quarantined' : 'noted' });
  return { kind: 'taken', results };
}

async function write(q: SqlQuery, record: HisRecord, entries: readonly CatalogueEntry[], deps: CatalogueIntakeDeps): Promise<Written> {
  const nowMs = deps.clock.now();
  // two messages about one drug must see one another: an entry changes what the other left
  await passGate(q, record.institution, 'catalogue');
  const sha = createHash('sha256').update(record.bytes).digest('hex');
  const name = `mfn-${createHash('sha256').update(`${record.source}\u0000${record.controlId}`).digest('hex').slice(0, 40)}`;
  const known = await recall(q, record.institution, name);
  // refused in part: the sender may mend it and send it again under its number, as it may with events
  const before = known?.sha !== sha && known?.refused === true ? undefined : known;
  if (before !== undefined && before.sha !== sha) {
    const why = refusal('EVENT_CONFLICT', { field: 'MSH-10', value: record.controlId });
    await keep(q, record, { sha, nowMs, refusal: why }, deps);
    return { kind: 'conflict', refusal: why };
  }
  const results: CatalogueResult[] = [];
  let changed = false;
  for (const entry of entries) {
    if (before?.done.includes(entry.no) === true) {
      results.push({ no: entry.no, drug: entry.drug, result: 'duplicate' });
      continue;
    }
    const result = await apply(q, record.institution, entry, nowMs);
    changed ||= result.result !== 'unchanged' && result.result !== 'refused';
    results.push(result);
  }
  if (changed) await q.run(BUMP, [record.institution, nowMs]);
  if (results.every(({ result }) => result === 'duplicate')) return { kind: 'written', results };
  const bad = results.find(({ result }) => result === 'refused');
  await keep(q, record, { sha, nowMs, ...(bad === undefined ? { note: noteOf(results) } : { refusal: bad.refusal ?? refusal('HL7_FIELD_INVALID') }) }, deps);
  const done = results.filter(({ result }) => result !== 'refused').map(({ no }) => no);
  await q.run(REMEMBER, [record.institution, name, JSON.stringify({ sha, done, refused: bad !== undefined } satisfies Remembered)]);
  return { kind: 'written', results };
}

async function recall(q: SqlQuery, institution: string, name: string): Promise<Remembered | undefined> {
  const row = await q.get<{ text_value: string | null }>(RECALL, [institution, name]);
  return row?.text_value === undefined || row.text_value === null ? undefined : JSON.parse(row.text_value) as Remembered;
}

async function apply(q: SqlQuery, institution: string, entry: CatalogueEntry, nowMs: number): Promise<CatalogueResult> {
  const row = entry.refusal === undefined ? await q.get<{ body: string }>(SELECT_DRUG, [institution, entry.drug]) : undefined;
  const change = changeDrug(entry, row === undefined ? undefined : JSON.parse(row.body) as StoredDrug);
  if ('drug' in change) await q.run(UPSERT, [institution, change.drug.drug, change.drug.name, JSON.stringify(change.drug), nowMs]);
  return { no: entry.no, drug: entry.drug, result: change.result, ...(change.result === 'refused' ? { refusal: change.refusal } : {}) };
}

/** Keeps the message itself, like every other: noted, or in quarantine with the first reason. */
async function keep(q: SqlQuery, record: HisRecord, what: { readonly sha: string; readonly nowMs: number; readonly refusal?: Refusal; readonly note?: string }, deps: CatalogueIntakeDeps): Promise<void> {
  const { sha, nowMs } = what;
  if (what.refusal !== undefined) {
    if (await isQuarantined(q, record, sha)) return;
    await insertRecord(q, record, { recordNo: deps.numbers.take(record.institution), sha, atMs: nowMs, state: 'quarantined', refusal: what.refusal });
    return;
  }
  if (record.controlId !== '') await supersedeQuarantined(q, record, nowMs);
  await insertRecord(q, record, { recordNo: deps.numbers.take(record.institution), sha, atMs: nowMs, state: 'noted', ...(what.note === undefined ? {} : { note: what.note }) });
}

const WORDS: readonly (readonly [CatalogueResult['result'], string])[] = [['added', '新增'], ['updated', '更新'], ['deactivated', '停用'], ['activated', '启用'], ['unchanged', '无变化'], ['duplicate', '重复']];

function noteOf(results: readonly CatalogueResult[]): string {
  const counted = WORDS.map(([result, word]) => ({ word, times: results.filter((one) => one.result === result).length })).filter(({ times }) => times > 0);
  return `药品目录：${counted.map(({ word, times }) => `${word} ${String(times)}`).join('，')}`;
}

function failed(error: unknown, { log, count }: CatalogueIntakeDeps): CatalogueAnswer {
  const code = error instanceof TraceError ? error.code : 'INTERNAL';
  log.error('catalogue message not taken', error instanceof TraceError ? { code } : { code, error: (error as Error).stack ?? String(error) });
  count('his_trace_intake_refused_total', { code });
  return { kind: 'unavailable', refusal: refusal(code), retryAfterMs: (error instanceof TraceError ? error.retryAfterMs : undefined) ?? 5_000 };
}
