import type { Clock } from '../../../adapter/ports/clock.ts';
import { CallGate, type Passage } from './call-gate.ts';

/** Calls a second by lane (`upload`, `query`), and all of them together; what is left out has no limit of its own. */
export interface CallRates {
  readonly lanes: Readonly<Record<string, number>>;
  readonly total?: number | undefined;
}

export interface Wanted {
  readonly lane: string;
  /** 0 somebody waits at a window … 9 night batch, the scale of `PlannedReport.priority` */
  readonly priority: number;
  /** gives up when the wait would be longer */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
}

export type Grant =
  /** make the call now, and say when its answer is there (`reached` false: the request provably never left this machine) */
  | { readonly kind: 'granted'; readonly ended: (reached?: boolean) => void }
  | { readonly kind: 'too-long'; readonly retryAfterMs: number }
  | { readonly kind: 'aborted' };

interface Waiter {
  readonly wanted: Wanted;
  readonly deadline: number;
  readonly answer: (grant: Grant) => void;
}

/** when each lane that is waited in may let its next call through */
type Opens = ReadonlyMap<string, number>;

/** one in this many grants goes to whoever has waited longest: the window goes first, and the night batch still ends */
const LONGEST_WAITING_SHARE = 5;
const MAX_WAITING = 1_000;
const MAX_SLOWDOWN = 8;
const CALM_MS = 60_000;

/**
 * The calls one account may make at one platform, shared by everything that uses the account: evenly spaced, each lane at its
 * own rate and all together at theirs, the urgent before the rest. A throttle answer pauses everything for the length of the
 * ban and slows the account down until it has been calm for a while (mah.md 2.5).
 *
 * @example const grant = await budget.take({ lane: 'query', priority: 0, maxWaitMs: 2_000, signal });
 *          if (grant.kind === 'granted') { const reply = await call(); grant.ended(); }
 */
export class CallBudget {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, CallGate>();
  #total: CallGate | undefined;
  #waiting: Waiter[] = [];
  #serving = false;
  #asleep: AbortController | undefined;
  #overtaken = 0;
  #pausedUntil = 0;
  #slowdown = 1;
  #lastThrottledAt = 0;

  constructor(clock: Clock, rates: CallRates) {
    this.#clock = clock;
    this.limit(rates);
  }

