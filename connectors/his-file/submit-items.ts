import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueIntake } from '../../adapter/ports/catalogue-intake.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Intake } from '../../adapter/ports/intake.ts';
import type { FileItem } from './read-file.ts';

export interface SubmitDeps {
  readonly intake: Intake;
  readonly catalogue: CatalogueIntake | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
  readonly maxInFlight: number;
  /** items that were taken when the file was read before */
  readonly skip: number;
  /** so many items from the beginning are durable now */
  readonly onDone: (done: number) => Promise<void>;
}

export interface Tally { taken: number; duplicates: number; noted: number; quarantined: number }

/** The source is being stopped; the file stays where it is and is read again at the next start. */
export class Stopped extends Error {}

/**
 * Hands the items to the intake, in order where order matters: those of one kind side by side, so that they share an fsync; where the kind
 * changes, or an event refers to another, everything before is waited for. What the store cannot take now is tried again until it can.
 * @throws Stopped
 */
export async function submitItems(items: AsyncIterable<FileItem>, deps: SubmitDeps): Promise<Tally> {
  const tally: Tally = { taken: 0, duplicates: 0, noted: 0, quarantined: 0 };
  let batch: FileItem[] = [];
  let kind = '';
  let no = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await Promise.all(batch.map((item) => submitOne(item, tally, deps)));
    batch = [];
    await deps.onDone(no);
  };
  for await (const item of items) {
    const next = kindOf(item, no);
    if (batch.length >= deps.maxInFlight || (batch.length > 0 && next !== kind)) await flush();
    no += 1;
    if (no <= deps.skip) continue;
    kind = next;
    batch.push(item);
  }
  await flush();
  return tally;
}

function kindOf({ meaning }: FileItem, no: number): string {
  if (meaning.kind !== 'events') return meaning.kind === 'catalogue' ? `catalogue ${String(no)}` : meaning.kind;
  const [event, ...others] = meaning.events;
  return event === undefined || others.length > 0 || event.refers !== undefined ? `alone ${String(no)}` : event.kind;
}

async function submitOne(item: FileItem, tally: Tally, deps: SubmitDeps): Promise<void> {
  for (;;) {
    if (deps.signal.aborted) throw new Stopped();
    const waitMs = await attempt(item, tally, deps);
    if (waitMs === undefined) return;
    await deps.clock.sleep(Math.min(waitMs, 30_000), deps.signal).catch(() => undefined);
  }
}

/** @returns undefined when it is durable, else how long to wait, ms */
async function attempt({ record, meaning }: FileItem, tally: Tally, deps: SubmitDeps): Promise<number | undefined> {
  if (meaning.kind === 'catalogue' && deps.catalogue !== undefined) {
    const answer = await deps.catalogue.submit(record, meaning.entries);
    if (answer.kind === 'unavailable') return answer.retryAfterMs;
    if (answer.kind === 'conflict' || answer.results.some(({ result }) => result === 'refused')) tally.quarantined += 1;
    else tally.noted += 1;
    return undefined;
  }
  const answer = await deps.intake.submit(record, meaning.kind === 'catalogue' ? { kind: 'refused', refusal: refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9', value: 'MFN', detail: '该来源不接收药品目录；请用 his-trace import drugs 导入' }) } : meaning);
  switch (answer.kind) {
    case 'unavailable': return answer.retryAfterMs;
    case 'noted': tally.noted += 1; break;
    case 'quarantined': tally.quarantined += 1; break;
    case 'taken':
      for (const event of answer.events) {
        if (event.status === 'accepted') tally.taken += 1;
        else if (event.status === 'duplicate') tally.duplicates += 1;
        else tally.quarantined += 1;
      }
  }
  return undefined;
}
