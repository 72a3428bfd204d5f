import type { ReadBackEntry } from '../ports/destination.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { marks } from '../store/queries/conditions.ts';
import { CHUNK_EVENTS } from '../store/queries/summary-view.ts';
import { businessDays, eventNumbers } from './our-reports.ts';
import type { Difference } from './reconciliation-store.ts';

/** index delivery_by_event */
export const SELECT_KEYS = `SELECT report_key, delivery_no, state FROM delivery WHERE institution = ? AND event_no IN (${marks(CHUNK_EVENTS)}) AND destination = ?`;

interface Known { readonly deliveryNo: number; readonly state: string }

const STATE_WORDS: Readonly<Record<string, string>> = { 'rejected': '平台拒绝', 'needs-attention': '待人工处理', 'withdrawn': '已撤回', 'not-owed': '无需上报', 'held': '暂不发送' };

/**
 * Entries on record at the platform that are none of the reports in hand: uploaded by another system, or ours and here not accepted. What
 * is still on its way here is no difference: it is asked about anyhow.
 * @param day entries of other days belong to other comparisons
 */
export async function foreignEntries(driver: SqlDriver, at: { readonly institution: string; readonly destination: string; readonly day: string }, entries: readonly ReadBackEntry[]): Promise<readonly Difference[]> {
  const ofDay = entries.filter((entry) => entry.at?.startsWith(at.day) === true);
  const known = await findKeys(driver, at, new Set(ofDay.map((entry) => entry.key)));
  return ofDay.flatMap((entry): readonly Difference[] => {
    const ours = known.get(entry.key);
    const base = { operation: entry.operation, key: entry.key, drug: entry.drug };
    if (ours === undefined) return [{ ...base, kind: 'unknown-here', ...(entry.quantity === undefined ? {} : { detail: `数量 ${entry.quantity}` }) }];
    const state = STATE_WORDS[ours.state];
    return state === undefined ? [] : [{ ...base, kind: 'not-accepted-here', deliveryNo: ours.deliveryNo, detail: `本机状态：${state}` }];
  });
}

/** Keys are found through their events, day by day from the day itself; a key that nobody here knows is looked for in all of them. */
async function findKeys(driver: SqlDriver, at: { readonly institution: string; readonly destination: string; readonly day: string }, wanted: Set<string>): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>();
  for (const occurredOn of businessDays(at.day)) {
    for (let after: number | undefined = 0; after !== undefined && wanted.size > 0;) {
      const from: number = after;
      after = await driver.read(async (q) => {
        const numbers = await eventNumbers(q, at.institution, occurredOn, from);
        if (numbers === undefined) return undefined;
        for (const row of await q.all<{ report_key: string; delivery_no: number; state: string }>(SELECT_KEYS, [at.institution, ...numbers.padded, at.destination])) {
          if (wanted.delete(row.report_key)) known.set(row.report_key, { deliveryNo: row.delivery_no, state: row.state });
        }
        return numbers.next;
      });
    }
  }
  return known;
}
