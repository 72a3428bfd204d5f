import { statfs } from 'node:fs/promises';
import type { Log } from '../ports/log.ts';

const MB = 1_048_576;
const EVERY_MS = 3_000;
/** Space has to come back by this much more before intake opens again, so that it does not flap at the limit. */
const MARGIN = 1.05;

export interface FreeSpaceOptions {
  /** folder on the disk that is watched */
  readonly folder: string;
  /** MB that must stay free; 0 = nothing is watched */
  readonly minFreeMB: number;
  readonly log: Log;
  /** @returns bytes an account like ours may still write; tests put in their own */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/**
 * Watches the disk of the embedded store every 3 s, away from the work: intake closes with a retryable refusal BEFORE a write
 * fails with ENOSPC, so that what is in hand can still be finished and reports go on (anchors: bounded disk).
 */
export class FreeSpace {
  readonly #options: FreeSpaceOptions;
  readonly #read: (folder: string) => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #free: number | undefined;
  #low = false;
  #complained = false;

  constructor(options: FreeSpaceOptions) {
    this.#options = options;
    this.#read = options.freeBytes ?? bytesFree;
  }

  /** Looks once, then every 3 s; the timer does not keep the process alive. */
  async start(): Promise<void> {
    if (this.#options.minFreeMB === 0) return;
    await this.look();
    this.#timer = setInterval(() => { void this.look(); }, EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** bytes free at the last look; undefined when the disk could not be asked */
  get freeBytes(): number | undefined {
    return this.#free;
  }

  get minFreeMB(): number {
    return this.#options.minFreeMB;
  }

  /** whether intake has to stay closed */
  get isLow(): boolean {
    return this.#low;
  }

  /** Asks the disk now. A disk that cannot be asked counts as having room: the store itself says when it has none. */
  async look(): Promise<void> {
    const { folder, minFreeMB, log } = this.#options;
    try {
      this.#free = await this.#read(folder);
    } catch (error) {
      this.#free = undefined;
      this.#low = false;
      if (!this.#complained) log.warn('free disk space cannot be read', { folder, error: (error as Error).message });
      this.#complained = true;
      return;
    }
    const low = this.#free < minFreeMB * MB * (this.#low ? MARGIN : 1);
    if (low === this.#low) return;
    this.#low = low;
    const fields = { folder, freeMB: Math.floor(this.#free / MB), minFreeMB };
    if (low) log.error('disk nearly full, intake closed', fields);
    else log.info('disk has room again, intake open', fields);
  }
}

async function bytesFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
