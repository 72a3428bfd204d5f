import { performance } from 'node:perf_hooks';

/** longest wait for company before a commit */
const LONGEST_GATHER_MS = 5;
/** smaller groups are not worth a second fsync */
const LEAST_TO_HALVE = 8;
/** an event loop that waited this long since the last commit had nothing to do */
const IDLE_MS = 0.5;

/**
 * Decides how many works go into a commit. Senders that wait for their acknowledgement before they send again would otherwise
 * drift into one of two wasteful rhythms: all in one commit while nobody works, or a lone first one that spends an fsync
 * while all others wait for it. Which is in this process and which behind a network does not matter here.
 */
export class GroupPace {
  #enough = Infinity;
  #gathered: () => void = () => undefined;
  /** idle time of the event loop, in ms, up to the last commit */
  #idleBefore = 0;

  /**
   * When there was nothing to do since the last commit, senders and store take turns: everybody waits for the one commit, then
   * the store waits for everybody. Then only half goes first, and its senders work while the other half is committed. The
   * fsync more is paid for by the time that was idle.
   */
  sizeOf(waiting: number): number {
    const idle = waiting >= LEAST_TO_HALVE && performance.eventLoopUtilization().idle - this.#idleBefore > IDLE_MS;
    return idle ? Math.ceil(waiting / 2) : waiting;
  }

  committed(): void {
    this.#idleBefore = performance.eventLoopUtilization().idle;
  }

  /**
   * Senders that were acknowledged together send again one by one. Going with the first of them would spend an fsync on it
   * and make all the others wait for that, so half of the last group is waited for, never longer than its commit took. A
   * lone sender is never waited for.
   */
  async gather(waiting: number, last: { readonly size: number; readonly ms: number }): Promise<void> {
    const enough = Math.ceil(last.size / 2);
    if (waiting >= enough) return;
    this.#enough = enough;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(last.ms, LONGEST_GATHER_MS));
      this.#gathered = () => { clearTimeout(timer); resolve(); };
    });
    this.#enough = Infinity;
  }

  /** One more is waiting. */
  arrived(waiting: number): void {
    if (waiting >= this.#enough) this.#gathered();
  }
}
