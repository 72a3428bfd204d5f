import type { Clock } from '../ports/clock.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { OPEN_STATES_SQL } from '../store/queries/delivery-states.ts';

/** Lets everything that waits to be sent go first. */
export interface Patience {
  /** Resolves when nothing is due, or when the patience is at an end; rejects when aborted. */
  turn(signal: AbortSignal): Promise<void>;
}

/** index delivery_due */
export const SELECT_SOMETHING_DUE = `SELECT 1 AS due FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${OPEN_STATES_SQL} AND d.state = 'queued' AND d.due_at <= ? LIMIT 1`;
const LOOK_AGAIN_MS = 1_000;

/** @param patienceMs how long all turns of one run may wait together; then the comparison goes on beside the reports, one call at a time */
export function patienceOf(driver: SqlDriver, lane: { readonly institution: string; readonly destination: string }, by: { readonly clock: Clock; readonly patienceMs: number }): Patience {
  let left = Math.ceil(by.patienceMs / LOOK_AGAIN_MS);
  return {
    async turn(signal) {
      signal.throwIfAborted();
      while (left > 0) {
        const due = await driver.read((q) => q.get(SELECT_SOMETHING_DUE, [lane.institution, lane.destination, by.clock.now()]));
        if (due === undefined) return;
        left -= 1;
        await by.clock.sleep(LOOK_AGAIN_MS, signal);
      }
    },
  };
}
