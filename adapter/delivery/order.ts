import type { SqlQuery } from '../ports/sql-driver.ts';
import { deliveriesOfEvent, insertWait, type DeliveryRow } from './delivery-store.ts';
import { isPending, isSettled } from './states.ts';

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

export async function loadPredecessors(q: SqlQuery, institution: string, predecessors: Predecessors): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = [];
  for (const eventNo of new Set([...predecessors.eventNos, ...(predecessors.referredEventNo === undefined ? [] : [predecessors.referredEventNo])])) {
    for (const row of await deliveriesOfEvent(q, institution, eventNo)) {
      if (predecessors.hard ? !isSettled(row.state) : isPending(row.state) && row.state !== 'held') rows.push(row);
    }
  }
  return rows;
}

/** Files what a new delivery has to wait for. */
export async function fileWaits(q: SqlQuery, institution: string, delivery: { readonly deliveryNo: number; readonly destination: string; readonly codes: readonly string[] }, earlier: readonly DeliveryRow[], predecessors: Predecessors): Promise<void> {
  if (earlier.length === 0) return;
  const codes = new Set(delivery.codes);
  for (const row of earlier) {
    if (row.destination !== delivery.destination || row.deliveryNo === delivery.deliveryNo) continue;
    const sameEvent = row.eventNo === predecessors.referredEventNo;
    if (sameEvent || row.codes.some((code) => codes.has(code))) {
      await insertWait(q, institution, { deliveryNo: delivery.deliveryNo, waitsFor: row.deliveryNo, hard: predecessors.hard });
    }
  }
}
