/** A call that was let through. `ended` says that its answer is there; without it the gate takes the call for a slow one. */
export interface Passage {
  /** @param nowMs when the answer was there @param reached false when the request provably never left this machine */
  ended(nowMs: number, reached: boolean): void;
}

interface PassedCall {
  readonly startedAt: number;
  tookMs: number | undefined;
  reached: boolean;
}

/** clocks tick in whole milliseconds on both sides, and timers are a little early or late */
const MARGIN = 1.01;
/** a call that takes longer than this is slow for other reasons than its way there */
const MAX_DELAY_MS = 150;
const REMEMBERED_TIMES = 64;

/**
 * Lets at most so many calls a second through, evenly spaced, and never as a burst. A platform counts when calls *arrive*: a call
 * that was long on its way and a quick one after it arrive close together, so a call holds its place longer by what it took
 * beyond the way of the quickest of late. That makes the count hold at the platform and not only here.
 */
export class CallGate {
  #perSecond: number;
  #nextAt = 0;
  #passed: PassedCall[] = [];
  #times: number[] = [];

  /** @param perSecond more than 0, decimals allowed */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  set perSecond(value: number) {
    this.#perSecond = value;
  }

  /** milliseconds between two calls */
  get intervalMs(): number {
    return (1_000 / this.#perSecond) * MARGIN;
  }

  /** calls of one counting window: a second, or the time of one call where that is longer */
  get #callsInWindow(): number {
    return Math.max(1, Math.floor(this.#perSecond));
  }

  /** @param slowdown 1 = as configured, 2 = half the rate @returns when the next call may go; in the past when it may go now */
  openAt(nowMs: number, slowdown: number): number {
    const first = this.#passed.at(-this.#callsInWindow);
    if (first === undefined) return this.#nextAt;
    return Math.max(this.#nextAt, first.startedAt + this.intervalMs * this.#callsInWindow * slowdown + this.#delayOf(first, nowMs));
  }

  pass(nowMs: number, slowdown: number): Passage {
    const interval = this.intervalMs * slowdown;
    // a late timer does not push the plan back, an idle time is not made up for
    this.#nextAt = (nowMs - this.#nextAt < interval ? this.#nextAt : nowMs) + interval;
    const call: PassedCall = { startedAt: nowMs, tookMs: undefined, reached: true };
    this.#passed.push(call);
    if (this.#passed.length > this.#callsInWindow) this.#passed = this.#passed.slice(-this.#callsInWindow);
    return {
      ended: (endedAt, reached) => {
        if (call.tookMs !== undefined) return;
        call.tookMs = Math.max(0, endedAt - nowMs);
        call.reached = reached;
        if (reached) this.#times = [...this.#times.slice(1 - REMEMBERED_TIMES), call.tookMs];
      },
    };
  }

  /** @returns by how much the call may have arrived later than the quickest ones do; half of their time is taken for the way there */
  #delayOf(call: PassedCall, nowMs: number): number {
    if (!call.reached) return 0;
    const tookMs = call.tookMs ?? Math.max(0, nowMs - call.startedAt);
    return Math.min(MAX_DELAY_MS, tookMs - Math.min(...this.#times, tookMs) / 2);
  }
}
