/**
 * Bands of the emergency clock (急抢救先用后补, 闽药监规〔2026〕5号 二(三)2; anchors N2), named by the hours that are left: 24, 8 and 1 are the
 * warnings after 24, 40 and 47 of 48 hours, 0 is overdue.
 */
export const BANDS = [24, 8, 1, 0] as const;
export type Band = (typeof BANDS)[number];

const HOUR_MS = 3_600_000;

export interface EmergencyClock {
  /** ms since epoch */
  readonly startedAt: number;
  readonly hours: number;
}

/** @returns when the catch-up has to be done, ms since epoch */
export function dueAt({ startedAt, hours }: EmergencyClock): number {
  return startedAt + hours * HOUR_MS;
}

/** @returns when a band is reached; a clock of 24 hours or less has no warning before it began */
export function reachedAt(clock: EmergencyClock, band: Band): number | undefined {
  return band >= clock.hours ? undefined : dueAt(clock) - band * HOUR_MS;
}

/** @returns the bands that have been reached, the gravest first */
export function bandsReached(clock: EmergencyClock, nowMs: number): readonly Band[] {
  return BANDS.filter((band) => { const at = reachedAt(clock, band); return at !== undefined && at <= nowMs; }).toReversed();
}

/**
 * What is still to be said: bands reached and not told, the gravest first. What was told is told, wherever the clock of the
 * machine goes; a jump over several bands says each of them.
 */
export function bandsToTell(clock: EmergencyClock, told: ReadonlySet<number>, nowMs: number): readonly Band[] {
  return bandsReached(clock, nowMs).filter((band) => !told.has(band));
}

/** @returns `40`: the hours that had passed when the band was reached */
export function hoursPassed({ hours }: EmergencyClock, band: Band): number {
  return hours - band;
}
