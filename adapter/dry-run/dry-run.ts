import { saveDrugs } from '../catalogue/drug-store.ts';
import type { Config } from '../config/config.ts';
import type { Parts } from '../context.ts';
import { TraceError } from '../domain/error.ts';
import type { Drug } from '../domain/drug.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { compareDrugs } from './compare-drugs.ts';
import { createPlayer } from './compose.ts';
import { DIFFERENCE_KINDS, type Difference, type DifferenceKind, type EventDifferences } from './difference.ts';
import { readGivenFiles, type GivenFile } from './given-files.ts';
import { openMemoryStore } from './memory-store.ts';
import { openReadOnly, type ReadOnlyStore } from './read-only-store.ts';
import { playNew, playStored, type GivenRecord, type NotComparable, type Played, type ReplayDeps } from './replay.ts';
import { firstNumber, Seed, SELECT_NUMBER } from './seed.ts';
import { choose, type Chosen, type Selection } from './select.ts';
import { walk } from './walk.ts';

export interface DryRunOptions {
  /** what is tried: mapping, rules, profiles, destinations; its store and doors are not used */
  readonly config: Config;
  readonly parts: Parts;
  /** address of the store whose records are compared, relative files resolved */
  readonly storeUrl: string;
  readonly selection: Selection;
  /** played instead of stored records */
  readonly files?: readonly GivenFile[];
  /** configured source that reads the files; left out: our own event JSON */
  readonly fileSource?: string;
  /** catalogue tried on top of the stored one */
  readonly drugs?: readonly Drug[];
  readonly nowMs: number;
  readonly onDifference: (differences: EventDifferences) => void;
  readonly progress?: (done: number, total: number) => void;
}

export interface DryRunReport {
  /** events compared */
  readonly events: number;
  /** events with at least one difference */
  readonly differing: number;
  readonly differences: number;
  readonly byKind: Readonly<Partial<Record<DifferenceKind, number>>>;
  /** events played only because they lie between the chosen ones */
  readonly context: number;
  readonly notComparable: Readonly<Partial<Record<NotComparable, number>>>;
}

/** Events that lie between the first and the last chosen one at most. */
const MAX_PLAYED = 1_000_000;
const REPORT_EVERY = 200;

/**
 * Plays records through a configuration in memory and tells what would differ from what is on file. The store is only read; no source
 * or destination is started, so nothing is sent and no socket is opened (a store on PostgreSQL is read over its own connection).
 * @throws TraceError STORE_UNAVAILABLE, STORE_MIGRATION; USAGE for files that cannot be read
 */
export async function dryRun(options: DryRunOptions): Promise<DryRunReport> {
  const store = await openReadOnly(options.storeUrl);
  let memory: SqlDriver | undefined;
  try {
    memory = await openMemoryStore();
    return await play(store, memory, options);
  } finally {
    await memory?.close();
    await store.close();
  }
}

async function play(store: ReadOnlyStore, memory: SqlDriver, options: DryRunOptions): Promise<DryRunReport> {
  const { config, parts, selection, drugs } = options;
  const { institution } = selection;
  const player = createPlayer({ config, parts, driver: memory });
  const given = options.files === undefined ? undefined : await readFiles(options, player.sources);
  const placed = given === undefined ? undefined : await store.read((q) => place(q, institution, given));
  const chosen = placed?.chosen ?? await store.read((q) => choose(q, selection));
  const from = chosen.first === Infinity ? await store.read((q) => firstNumber(q, institution, [])) : chosen.first;
  const total = await store.read((q) => countBetween(q, institution, chosen));
  if (total > MAX_PLAYED) throw new TraceError('USAGE', `所选记录之间有 ${String(total)} 个事件，超过 ${String(MAX_PLAYED)}；请用 --day、--from、--to 缩小范围`);
  const seed = new Seed({ store, memory, institution, from });
  await seed.start();
  const catalogue = drugs === undefined ? new Map<string, readonly Difference[]>() : await store.read((q) => compareDrugs(q, institution, drugs));
  if (drugs !== undefined) await saveDrugs(memory, institution, drugs, options.nowMs);
  const deps: ReplayDeps = { player, store, memory, seed, given: placed?.known ?? new Map(), catalogue };
  const tally = new Tally(options.onDifference);
  let done = 0;
  for await (const unit of walk(store, institution, chosen)) {
    tally.add(await playStored(unit, deps));
    if (!unit.chosen) tally.context += unit.events.length;
    done += unit.events.length;
    if (done % REPORT_EVERY < unit.events.length) options.progress?.(done, total);
  }
  for (const one of placed?.unknown ?? []) tally.add(await playNew(one, options.nowMs, deps));
  options.progress?.(total, total);
  return tally.report();
}