  /** Other rates from now on; what was granted so far still counts. */
  limit(rates: CallRates): void {
    for (const [lane, perSecond] of Object.entries(rates.lanes)) setRate(this.#lanes.get(lane), perSecond, (gate) => this.#lanes.set(lane, gate));
    for (const lane of this.#lanes.keys()) if (!(lane in rates.lanes)) this.#lanes.delete(lane);
    if (rates.total === undefined) this.#total = undefined;
    else setRate(this.#total, rates.total, (gate) => { this.#total = gate; });
    this.#asleep?.abort();
  }

  /** Waits for the right to make one call. Never rejects. */
  take(wanted: Wanted): Promise<Grant> {
    if (wanted.signal.aborted) return Promise.resolve({ kind: 'aborted' });
    const now = this.#clock.now();
    const slot = this.#expectedAt(wanted, now);
    if (slot > now + wanted.maxWaitMs || this.#waiting.length >= MAX_WAITING) return Promise.resolve({ kind: 'too-long', retryAfterMs: Math.max(1, Math.ceil(slot - now)) });
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        this.#asleep?.abort();
        resolve({ kind: 'aborted' });
      };
      const waiter: Waiter = {
        wanted, deadline: now + wanted.maxWaitMs,
        answer: (grant) => { wanted.signal.removeEventListener('abort', onAbort); resolve(grant); },
      };
      wanted.signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      // its lane may open before those that are waited for
      this.#asleep?.abort();
      void this.#serve();
    });
  }

  /** The platform said no: nothing more for `banMs`, and slower afterwards. Several answers of one ban count once. */
  throttled(banMs: number): void {
    const now = this.#clock.now();
    if (now >= this.#pausedUntil) this.#slowdown = Math.min(MAX_SLOWDOWN, this.#slowdown * 2);
    this.#lastThrottledAt = now;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + banMs);
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.#waiting.length > 0) {
        const now = this.#clock.now();
        // by lane, not by waiter: the same for all who wait in it
        const opens = new Map([...new Set(this.#waiting.map(({ wanted }) => wanted.lane))].map((lane) => [lane, this.#openAt(lane, now)]));
        this.#refuseLate(opens, now);
        const next = this.#takeNext(opens, now);
        if (next !== undefined) this.#grant(next, now);
        else if (this.#waiting.length > 0) await this.#sleepUntil(Math.min(...opens.values()));
      }
    } finally {
      this.#serving = false;
    }
  }

  async #sleepUntil(at: number): Promise<void> {
    const waitMs = Math.max(1, Math.ceil(at - this.#clock.now()));
    this.#asleep = new AbortController();
    await this.#clock.sleep(waitMs, this.#asleep.signal).catch(() => undefined);
    this.#asleep = undefined;
  }

  #grant({ wanted, answer }: Waiter, now: number): void {
    const gates = [this.#lanes.get(wanted.lane), this.#total];
    const passages = gates.flatMap((gate): Passage[] => (gate === undefined ? [] : [gate.pass(now, this.#slowdown)]));
    answer({ kind: 'granted', ended: (reached = true) => { for (const passage of passages) passage.ended(this.#clock.now(), reached); } });
  }

  /** The most urgent of those whose lane is open, the first come of equals; now and then the one that has waited longest. */
  #takeNext(opens: Opens, now: number): Waiter | undefined {
    const ready = this.#waiting.filter(({ wanted }) => (opens.get(wanted.lane) ?? 0) <= now);
    const [longest] = ready;
    if (longest === undefined) return undefined;
    const urgent = ready.reduce((best, waiter) => (waiter.wanted.priority < best.wanted.priority ? waiter : best), longest);
    const chosen = this.#overtaken >= LONGEST_WAITING_SHARE - 1 ? longest : urgent;
    this.#overtaken = chosen === longest ? 0 : this.#overtaken + 1;
    this.#waiting = this.#waiting.filter((waiter) => waiter !== chosen);
    return chosen;
  }

  #refuseLate(opens: Opens, now: number): void {
    const late = this.#waiting.filter(({ wanted, deadline }) => (opens.get(wanted.lane) ?? 0) > deadline);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => !late.includes(waiter));
    for (const { wanted, answer } of late) answer({ kind: 'too-long', retryAfterMs: Math.max(1, Math.ceil((opens.get(wanted.lane) ?? now) - now)) });
  }

  /** @returns when a call of the lane may go, were it the next */
  #openAt(lane: string, now: number): number {
    const slowdown = this.#slowdownAt(now);
    return Math.max(this.#pausedUntil, this.#lanes.get(lane)?.openAt(now, slowdown) ?? 0, this.#total?.openAt(now, slowdown) ?? 0);
  }

  /** @returns about when this one would be granted, behind those that go before it */
  #expectedAt(wanted: Wanted, now: number): number {
    const before = this.#waiting.filter((waiter) => waiter.wanted.priority <= wanted.priority);
    const inLane = before.filter((waiter) => waiter.wanted.lane === wanted.lane).length * (this.#lanes.get(wanted.lane)?.intervalMs ?? 0);
    const inAll = before.length * (this.#total?.intervalMs ?? 0);
    return this.#openAt(wanted.lane, now) + Math.max(inLane, inAll) * this.#slowdown;
  }

  #slowdownAt(now: number): number {
    if (this.#slowdown > 1 && now - this.#lastThrottledAt >= CALM_MS) {
      this.#slowdown = Math.max(1, this.#slowdown / 2);
      this.#lastThrottledAt = now;
    }
    return this.#slowdown;
  }
}

function setRate(gate: CallGate | undefined, perSecond: number, put: (gate: CallGate) => void): void {
  if (gate === undefined) put(new CallGate(perSecond));
  else gate.perSecond = perSecond;
}
