import type { FaultReason, SendResult, AskResult } from '../domain/outcome.ts';
import { driftKind, refusalsNeeded } from '../drift/rules.ts';
import type { RetryPolicy } from './retry-policy.ts';

/**
 * Faults that say something about the platform or our account there, not about one report. An interface that is not granted
 * (NOT_GRANTED; TOP code 11, mah.md 2.5) is none of them: what travels by other interfaces goes on.
 */
const PLATFORM_WIDE: ReadonlySet<FaultReason> = new Set(['NETWORK', 'SERVICE_DOWN', 'AUTH', 'CLOCK', 'CONFIGURATION', 'THROTTLED']);

export function isPlatformWide(reason: FaultReason): boolean {
  return PLATFORM_WIDE.has(reason);
}

/** filing a refusal takes some tens of milliseconds */
const DOUBT_MS = 300;

/**
 * Whether a platform answers at the moment. While it does not, one batch at a time tries it, with growing pauses, instead of
 * every waiting report hammering it; the first answer opens the lane again.
 */
export class PlatformHealth {
  readonly #policy: RetryPolicy;
  readonly #steadyNow: () => number;
  #faults = 0;
  #notBefore = 0;
  /** the end of the pause on the steady clock */
  #pauseEnds = 0;
  #lastFault: FaultReason | undefined;
  #inDoubt = false;

  /** @param steadyNow milliseconds on a clock that nobody can set */
  constructor(policy: RetryPolicy, steadyNow: () => number = () => performance.now()) {
    this.#policy = policy;
    this.#steadyNow = steadyNow;
  }

  /** Ends by the host's clock or by the steady one, whichever is first: a host clock set back must not stretch the pause by hours. */
  get notBefore(): number { return this.#steadyNow() >= this.#pauseEnds ? 0 : this.#notBefore; }
  get isWell(): boolean { return this.#faults === 0; }
  get lastFault(): FaultReason | undefined { return this.#lastFault; }
  get faults(): number { return this.#faults; }

  /** Takes note of one call. A single lost reply is no outage; three in a row are. */
  note(results: readonly (SendResult | AskResult)[], nowMs: number): void {
    const fault = results.map(faultReason).find((reason) => reason !== undefined);
    const answered = results.some((result) => faultReason(result) === undefined);
    if (fault === undefined || answered) {
      this.#faults = 0;
      this.#doubt(results, nowMs);
      return;
    }
    this.#lastFault = fault;
    const asked = Math.max(0, ...results.map((result) => ('retryAfterMs' in result ? result.retryAfterMs ?? 0 : 0)));
    if (fault === 'THROTTLED') {
      this.#pause(nowMs, Math.max(asked, 1_000));
      return;
    }
    this.#faults += 1;
    if (isPlatformWide(fault) && results.some((result) => result.kind === 'unavailable') || this.#faults >= 3) {
      this.#pause(nowMs, this.#policy.backOff(this.#faults, asked));
    }
  }

  /**
   * A refusal that speaks of the platform's catalogue, after acceptances, may be the first of hundreds (adapter/drift): nothing more is
   * begun until it is filed and what is like it is parked. One pause for a row of them.
   */
  #doubt(results: readonly (SendResult | AskResult)[], nowMs: number): void {
    const doubtful = results.some((result) => result.kind === 'rejected' && result.peerCode !== undefined && driftKind(result.reason) !== 'none' && refusalsNeeded(result.reason) === 1);
    if (doubtful && !this.#inDoubt) this.#pause(nowMs, DOUBT_MS);
    else if (!doubtful) this.#notBefore = 0;
    this.#inDoubt = doubtful;
  }

  #pause(nowMs: number, ms: number): void {
    this.#notBefore = nowMs + ms;
    this.#pauseEnds = this.#steadyNow() + ms;
  }
}

function faultReason(result: SendResult | AskResult): FaultReason | undefined {
  // the platform did answer: it says no to this interface, not to us
  if (result.kind === 'unavailable' && result.reason === 'NOT_GRANTED') return undefined;
  if (result.kind === 'no-answer' || result.kind === 'unavailable') return result.reason;
  if (result.kind === 'unknown' && (result.reason === 'NETWORK' || result.reason === 'TIMEOUT' || result.reason === 'SERVER_FAULT')) return result.reason;
  return undefined;
}
