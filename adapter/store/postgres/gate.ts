import { storeFault } from './fault.ts';

interface Waiting {
  readonly go: () => void;
}

/**
 * Lets so many works in at a time, the others wait in order, for a bounded time. Reads and writes have a gate each, so that
 * a burst of the one never takes every connection from the other.
 */
export class Gate {
  #inside = 0;
  readonly #queue: Waiting[] = [];
  #whenEmpty: (() => void)[] = [];

  constructor(readonly width: number, readonly waitMs: number) {}

  /** @throws TraceError STORE_UNAVAILABLE when no place came free in time */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.width) this.#inside += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      // the place goes to the next in line without being given up, so nobody can slip in between
      const next = this.#queue.shift();
      if (next === undefined) this.#leave();
      else next.go();
    }
  }

  /** Resolves when nobody is inside or waiting. */
  empty(): Promise<void> {
    if (this.#inside === 0) return Promise.resolve();
    return new Promise((resolve) => { this.#whenEmpty.push(resolve); });
  }

  #leave(): void {
    this.#inside -= 1;
    if (this.#inside > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { go: () => { clearTimeout(timer); resolve(); } };
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(storeFault('STORE_UNAVAILABLE', 'every connection is busy'));
      }, this.waitMs);
      this.#queue.push(waiting);
    });
  }
}
