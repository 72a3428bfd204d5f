import type { CatalogueIntake } from '../../adapter/ports/catalogue-intake.ts';
import { chinaIso } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { Intake } from '../../adapter/ports/intake.ts';
import { dayFolder, moveInto } from './folders.ts';
import type { FileSystem, Folders } from './folders.ts';
import { measure } from './measure.ts';
import type { Measured } from './measure.ts';
import { FileUnreadable, readFileItems } from './read-file.ts';
import type { ReadFileDeps } from './read-file.ts';
import { homeOf } from './row-event.ts';
import { Stopped, submitItems } from './submit-items.ts';
import type { Tally } from './submit-items.ts';
import { wholeFileRecord, wholeFileRefusal } from './whole-file.ts';

export interface ProcessDeps extends ReadFileDeps {
  readonly fs: FileSystem;
  readonly folders: Folders;
  readonly intake: Intake;
  readonly catalogue: CatalogueIntake | undefined;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Processed =
  | { readonly kind: 'archived'; readonly place: string; readonly tally: Tally }
  | { readonly kind: 'quarantined'; readonly place: string; readonly why: string }
  /** somebody went on writing: it is read again */
  | { readonly kind: 'changed' };

/** After so many records their number is remembered; a restart goes on from there, and what lies between is a duplicate. */
const REMEMBER_EVERY = 500;
const POSITION = 'file-position';

/**
 * Reads one file of the working folder into the intake and puts it away. May be broken off anywhere and run again: keys come from the rows
 * themselves or from the content of the file, so a second reading makes duplicates, never doubles.
 * @throws Stopped, or what the file system says
 */
export async function processFile(path: string, name: string, deps: ProcessDeps): Promise<Processed> {
  const { fs, folders, clock, settings } = deps;
  const before = await fs.stat(path);
  const measured = await measure(chunksOf(fs, path), settings.charset);
  if (measured.bytes !== before.size) return { kind: 'changed' };
  const mark = `${String(clock.now())}-${measured.sha.slice(0, 8)}`;
  try {
    const tally = await submitAll(path, { name, measured }, deps);
    const after = await fs.stat(path);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) return { kind: 'changed' };
    return { kind: 'archived', tally, place: await moveInto(fs, path, { folder: dayFolder(folders.archive, clock.now()), name, mark }) };
  } catch (error) {
    if (!(error instanceof FileUnreadable)) throw error;
    const place = await setAside(path, { name, measured, mark, why: error.why }, deps);
    return { kind: 'quarantined', why: error.why, place };
  }
}

async function submitAll(path: string, file: { readonly name: string; readonly measured: Measured }, deps: ProcessDeps): Promise<Tally> {
  const { counters, context, fs } = deps;
  const key = `${POSITION}:${context.source}`;
  const home = homeOf(context) ?? '*';
  const kept = (await counters.recall(home, key))?.split(' ') ?? [];
  const skip = kept[0] === file.measured.sha ? Number(kept[1]) : 0;
  let saved = skip;
  const tally = await submitItems(readFileItems({ ...file, chunks: () => chunksOf(fs, path) }, deps), {
    ...deps, maxInFlight: deps.settings.maxInFlight, skip,
    onDone: async (done) => {
      if (done - saved < REMEMBER_EVERY) return;
      await counters.remember(home, key, `${file.measured.sha} ${String(done)}`);
      saved = done;
    },
  });
  // put in once more later, on purpose, it is read from its beginning
  if (saved > 0) await counters.remember(home, key, '');
  return tally;
}

/**
 * A record of it goes to the quarantine of the product, then the file to the quarantine folder, with the reason beside it. The record comes
 * first: ended in between, the file is still in the working folder and the same record is known already.
 */
async function setAside(path: string, file: { readonly name: string; readonly measured: Measured; readonly mark: string; readonly why: string }, deps: ProcessDeps): Promise<string> {
  const { fs, folders, clock, context, intake, signal } = deps;
  const whole = { name: file.name, place: folders.quarantine, sha: file.measured.sha, bytes: file.measured.bytes, why: file.why };
  const record = wholeFileRecord(whole, { institution: homeOf(context) ?? '', source: context.source });
  for (;;) {
    const answer = await intake.submit(record, { kind: 'refused', refusal: wholeFileRefusal(whole) });
    if (answer.kind !== 'unavailable') break;
    await clock.sleep(Math.min(answer.retryAfterMs, 30_000), signal).catch(() => undefined);
    if (signal.aborted) throw new Stopped();
  }
  const place = await moveInto(fs, path, { folder: dayFolder(folders.quarantine, clock.now()), name: file.name, mark: file.mark });
  await fs.writeFile(`${place}.原因.txt`, `\uFEFF${chinaIso(clock.now())}\r\n${file.why}\r\n改正后请把文件放回 ${folders.inbox}\r\n`);
  return place;
}

/** The content, piece by piece. */
export async function* chunksOf(fs: Pick<FileSystem, 'open'>, path: string | Buffer): AsyncIterable<Uint8Array> {
  const handle = await fs.open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(262_144);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return;
      yield Buffer.from(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
