import type { Config } from '../config/config.ts';
import type { Parts } from '../context.ts';
import { TraceError } from '../domain/error.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import { checkRecord } from '../intake/check-record.ts';
import type { HisRecord, Interpretation } from '../ports/his-record.ts';
import type { IntakeAnswer } from '../ports/intake.ts';
import type { ProbeResult } from '../ports/probe.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { createPlayer, type Player } from './compose.ts';
import type { GivenFile } from './given-files.ts';
import { openMemoryStore } from './memory-store.ts';
import { openReadOnly, type ReadOnlyStore } from './read-only-store.ts';
import { firstNumber, Seed } from './seed.ts';

export interface PreviewOptions {
  readonly config: Config;
  readonly parts: Parts;
  /** the store whose catalogue and ledger are believed; where there is none yet, there is neither */
  readonly storeUrl: string;
  /** key of the source */
  readonly source: string;
  /** rows of the table at most */
  readonly limit: number;
  readonly sample?: GivenFile;
  /** also tries the connection, the columns and the rights of the account */
  readonly probe?: boolean;
  readonly nowMs: number;
}

/** One line of an event as it would be taken; an event without lines, a noted or a refused record has one row as well. */
export interface PreviewRow {
  readonly id: string;
  readonly result: 'accepted' | 'noted' | 'refused';
  readonly event?: Pick<TraceEvent, 'kind' | 'occurredAt' | 'location' | 'refers'>;
  readonly line?: TraceEvent['lines'][number];
  /** of the line, or of the whole event in its first row */
  readonly findings: readonly Finding[];
  readonly refusal?: Refusal;
  /** why nothing of it is traced */
  readonly note?: string;
}

export type PreviewReport = ({ readonly kind: 'rows'; readonly rows: readonly PreviewRow[]; /** whether a store with its catalogue was there */ readonly withStore: boolean } | { readonly kind: 'failed'; readonly detail: string }) & { readonly probes?: readonly ProbeResult[] };

const READ_WITHIN_MS = 30_000;
type Previewed = { readonly record: HisRecord; readonly meaning: Interpretation };

/** Fetches a few records of a source and shows what they would become. Takes nothing, marks nothing, sends nothing. */
export async function previewSource(options: PreviewOptions): Promise<PreviewReport> {
  const memory = await openMemoryStore();
  let store: ReadOnlyStore | undefined;
  try {
    store = await openStoreIfAny(options.storeUrl);
    const player = createPlayer({ config: options.config, parts: options.parts, driver: memory });
    player.clock.put(options.nowMs);
    const source = player.sources.find(({ name }) => name === options.source);
    if (source?.preview === undefined) return { kind: 'failed', detail: source === undefined ? `配置中没有来源 ${options.source}` : `来源 ${options.source} 不支持预览` };
    const probes = options.probe === true && options.sample === undefined ? { probes: await source.probe() } : {};
    const read = await source.preview({ limit: options.limit, signal: AbortSignal.timeout(READ_WITHIN_MS), ...(options.sample === undefined ? {} : { sample: options.sample }) });
    if (read.kind === 'failed') return { ...read, ...probes };
    const rows: PreviewRow[] = [];
    const seeds = await seedsFor(read.records, { memory, store });
    for (const one of read.records) {
      if (rows.length >= options.limit) break;
      rows.push(...await rowsOf(one, { player, seed: seeds.get(one.record.institution), nowMs: options.nowMs }));
    }
    return { kind: 'rows', rows: rows.slice(0, options.limit), withStore: store !== undefined, ...probes };
  } finally {
    await store?.close();
    await memory.close();
  }
}

async function openStoreIfAny(url: string): Promise<ReadOnlyStore | undefined> {
  try {
    return await openReadOnly(url);
  } catch (error) {
    if (error instanceof TraceError) return undefined;
    throw error;
  }
}

/** Catalogue and ledger of each institution as they stood before the first of these records, as far as the store has them already. */
async function seedsFor(records: readonly Previewed[], { memory, store }: { readonly memory: SqlDriver; readonly store: ReadOnlyStore | undefined }): Promise<ReadonlyMap<string, Seed>> {
  const seeds = new Map<string, Seed>();
  if (store === undefined) return seeds;
  for (const institution of new Set(records.map(({ record }) => record.institution))) {
    const events = records.flatMap(({ record, meaning }) => (record.institution === institution && meaning.kind === 'events' ? meaning.events : []));
    const seed = new Seed({ store, memory, institution, from: await store.read((q) => firstNumber(q, institution, events)) });
    await seed.start();
    seeds.set(institution, seed);
  }
  return seeds;
}

async function rowsOf({ record, meaning }: Previewed, { player, seed, nowMs }: { readonly player: Player; readonly seed: Seed | undefined; readonly nowMs: number }): Promise<readonly PreviewRow[]> {
  const checked = checkRecord(record, meaning);
  await seed?.prepare(checked, nowMs);
  const answer = await player.intake.submitChecked(checked);
  const events = checked.meaning.kind === 'events' ? checked.meaning.events.map(({ event }) => event) : [];
  const refusal = refusalOf(answer);
  if (answer.kind !== 'taken' || refusal !== undefined) {
    const raw = meaning.kind === 'events' ? meaning.events[0] : undefined;
    return [{
      id: raw?.id ?? record.controlId, result: answer.kind === 'noted' ? 'noted' : 'refused', findings: [],
      ...(raw === undefined ? {} : { event: raw }), ...(answer.kind === 'noted' ? { note: answer.reason } : {}), ...(refusal === undefined ? {} : { refusal }),
    }];
  }
  return events.flatMap((event) => eventRows(event, answer.events.find(({ id }) => id === event.id)?.findings ?? []));
}

function eventRows(event: TraceEvent, findings: readonly Finding[]): readonly PreviewRow[] {
  if (event.lines.length === 0) return [{ id: event.id, result: 'accepted', event, findings }];
  return event.lines.map((line, at) => ({ id: event.id, result: 'accepted', event, line, findings: findings.filter(({ lineNo }) => lineNo === line.lineNo || (at === 0 && lineNo === '')) }));
}

function refusalOf(answer: IntakeAnswer): Refusal | undefined {
  if (answer.kind === 'noted') return undefined;
  return answer.kind === 'taken' ? answer.events.find(({ refusal }) => refusal !== undefined)?.refusal : answer.refusal;
}
