import { chinaIso } from '../domain/china-time.ts';
import { checkRecord } from '../intake/check-record.ts';
import type { HisRecord, Interpretation } from '../ports/his-record.ts';
import type { IntakeAnswer } from '../ports/intake.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { compareImages } from './compare.ts';
import type { Player } from './compose.ts';
import type { Difference, EventDifferences } from './difference.ts';
import { loadImage } from './event-image.ts';
import type { ReadOnlyStore } from './read-only-store.ts';
import type { Seed } from './seed.ts';
import type { StoredUnit } from './walk.ts';

/** Why something could be compared in part only. */
export const NOT_COMPARABLE = ['cleared', 'no-source'] as const;
export type NotComparable = (typeof NOT_COMPARABLE)[number];

export interface ReplayDeps {
  readonly player: Player;
  readonly store: ReadOnlyStore;
  readonly memory: SqlDriver;
  readonly seed: Seed;
  /** given in place of the stored content, by number of the record */
  readonly given: ReadonlyMap<number, GivenRecord>;
  /** what the new catalogue says otherwise, by drug */
  readonly catalogue: ReadonlyMap<string, readonly Difference[]>;
}

/** A record that somebody handed in, read by its source. */
export interface GivenRecord { readonly record: HisRecord; readonly meaning: Interpretation }

/** What came of one record. */
export interface Played {
  readonly differences: readonly EventDifferences[];
  /** events compared */
  readonly events: number;
  readonly notComparable?: NotComparable;
}

const NOTHING: Played = { differences: [], events: 0 };

/** Plays one stored record through the changed configuration, and compares when it was chosen. */
export async function playStored(unit: StoredUnit, deps: ReplayDeps): Promise<Played> {
  const { player } = deps;
  player.clock.put(unit.receivedAt);
  const read = readUnit(unit, deps);
  const answer = await submit(read.record, read.meaning, unit.receivedAt, deps);
  if (!unit.chosen) return NOTHING;
  return { ...await compareUnit(unit, answer, deps), ...(read.notComparable === undefined ? {} : { notComparable: read.notComparable }) };
}

/** Plays a record that the store does not have: everything about it is new. */
export async function playNew(given: GivenRecord, nowMs: number, deps: ReplayDeps): Promise<Played> {
  deps.player.clock.put(nowMs);
  const answer = await submit(given.record, given.meaning, nowMs, deps);
  const { institution, source, controlId } = given.record;
  const differences = answer.kind === 'taken' && !refusedOf(answer)
    ? await Promise.all(answer.events.filter(({ status }) => status === 'accepted').map(async ({ id }) => differencesOf({ institution, source, eventId: id }, await newEvent(given, id, deps))))
    : [differencesOf({ institution, source, eventId: controlId }, [{ kind: 'record', what: 'result', after: resultText(answer) }])];
  return { differences: differences.filter((one) => one.differences.length > 0), events: differences.length };
}

async function newEvent({ record, meaning }: GivenRecord, id: string, { memory }: ReplayDeps): Promise<readonly Difference[]> {
  const source = (meaning.kind === 'events' ? meaning.events.find((event) => event.id === id)?.source : undefined) ?? record.source;
  return compareImages(undefined, await memory.read((q) => loadImage(q, { institution: record.institution, source, id })));
}

async function submit(record: HisRecord, meaning: Interpretation, atMs: number, { player, seed }: ReplayDeps): Promise<IntakeAnswer> {
  const checked = checkRecord(record, meaning);
  await seed.prepare(checked, atMs);
  return await player.intake.submitChecked(checked);
}

/** What is not chosen is played as it was understood then; only what is chosen is read again. */
function readUnit(unit: StoredUnit, { player, given }: ReplayDeps): GivenRecord & { readonly notComparable?: NotComparable } {
  const instead = given.get(unit.recordNo);
  if (instead !== undefined) return instead;
  const asStored: Interpretation = unit.state === 'noted' ? { kind: 'noted', reason: '' } : { kind: 'events', events: unit.events };
  if (!unit.chosen) return { record: unit.record, meaning: asStored };
  if (unit.record.bytes.length === 0) return { record: unit.record, meaning: asStored, notComparable: 'cleared' };
  const interpret = player.interpreters.get(unit.record.interpreter);
  return interpret === undefined ? { record: unit.record, meaning: asStored, notComparable: 'no-source' } : { record: unit.record, meaning: interpret(unit.record) };
}

async function compareUnit(unit: StoredUnit, answer: IntakeAnswer, deps: ReplayDeps): Promise<Played> {
  const { institution, source, controlId } = unit.record;
  const place = { institution, source, recordNo: unit.recordNo };
  const was = unit.events.length > 0 ? 'taken' : storedText(unit);
  const would = answer.kind === 'taken' && !refusedOf(answer) ? 'taken' : resultText(answer);
  if (was !== would) {
    const after = would === 'taken' && answer.kind === 'taken' ? `taken ${answer.events.map(({ id }) => id).join(',')}` : would;
    return { differences: [differencesOf({ ...place, eventId: unit.events[0]?.id ?? controlId }, [{ kind: 'record', what: 'result', before: was, after }])], events: Math.max(1, unit.events.length) };
  }
  if (was !== 'taken' || answer.kind !== 'taken') return { differences: [], events: 1 };
  const ids = new Set([...unit.events.map(({ id }) => id), ...answer.events.filter(({ status }) => status === 'accepted').map(({ id }) => id)]);
  const found: EventDifferences[] = [];
  for (const id of ids) {
    const stored = unit.events.find((event) => event.id === id);
    const differences = await compareEvent({ unit, id, source: stored?.source ?? source }, deps);
    if (differences.length > 0) found.push(differencesOf({ ...place, source: stored?.source ?? source, eventId: id }, differences));
  }
  return { differences: found, events: ids.size };
}

async function compareEvent({ unit, id, source }: { readonly unit: StoredUnit; readonly id: string; readonly source: string }, deps: ReplayDeps): Promise<readonly Difference[]> {
  const key = { institution: unit.record.institution, source, id };
  const before = unit.events.some((event) => event.id === id) ? await deps.store.read((q) => loadImage(q, key)) : undefined;
  const after = await deps.memory.read((q) => loadImage(q, key));
  const catalogue = (after?.lines ?? []).flatMap((line) => (deps.catalogue.get(line.drug) ?? []).map((one) => ({ ...one, lineNo: line.lineNo })));
  return [...compareImages(before, after, { arrivedAt: chinaIso(unit.receivedAt) }), ...catalogue];
}

function differencesOf(place: Omit<EventDifferences, 'differences'>, differences: readonly Difference[]): EventDifferences {
  return { ...place, differences };
}

function storedText({ state, error }: StoredUnit): string {
  return state === 'quarantined' ? `quarantined ${error?.code ?? ''} ${error?.field ?? ''}`.trim() : state;
}

function refusedOf(answer: IntakeAnswer & { readonly kind: 'taken' }): boolean {
  return answer.events.some(({ refusal }) => refusal !== undefined);
}

function resultText(answer: IntakeAnswer): string {
  if (answer.kind === 'noted') return 'noted';
  const refusal = answer.kind === 'taken' ? answer.events.find((event) => event.refusal !== undefined)?.refusal : answer.refusal;
  return `quarantined ${refusal?.code ?? ''} ${refusal?.field ?? ''}`.trim();
}
