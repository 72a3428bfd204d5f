import type { Clock } from '../../adapter/ports/clock.ts';

export type BudgetLane = 'upload' | 'query';
export type Grant = { readonly kind: 'granted' } | { readonly kind: 'too-long'; readonly retryAfterMs: number } | { readonly kind: 'aborted' };

export interface Wanted {
  readonly lane: BudgetLane;
  /** goes before what is not urgent */
  readonly urgent: boolean;
  /** gives up when the wait would be longer */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly urgent: boolean;
  readonly deadline: number;
  readonly answer: (grant: Grant) => void;
}

interface LaneState {
  intervalMs: number;
  nextAt: number;
  urgentRun: number;
  running: boolean;
  wake: AbortController;
  waiting: Waiter[];
}

/** one in this many grants goes to batch work while urgent work waits: neither starves the other */
const BATCH_SHARE = 5;
const MAX_WAITING = 1_000;
const MAX_SLOWDOWN = 8;
const CALM_MS = 60_000;

/**
 * Calls one app key may make (mah.md 2.5): evenly spaced, uploads and queries each at their own rate, urgent before batch.
 * A throttle answer pauses everything for the length of the ban and slows the key down until it has been calm for a while.
 */
export class CallBudget {
  readonly #clock: Clock;
  readonly #lanes: Readonly<Record<BudgetLane, LaneState>>;
  #pausedUntil = 0;
  #slowdown = 1;
  #lastThrottledAt = 0;

  constructor(clock: Clock, rates: Readonly<Record<BudgetLane, number>>) {
    this.#clock = clock;
    this.#lanes = { upload: idleLane(rates.upload), query: idleLane(rates.query) };
  }

  /** Another destination shares the key: the smaller rate holds for both. */
  limit(rates: Readonly<Record<BudgetLane, number>>): void {
    for (const lane of ['upload', 'query'] as const) {
      this.#lanes[lane].intervalMs = Math.max(this.#lanes[lane].intervalMs, intervalOf(rates[lane]));
    }
  }

  /** Waits for the right to make one call. */
  take(wanted: Wanted): Promise<Grant> {
    const lane = this.#lanes[wanted.lane];
    if (wanted.signal.aborted) return Promise.resolve({ kind: 'aborted' });
    const deadline = this.#clock.now() + wanted.maxWaitMs;
    const slot = this.#slot(lane) + lane.waiting.length * this.#interval(lane);
    if (slot > deadline || lane.waiting.length >= MAX_WAITING) return Promise.resolve({ kind: 'too-long', retryAfterMs: Math.max(1, slot - this.#clock.now()) });
    return new Promise((resolve) => {
      const onAbort = (): void => {
        lane.waiting = lane.waiting.filter((other) => other !== waiter);
        if (lane.waiting.length === 0) lane.wake.abort();
        resolve({ kind: 'aborted' });
      };
      const waiter: Waiter = {
        urgent: wanted.urgent, deadline,
        answer: (grant) => { wanted.signal.removeEventListener('abort', onAbort); resolve(grant); },
      };
      wanted.signal.addEventListener('abort', onAbort, { once: true });
      lane.waiting.push(waiter);
      void this.#serve(lane);
    });
  }

  /** The gateway said no: nothing more for `banMs`, and slower afterwards. Several answers of one ban count once. */
  throttled(banMs: number): void {
    const now = this.#clock.now();
    if (now >= this.#pausedUntil) this.#slowdown = Math.min(MAX_SLOWDOWN, this.#slowdown * 2);
    this.#lastThrottledAt = now;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + banMs);
  }

  async #serve(lane: LaneState): Promise<void> {
    if (lane.running) return;
    lane.running = true;
    try {
      while (lane.waiting.length > 0) {
        const slot = this.#slot(lane);
        this.#refuseLate(lane, slot);
        const waitMs = slot - this.#clock.now();
        if (waitMs > 0) {
          lane.wake = new AbortController();
          // only an emptied queue wakes it early; then there is nothing to serve
          if (lane.waiting.length > 0) await this.#clock.sleep(waitMs, lane.wake.signal).catch(() => undefined);
          continue;
        }
        const next = takeNext(lane);
        lane.nextAt = this.#clock.now() + this.#interval(lane);
        next?.answer({ kind: 'granted' });
      }
    } finally {
      lane.running = false;
    }
  }

  #refuseLate(lane: LaneState, slot: number): void {
    const late = lane.waiting.filter((waiter) => waiter.deadline < slot);
    if (late.length === 0) return;
    lane.waiting = lane.waiting.filter((waiter) => waiter.deadline >= slot);
    for (const waiter of late) waiter.answer({ kind: 'too-long', retryAfterMs: Math.max(1, slot - this.#clock.now()) });
  }

  #slot(lane: LaneState): number {
    return Math.max(lane.nextAt, this.#pausedUntil);
  }

  #interval(lane: LaneState): number {
    const now = this.#clock.now();
    if (this.#slowdown > 1 && now - this.#lastThrottledAt >= CALM_MS) {
      this.#slowdown = Math.max(1, this.#slowdown / 2);
      this.#lastThrottledAt = now;
    }
    return lane.intervalMs * this.#slowdown;
  }
}

function intervalOf(perSecond: number): number {
  return Math.ceil(1_000 / perSecond);
}

function idleLane(perSecond: number): LaneState {
  return { intervalMs: intervalOf(perSecond), nextAt: 0, urgentRun: 0, running: false, wake: new AbortController(), waiting: [] };
}

function takeNext(lane: LaneState): Waiter | undefined {
  const urgentAt = lane.waiting.findIndex((waiter) => waiter.urgent);
  const batchAt = lane.waiting.findIndex((waiter) => !waiter.urgent);
  const batchTurn = batchAt >= 0 && (urgentAt < 0 || lane.urgentRun >= BATCH_SHARE - 1);
  lane.urgentRun = batchTurn || batchAt < 0 ? 0 : lane.urgentRun + 1;
  return lane.waiting.splice(batchTurn ? batchAt : urgentAt, 1)[0];
}

/** Budgets of this process, by gateway and app key: two jobs on one key are throttled on the first call (mah.md 2.5). */
const shared = new Map<string, { readonly budget: CallBudget; users: number }>();

/** @returns the one budget of the app key, and how to give it back */
export function shareBudget(of: { readonly gateway: string; readonly appKey: string }, clock: Clock, rates: Readonly<Record<BudgetLane, number>>): { readonly budget: CallBudget; release(): void } {
  const key = `${new URL(of.gateway).host}\u0000${of.appKey}`;
  const entry = shared.get(key) ?? { budget: new CallBudget(clock, rates), users: 0 };
  entry.budget.limit(rates);
  entry.users += 1;
  shared.set(key, entry);
  let released = false;
  return {
    budget: entry.budget,
    release: () => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users === 0) shared.delete(key);
    },
  };
}
