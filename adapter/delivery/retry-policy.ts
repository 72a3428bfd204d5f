/** How long to wait, and how often to ask. Times in milliseconds. Names, ranges and labels for the configuration: settings.ts. */
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

/**
 * No report ever waits longer than this for its next try or question, whatever a peer or a setting asks for. A row that is due
 * further ahead was written before the host's clock was set back, and is due now.
 */
export const LONGEST_WAIT_MS = 900_000;

/** An interface that is not granted is tried this many times less often than a platform that is away: only people can change it. */
const NOT_GRANTED_FACTOR = 5;

export interface RetryPolicy {
  /** @returns the pause before the next try after `tries` tries, or what the peer asked for when that is longer; at most LONGEST_WAIT_MS */
  backOff(tries: number, atLeastMs?: number): number;
  /** @returns the pause of a report whose interface the platform has not granted */
  notGranted(tries: number, atLeastMs?: number): number;
  pollAgain(asks: number): number;
  readonly firstAskMs: number;
  readonly absentQuietMs: number;
}

/** @param random gives numbers in [0, 1), for the jitter */
export function createRetryPolicy(settings: RetrySettings, random: () => number): RetryPolicy {
  const grow = (base: number, times: number, cap: number): number => Math.min(cap, base * 2 ** Math.min(times, 20));
  const jitter = (ms: number): number => Math.round(ms * (0.8 + 0.4 * random()));
  const pause = (tries: number, atLeastMs: number, factor: number): number =>
    Math.min(LONGEST_WAIT_MS, Math.max(jitter(grow(settings.baseBackOffMs, Math.max(0, tries - 1), settings.maxBackOffMs) * factor), atLeastMs));
  return {
    backOff: (tries, atLeastMs = 0) => pause(tries, atLeastMs, 1),
    notGranted: (tries, atLeastMs = 0) => pause(tries, atLeastMs, NOT_GRANTED_FACTOR),
    pollAgain: (asks) => Math.min(LONGEST_WAIT_MS, jitter(grow(settings.pollMs, Math.floor(asks / 5), settings.maxPollMs))),
    firstAskMs: settings.firstAskMs,
    absentQuietMs: settings.absentQuietMs,
  };
}