async function readFiles({ files, fileSource, parts, selection }: DryRunOptions, sources: ReturnType<typeof createPlayer>['sources']): Promise<readonly GivenRecord[]> {
  const source = fileSource === undefined ? undefined : sources.find(({ name }) => name === fileSource);
  if (fileSource !== undefined && source === undefined) throw new TraceError('USAGE', `配置中没有来源 ${fileSource}`);
  const read = await readGivenFiles(files ?? [], { source, rest: parts.rest, interpretRest: parts.interpretRest, institution: selection.institution, limit: selection.limit });
  if (read.kind === 'failed') throw new TraceError('USAGE', `${read.file}：${read.detail}`);
  return read.records;
}

interface Placed { readonly chosen: Chosen; readonly known: ReadonlyMap<number, GivenRecord>; readonly unknown: readonly GivenRecord[] }

/** Given records whose events the store has take the place of the stored ones; the others come after them. */
async function place(q: SqlQuery, institution: string, given: readonly GivenRecord[]): Promise<Placed> {
  const known = new Map<number, GivenRecord>();
  const eventNos: number[] = [];
  const unknown: GivenRecord[] = [];
  for (const one of given) {
    const [event] = one.meaning.kind === 'events' ? one.meaning.events : [];
    const id = event?.id ?? one.record.controlId;
    const row = await q.get<{ event_no: number; record_no: number }>(SELECT_NUMBER, [institution, event?.source ?? one.record.source, id]);
    if (row === undefined || known.has(row.record_no)) {
      unknown.push(one);
      continue;
    }
    known.set(row.record_no, { ...one, record: { ...one.record, institution } });
    eventNos.push(row.event_no);
  }
  const numbers = [...known.keys(), ...eventNos];
  const chosen: Chosen = {
    eventNos: new Set(eventNos), recordNos: new Set(known.keys()), without: [],
    first: numbers.reduce((least, number) => Math.min(least, number), Infinity), last: numbers.reduce((most, number) => Math.max(most, number), 0),
  };
  return { chosen, known, unknown };
}

async function countBetween(q: SqlQuery, institution: string, { first, last }: Chosen): Promise<number> {
  if (first === Infinity) return 0;
  return (await q.get<{ events: number }>('SELECT COUNT(*) AS events FROM event WHERE institution = ? AND event_no >= ? AND event_no <= ?', [institution, first, last]))?.events ?? 0;
}

class Tally {
  context = 0;
  #events = 0;
  #differing = 0;
  readonly #byKind = new Map<DifferenceKind, number>();
  readonly #notComparable = new Map<NotComparable, number>();

  constructor(readonly onDifference: (differences: EventDifferences) => void) {}

  add({ differences, events, notComparable }: Played): void {
    this.#events += events;
    this.#differing += differences.length;
    if (notComparable !== undefined) this.#notComparable.set(notComparable, (this.#notComparable.get(notComparable) ?? 0) + 1);
    for (const one of differences) {
      for (const { kind } of one.differences) this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + 1);
      this.onDifference(one);
    }
  }

  report(): DryRunReport {
    const byKind = Object.fromEntries(DIFFERENCE_KINDS.flatMap((kind) => { const count = this.#byKind.get(kind); return count === undefined ? [] : [[kind, count] as const]; }));
    const differences = [...this.#byKind.values()].reduce((sum, count) => sum + count, 0);
    return { events: this.#events, differing: this.#differing, differences, byKind, context: this.context, notComparable: Object.fromEntries(this.#notComparable) };
  }
}
