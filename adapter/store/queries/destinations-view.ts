import type { SqlQuery } from '../../ports/sql-driver.ts';
import { ATTENTION_STATES_SQL, OPEN_STATES_SQL } from './delivery-states.ts';

/** Reading of what waits at each destination. */
export interface Backlog {
  readonly destination: string;
  readonly byState: Readonly<Record<string, number>>;
  /** ms since epoch; undefined when nothing waits */
  readonly oldestAt: number | undefined;
}

export interface SwitchRow { readonly destination: string; readonly stopped: number; readonly reason: string | null; readonly changed_by: string | null; readonly changed_at: number }

/** index delivery_due, read alone: the row itself is not touched */
export const COUNT_OPEN = `SELECT destination, state, COUNT(*) AS n, MIN(delivery_no) AS oldest FROM delivery
  WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} GROUP BY destination, state`;
/** index delivery_attention */
export const COUNT_ATTENTION = `SELECT destination, state, COUNT(*) AS n FROM delivery WHERE institution = ? AND ${ATTENTION_STATES_SQL} GROUP BY destination, state`;
/** primary key of delivery */
const SELECT_CREATED = 'SELECT created_at FROM delivery WHERE institution = ? AND delivery_no = ?';
/** primary key of destination_switch */
const SELECT_SWITCHES = 'SELECT destination, stopped, reason, changed_by, changed_at FROM destination_switch WHERE institution = ?';

interface CountRow { readonly destination: string; readonly state: string; readonly n: number; readonly oldest?: number | null }

/** @returns what waits or needs attention at each of the destinations named, in their order */
export async function readBacklogs(q: SqlQuery, institution: string, destinations: readonly string[]): Promise<Backlog[]> {
  const attention = await q.all<CountRow>(COUNT_ATTENTION, [institution]);
  const backlogs: Backlog[] = [];
  for (const destination of destinations) {
    const open = await q.all<CountRow>(COUNT_OPEN, [institution, destination]);
    const byState: Record<string, number> = {};
    for (const row of [...open, ...attention]) if (row.destination === destination) byState[row.state] = row.n;
    const oldestNo = open.reduce<number | undefined>((least, row) => Math.min(least ?? Infinity, row.oldest ?? Infinity), undefined);
    const oldest = oldestNo === undefined ? undefined : await q.get<{ created_at: number }>(SELECT_CREATED, [institution, oldestNo]);
    backlogs.push({ destination, byState, oldestAt: oldest?.created_at });
  }
  return backlogs;
}

/** @returns the stop switches that were ever set for the institution */
export async function readSwitches(q: SqlQuery, institution: string): Promise<SwitchRow[]> {
  return q.all<SwitchRow>(SELECT_SWITCHES, [institution]);
}
