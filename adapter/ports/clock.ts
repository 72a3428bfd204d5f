/** Time as a parameter: everything that reads the time takes a Clock, so tests can move it. */
export interface Clock {
  /** milliseconds since 1970-01-01T00:00:00Z */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
