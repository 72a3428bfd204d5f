import type { Counters } from '../ports/counters.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';

/** primary key of counter */
export const RESERVE = `INSERT INTO counter (institution, name, next_value) VALUES (?, ?, ?)
  ON CONFLICT (institution, name) DO UPDATE SET next_value = counter.next_value + ? RETURNING next_value`;
export const RECALL = 'SELECT text_value FROM counter WHERE institution = ? AND name = ?';
export const REMEMBER = `INSERT INTO counter (institution, name, text_value) VALUES (?, ?, ?)
  ON CONFLICT (institution, name) DO UPDATE SET text_value = excluded.text_value`;

/** @returns counters on the table `counter`; two processes never get the same number, numbers may have gaps */
export function createCounters(driver: SqlDriver): Counters {
  return {
    reserve: async (institution, name, size) => {
      if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('a block of numbers has at least one');
      const row = await driver.write((q) => q.get<{ next_value: number }>(RESERVE, [institution, name, size + 1, size]));
      if (row === undefined) throw new Error('the counter gave no number');
      return row.next_value - size;
    },
    recall: async (institution, name) => {
      const row = await driver.read((q) => q.get<{ text_value: string | null }>(RECALL, [institution, name]));
      return row?.text_value ?? undefined;
    },
    remember: async (institution, name, value) => {
      await driver.write((q) => q.run(REMEMBER, [institution, name, value]));
    },
  };
}

/** @returns numbers of one name, taken from durable blocks of `blockSize` */
export function createNumbers(driver: SqlDriver, name: string, blockSize = 1_000): NumberBlock {
  return new NumberBlock(createCounters(driver), name, blockSize);
}

interface Block { next: number; readonly end: number }

/**
 * Hands out the numbers of reserved blocks, per institution: increasing within the process, never twice in any process. The
 * next block is fetched while a fifth of the present one is left, so that the hot path neither writes nor waits.
 */
export class NumberBlock {
  readonly #blocks = new Map<string, Block[]>();
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(readonly counters: Counters, readonly name: string, readonly blockSize: number) {}

  /** Waits for a block when none is left. @throws the faults of the store */
  async next(institution: string): Promise<number> {
    for (;;) {
      const number = this.takeNow(institution);
      if (number !== undefined) return number;
      await this.#fetch(institution);
    }
  }

  /** @returns a number without waiting, for use inside a transaction; undefined when none is left */
  takeNow(institution: string): number | undefined {
    const blocks = this.#blocks.get(institution) ?? [];
    const [block] = blocks;
    if (block === undefined) return undefined;
    const number = block.next;
    block.next += 1;
    if (block.next === block.end) blocks.shift();
    // a failure here is no news: next() meets it again when it matters
    if (left(blocks) * 5 < this.blockSize) this.#fetch(institution).catch(() => undefined);
    return number;
  }

  #fetch(institution: string): Promise<void> {
    const running = this.#fetching.get(institution);
    if (running !== undefined) return running;
    const fetching = this.counters.reserve(institution, this.name, this.blockSize).then((first) => {
      const blocks = this.#blocks.get(institution) ?? [];
      blocks.push({ next: first, end: first + this.blockSize });
      this.#blocks.set(institution, blocks);
    }).finally(() => { this.#fetching.delete(institution); });
    this.#fetching.set(institution, fetching);
    return fetching;
  }
}

function left(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.end - block.next, 0);
}
