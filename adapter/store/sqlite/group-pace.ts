/** longest wait for company before a commit */
const LONGEST_GATHER_MS = 5;
/** how much of the number of senders is believed one group later */
const FORGET = 0.9;

/**
 * Decides how long a group is gathered before it is committed. Senders that wait for their acknowledgement before they send
 * again fall into two halves: while the log of one half is synced, the other half's works run in the open transaction.
 */
export class GroupPace {
  #wake: () => void = () => undefined;
  /** how many senders seem to wait at a time */
  #senders = 0;
  #syncMs = 0;

  /** One more is waiting, or the sync under way has ended. */
  stir(): void {
    this.#wake();
  }

  /** @param works that wait for their answer right now, whatever they wait for */
  seen(works: number): void {
    this.#senders = Math.max(works, this.#senders);
  }

  committed(): void {
    this.#senders *= FORGET;
  }

  /** @param ms what the last sync took */
  synced(ms: number): void {
    this.#syncMs = ms;
  }

  /**
   * With no sync under way, half of the senders are enough to go: the others run while these are synced. All at once would
   * leave the processor idle during the sync, and the disk idle during the work.
   */
  enough(size: number): boolean {
    return size >= this.#senders / 2;
  }

  /**
   * Senders that were acknowledged together send again one by one. Committing for the first of them would spend a sync on it
   * and make all the others wait for that, so the others are waited for, never longer than a sync takes. A lone sender is
   * never waited for.
   * @param waitedMs how long nothing else has held up the commit
   * @returns how many milliseconds more to gather; 0 = commit
   */
  patience(size: number, waitedMs: number): number {
    return this.enough(size) ? 0 : Math.max(0, Math.min(this.#syncMs, LONGEST_GATHER_MS) - waitedMs);
  }

  /** Returns when something stirs, at the latest after `ms`. */
  async rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
    this.#wake = () => undefined;
  }
}
