import type { Clock } from '../../../adapter/ports/clock.ts';

export interface Pace {
  /** Waits for its turn. @returns false when stopped or aborted first */
  turn(signal: AbortSignal): Promise<boolean>;
  stop(): void;
}

/** Calls evenly spaced, at most so many a second; a token is not saved up, so there is no burst. */
export function createPace(perSecond: number, clock: Clock): Pace {
  const gapMs = 1_000 / perSecond;
  let next = 0;
  let stopped = false;
  // a function: it changes while somebody sleeps
  const isStopped = (): boolean => stopped;
  return {
    async turn(signal) {
      const now = clock.now();
      const at = Math.max(now, next);
      next = at + gapMs;
      try {
        if (at > now) await clock.sleep(at - now, signal);
      } catch {
        return false;
      }
      return !isStopped() && !signal.aborted;
    },
    stop() {
      stopped = true;
    },
  };
}
