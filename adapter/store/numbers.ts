import type { Counters } from '../ports/counters.ts';

/**
 * Numbers of records, events and deliveries, per institution. Blocks are reserved durably ahead of use, so that taking a
 * number inside a transaction needs no statement; numbers may have gaps, never repeats, and increase within a process.
 */
export class Numbers {
  readonly #blocks = new Map<string, { next: number; end: number }>();
  readonly #reserving = new Map<string, Promise<void>>();

  constructor(readonly counters: Counters, readonly blockSize = 2_000) {}

  /** Resolves when at least `count` numbers can be taken without waiting. Call it before the transaction, never inside. */
  async ensure(institution: string, count: number): Promise<void> {
    while (this.#left(institution) < count) {
      const running = this.#reserving.get(institution) ?? this.#reserve(institution, Math.max(this.blockSize, count));
      await running;
    }
  }

  /** @throws RangeError when nothing was ensured; the caller's transaction rolls back and ensures more */
  take(institution: string): number {
    const block = this.#blocks.get(institution);
    if (block === undefined || block.next >= block.end) throw new NumbersExhausted();
    return block.next++;
  }

  #left(institution: string): number {
    const block = this.#blocks.get(institution);
    return block === undefined ? 0 : block.end - block.next;
  }

  #reserve(institution: string, size: number): Promise<void> {
    const reserving = this.counters.reserve(institution, 'number', size).then((first) => {
      this.#blocks.set(institution, { next: first, end: first + size });
    }).finally(() => { this.#reserving.delete(institution); });
    this.#reserving.set(institution, reserving);
    return reserving;
  }
}

/** The block ran out inside a transaction: roll back, ensure more, run again. */
export class NumbersExhausted extends RangeError {}
