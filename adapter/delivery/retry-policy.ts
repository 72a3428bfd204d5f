/** How long to wait, and how often to ask. Times in milliseconds. */
export interface RetrySettings {
  /** first back-off; doubles up to maxBackOffMs, ±20 % jitter */
  readonly baseBackOffMs: number;
  readonly maxBackOffMs: number;
  /** pause between an unknown outcome and the first question */
  readonly firstAskMs: number;
  /** how long a platform has to go on saying "absent" before the same key is sent again */
  readonly absentQuietMs: number;
  /** polling of reports that the platform is still processing */
  readonly pollMs: number;
  readonly maxPollMs: number;
}

export const DEFAULT_RETRY: RetrySettings = {
  baseBackOffMs: 2_000, maxBackOffMs: 60_000, firstAskMs: 2_000, absentQuietMs: 15_000, pollMs: 3_000, maxPollMs: 60_000,
};

export interface RetryPolicy {
  /** @returns the pause before the next try after `tries` tries, or what the peer asked for when that is longer */
  backOff(tries: number, atLeastMs?: number): number;
  pollAgain(asks: number): number;
  readonly firstAskMs: number;
  readonly absentQuietMs: number;
}

/** @param random gives numbers in [0, 1), for the jitter */
export function createRetryPolicy(settings: RetrySettings, random: () => number): RetryPolicy {
  const grow = (base: number, times: number, cap: number): number => Math.min(cap, base * 2 ** Math.min(times, 20));
  const jitter = (ms: number): number => Math.round(ms * (0.8 + 0.4 * random()));
  return {
    backOff: (tries, atLeastMs = 0) => Math.max(jitter(grow(settings.baseBackOffMs, Math.max(0, tries - 1), settings.maxBackOffMs)), atLeastMs),
    pollAgain: (asks) => jitter(grow(settings.pollMs, Math.floor(asks / 5), settings.maxPollMs)),
    firstAskMs: settings.firstAskMs,
    absentQuietMs: settings.absentQuietMs,
  };
}
