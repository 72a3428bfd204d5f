import type { SqlQuery } from '../ports/sql-driver.ts';
import { loadCarriers, type Carrier } from './carriers.ts';
import { deliveriesOfEvent, insertWait, type DeliveryRow } from './delivery-store.ts';
import { closeReturnedUnsent } from './returned-unsent.ts';
import { ATTENTION_STATES, isSettled, waitsForSomebody } from './states.ts';

/**
 * Order per trace code and destination, never per hospital: a new delivery waits only for earlier deliveries that carry one of
 * its codes. A soft wait keeps the order and ends when the earlier one leaves the queue, also by being refused; a hard wait
 * (returns, reversals) ends only when the platform has the earlier one.
 */
export interface Predecessors {
  /** events that last touched the codes of the new event, and the event it refers to */
  readonly eventNos: readonly number[];
  /** event whose deliveries must be accepted first, whatever codes they carry */
  readonly referredEventNo: number | undefined;
  readonly hard: boolean;
}

/** @returns every delivery of the events, whatever its state: what has to be waited for is decided in fileWaits */
export async function loadPredecessors(q: SqlQuery, institution: string, predecessors: Predecessors): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = [];
  for (const eventNo of new Set([...predecessors.eventNos, ...(predecessors.referredEventNo === undefined ? [] : [predecessors.referredEventNo])])) {
    rows.push(...await deliveriesOfEvent(q, institution, eventNo));
  }
  return rows;
}

interface Delivery { readonly deliveryNo: number; readonly destination: string; readonly codes: readonly string[] }

/**
 * Files what a new delivery, already on file itself, has to wait for. For each code that is the last delivery to the same
 * destination that carries it: events that this destination is told nothing of (a stock count) lie between without breaking the
 * order.
 */
export async function fileWaits(q: SqlQuery, institution: string, delivery: Delivery, earlier: readonly DeliveryRow[], predecessors: Predecessors): Promise<void> {
  const mine = earlier.filter((row) => row.destination === delivery.destination && row.deliveryNo !== delivery.deliveryNo);
  const waits = new Waits();
  const referred = mine.filter((row) => row.eventNo === predecessors.referredEventNo);
  for (const row of referred) if (!isSettled(row.state)) waits.add(row.deliveryNo, predecessors.hard);
  // the dispense a return names holds it back; what others took from the same pack since only keeps its place
  const referredCodes = new Set(referred.flatMap((row) => row.codes));
  const undecided: string[] = [];
  const judge = (code: string, carriers: readonly Carrier[]): Promise<boolean> =>
    waitForCarriers(q, institution, carriers, { waits, hard: predecessors.hard && !referredCodes.has(code) });
  const index = carriersIn(mine);
  for (const code of delivery.codes) {
    const carriers = lastKnown(mine, index.get(code) ?? []);
    if (carriers === undefined || !(await judge(code, carriers))) undecided.push(code);
  }
  const found = await loadCarriers(q, institution, delivery, undecided);
  for (const code of undecided) await judge(code, found.get(code) ?? []);
  for (const [waitsFor, hard] of waits.entries) {
    await insertWait(q, institution, { deliveryNo: delivery.deliveryNo, waitsFor, hard });
    // what the earlier one must wait for, this one must too: then every wait shows what it comes to
    if (hard) for (const { waits_for: further } of await q.all<{ waits_for: number }>(SELECT_HARD_WAITS, [institution, waitsFor])) await insertWait(q, institution, { deliveryNo: delivery.deliveryNo, waitsFor: further, hard });
  }
  if (predecessors.hard && waits.hasHard) await closeReturnedUnsent(q, institution, delivery.deliveryNo);
}

/** primary key of delivery_wait */
const SELECT_HARD_WAITS = `SELECT waits_for FROM delivery_wait WHERE institution = ? AND delivery_no = ? AND hard = 1`;

/** Deliveries to wait for; a hard wait is not softened by another reason to wait. */
class Waits {
  readonly #waits = new Map<number, boolean>();

  add(deliveryNo: number, hard: boolean): void {
    this.#waits.set(deliveryNo, hard || this.#waits.get(deliveryNo) === true);
  }

  get entries(): readonly (readonly [number, boolean])[] { return [...this.#waits]; }
  get hasHard(): boolean { return [...this.#waits.values()].includes(true); }
}

function carriersIn(rows: readonly DeliveryRow[]): ReadonlyMap<string, readonly Carrier[]> {
  const index = new Map<string, Carrier[]>();
  for (const row of rows) {
    if (!carries(row)) continue;
    for (const code of row.codes) {
      const known = index.get(code);
      if (known === undefined) index.set(code, [row]);
      else known.push(row);
    }
  }
  return index;
}

function carries(row: Pick<DeliveryRow, 'state' | 'codes'>): boolean {
  return row.codes.length > 0 && row.state !== 'not-owed' && row.state !== 'withdrawn';
}

/** @returns the code's carriers, newest event first; undefined when a later event may have touched the code without telling this destination */
function lastKnown(rows: readonly DeliveryRow[], carriers: readonly Carrier[]): readonly Carrier[] | undefined {
  const newest = Math.max(...carriers.map((row) => row.eventNo));
  if (carriers.length === 0 || rows.some((row) => row.eventNo > newest && !carries(row))) return undefined;
  return [...carriers].sort((a, b) => b.eventNo - a.eventNo);
}

/** @returns whether what came before these carriers needs no look: the platform has one of them, or one is waited for and keeps the order itself */
async function waitForCarriers(q: SqlQuery, institution: string, carriers: readonly Carrier[], how: { readonly waits: Waits; readonly hard: boolean }): Promise<boolean> {
  let at: number | undefined;
  let decided = false;
  for (const row of carriers) {
    if (decided && row.eventNo !== at) break;
    at = row.eventNo;
    if (isSettled(row.state)) decided = true;
    else if (how.hard) {
      how.waits.add(row.deliveryNo, true);
      decided = true;
    } else if (row.state !== 'held' && !ATTENTION_STATES.includes(row.state)) {
      how.waits.add(row.deliveryNo, false);
      // one that waits for a settlement or a person itself is looked through when claiming: keep the order with what came before it
      if (row.state !== 'queued' || (await q.get(SELECT_STUCK, [institution, row.deliveryNo])) === undefined) decided = true;
    }
  }
  return decided;
}

/** primary keys of delivery_wait and delivery */
export const SELECT_STUCK = `SELECT 1 AS stuck FROM delivery_wait w JOIN delivery b ON b.institution = w.institution AND b.delivery_no = w.waits_for
  WHERE w.institution = ? AND w.delivery_no = ? AND w.hard = 1 AND ${waitsForSomebody('b')} LIMIT 1`;
