import type { Clock } from '../ports/clock.ts';
import type { Destination, ReadBackEntry, ReadBackRange } from '../ports/destination.ts';
import type { Patience } from './patience.ts';

export interface PlatformRead {
  readonly entries: readonly ReadBackEntry[];
  /** list ids of drugs that could not be read */
  readonly unread: ReadonlySet<string>;
}

/** pages of one range at most; far beyond any hospital's catalogue */
const PAGES = 1_000;
/** a page of which nothing could be read is tried again so often: the platform may be away for a moment */
const TRIES = 3;
const PAUSE_MS = 5_000;

/**
 * Reads what a platform has on record, page by page, one call at a time, after everything that waits to be sent. What cannot be read
 * is named; nothing is taken for empty.
 */
export async function readPlatform(destination: Destination, range: Omit<ReadBackRange, 'cursor'>, by: { readonly patience: Patience; readonly clock: Clock; readonly signal: AbortSignal }): Promise<PlatformRead> {
  const entries: ReadBackEntry[] = [];
  const unread = new Set<string>();
  let cursor: string | undefined;
  let failed = 0;
  for (let page = 0; page < PAGES; page += 1) {
    await by.patience.turn(by.signal);
    const found = await destination.readBack?.({ ...range, ...(cursor === undefined ? {} : { cursor }) }, { signal: by.signal });
    if (found === undefined) break;
    if (found.entries.length === 0 && found.unread.length > 0) failed += 1;
    else failed = 0;
    if (failed > 0 && failed < TRIES) {
      await by.clock.sleep(PAUSE_MS, by.signal);
      continue;
    }
    entries.push(...found.entries);
    for (const { drug } of found.unread) unread.add(drug);
    if (found.next === undefined) return { entries, unread };
    // three times nothing: the platform is away, the rest is left for the next run
    if (failed >= TRIES) break;
    cursor = found.next;
  }
  const read = new Set(entries.map((entry) => entry.drug));
  for (const drug of range.drugs) if (!read.has(drug)) unread.add(drug);
  return { entries, unread };
}
