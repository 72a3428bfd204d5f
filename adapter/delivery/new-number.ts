import type { Destination, PlannedReport, ReportedEvent } from '../ports/destination.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { draftOf } from './delivery-draft.ts';
import { insertDelivery, type DeliveryRow } from './delivery-store.ts';
import { releaseWaiting } from './settle.ts';

/**
 * Platforms that never take a number twice (mah.md 4: a bill number is not reusable). What is sent again there needs a number of its
 * own, made from the former one, so that it is the same whoever asks, and on file before anything is sent.
 */
export interface RenumberingDestination extends Destination {
  /** Pure: the same report under its n-th number, n = 2, 3, …; given a report that has a later number already likewise. */
  reviseReport(plan: PlannedReport, revision: number): PlannedReport;
}

const MOST_REVISIONS = 99;

export function renumbers(destination: Destination): destination is RenumberingDestination {
  return 'reviseReport' in destination && typeof destination.reviseReport === 'function';
}

/** @returns the report under the first number that none of the rows had; undefined when there is none left */
export function withNewNumber(destination: RenumberingDestination, plan: PlannedReport, rows: readonly Pick<DeliveryRow, 'key'>[]): PlannedReport | undefined {
  const used = new Set(rows.map((row) => row.key));
  for (let revision = 2; revision <= MOST_REVISIONS; revision += 1) {
    const revised = destination.reviseReport(plan, revision);
    if (!used.has(revised.key)) return revised;
  }
  return undefined;
}

/**
 * Lines that could not go with a bill because something was missing are planned again when it is there, and the plan gives them
 * the number of that bill. They get a bill of their own, without the codes that any bill of the event has taken out already.
 * @param rows what is on file of the event at this destination
 * @returns the destination, planning so; itself where numbers may be used again
 */
export function planningWithNewNumbers(destination: Destination, rows: readonly DeliveryRow[]): Destination {
  if (!renumbers(destination)) return destination;
  const out = rows.filter((row) => row.firstSentAt !== undefined || row.state === 'claimed');
  const told = new Set(out.filter((row) => row.state !== 'withdrawn').flatMap((row) => row.codes));
  const plan = (reported: ReportedEvent): readonly PlannedReport[] => {
    const taken: Pick<DeliveryRow, 'key'>[] = [...rows];
    return destination.plan(reported).map((report) => {
      if (!out.some((row) => row.key === report.key)) return report;
      const codes = report.codes.filter((code) => !told.has(code));
      const revised = codes.length === 0 ? undefined : withNewNumber(destination, { ...report, codes }, taken);
      if (revised === undefined) return report;
      taken.push(revised);
      return revised;
    });
  };
  return Object.create(destination, { plan: { value: plan } }) as Destination;
}

/** What becomes of the row whose report is sent again under another number. */
export interface Closing {
  readonly state: 'withdrawn' | 'accepted';
  /** codes and lines that it still speaks for */
  readonly codes: readonly string[];
  readonly covers: readonly string[];
}

const CLOSE = `UPDATE delivery SET state = ?, codes = ?, covers = ?, detail = ?, settled_at = ? WHERE institution = ? AND delivery_no = ? AND state = 'rejected'`;
const HAND_ON_WAITS = `UPDATE delivery_wait SET delivery_no = ? WHERE institution = ? AND delivery_no = ?`;
const WAIT_FOR_NEW = `UPDATE delivery_wait SET waits_for = ? WHERE institution = ? AND waits_for = ?`;

/**
 * Closes a refused row and files its report, or the refused part of it, under a new number.
 * @returns false when the row is no longer refused: somebody else was quicker
 */
export async function fileUnderNewNumber(q: SqlQuery, institution: string, row: DeliveryRow, what: { readonly report: PlannedReport; readonly closing: Closing; readonly deliveryNo: number; readonly nowMs: number }): Promise<boolean> {
  const { report, closing, deliveryNo, nowMs } = what;
  const detail = closing.state === 'accepted' ? `平台接受了其中 ${String(closing.codes.length)} 个码，其余 ${String(report.codes.length)} 个改用单据号 ${report.key} 上报` : `平台未接受，改用单据号 ${report.key} 重新上报`;
  const closed = await q.run(CLOSE, [closing.state, JSON.stringify(closing.codes), JSON.stringify(closing.covers), detail, nowMs, institution, row.deliveryNo]);
  if (closed === 0) return false;
  await insertDelivery(q, draftOf(row.destination, report), { institution, deliveryNo, eventNo: row.eventNo, subjectNo: row.subjectNo, atMs: nowMs, ...(row.reverses === undefined ? {} : { reverses: row.reverses }) });
  await q.run(HAND_ON_WAITS, [deliveryNo, institution, row.deliveryNo]);
  await q.run(WAIT_FOR_NEW, [deliveryNo, institution, row.deliveryNo]);
  await releaseWaiting(q, { institution, deliveryNo: row.deliveryNo, state: closing.state, nowMs });
  return true;
}
