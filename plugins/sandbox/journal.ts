import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { PlatformName } from './platform.ts';

/** What a platform must still know after its own restart: one JSON line per fact, written before the reply goes out. */
export interface Journal {
  append(fact: unknown): void;
  /** Facts of this platform since its last reset, oldest first. */
  replay(): readonly unknown[];
  reset(): void;
}

interface Line {
  readonly platform: PlatformName;
  readonly fact?: unknown;
  readonly reset?: true;
}

export interface JournalFile {
  of(platform: PlatformName): Journal;
  close(): void;
}

/**
 * Opens the state file, or a journal that remembers nothing when there is no path.
 * A torn last line (the process was killed while writing) is cut off: what it said was never answered.
 */
export function openJournal(path: string | undefined): JournalFile {
  if (path === undefined) return { of: () => ({ append: () => undefined, replay: () => [], reset: () => undefined }), close: () => undefined };
  const lines = readLines(path);
  const file = openSync(path, 'a');
  const write = (line: Line): void => {
    writeSync(file, `${JSON.stringify(line)}\n`);
  };
  return {
    of: (platform) => ({
      append: (fact) => {
        write({ platform, fact });
      },
      replay: () => factsOf(platform, lines),
      reset: () => {
        write({ platform, reset: true });
      },
    }),
    close: () => {
      closeSync(file);
    },
  };
}

function readLines(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
  return bytes.subarray(0, whole).toString('utf8').split('\n').filter((text) => text !== '').map((text) => JSON.parse(text) as Line);
}

function factsOf(platform: PlatformName, lines: readonly Line[]): readonly unknown[] {
  const own = lines.filter((line) => line.platform === platform);
  return own.slice(own.findLastIndex((line) => line.reset === true) + 1).map((line) => line.fact);
}
