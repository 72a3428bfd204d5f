import type { FaultReason } from '../domain/outcome.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { manyRows } from '../store/many-rows.ts';
import type { DeliveryDraft } from './delivery-draft.ts';
import { withoutStandingOpenings } from './standing-openings.ts';
import type { DeliveryState } from './states.ts';

/** Statements on deliveries; each names the index it uses. */

export interface DeliveryRow {
  readonly deliveryNo: number;
  readonly destination: string;
  readonly eventNo: number;
  readonly subjectNo: number;
  readonly operation: string;
  readonly key: string;
  readonly covers: readonly string[];
  readonly codes: readonly string[];
  readonly batchKey: string;
  readonly priority: number;
  readonly state: DeliveryState;
  readonly reason: FaultReason | undefined;
  readonly attempts: number;
  readonly asks: number;
  readonly firstSentAt: number | undefined;
  readonly lastSentAt: number | undefined;
  readonly absentSince: number | undefined;
  readonly reverses: number | undefined;
}

interface StoredDelivery {
  delivery_no: number; destination: string; event_no: number; subject_no: number; operation: string; report_key: string; covers: string; codes: string;
  batch_key: string; priority: number; state: DeliveryState; reason: FaultReason | null; attempts: number; asks: number; first_sent_at: number | null;
  last_sent_at: number | null; absent_since: number | null; reverses: number | null;
}

export const DELIVERY_COLUMNS = 'd.delivery_no, d.destination, d.event_no, d.subject_no, d.operation, d.report_key, d.covers, d.codes, d.batch_key, d.priority, d.state, d.reason, d.attempts, d.asks, d.first_sent_at, d.last_sent_at, d.absent_since, d.reverses';

export function toDelivery(row: StoredDelivery): DeliveryRow {
  return {
    deliveryNo: row.delivery_no, destination: row.destination, eventNo: row.event_no, subjectNo: row.subject_no, operation: row.operation, key: row.report_key,
    covers: JSON.parse(row.covers) as string[], codes: JSON.parse(row.codes) as string[], batchKey: row.batch_key, priority: row.priority, state: row.state,
    reason: row.reason ?? undefined, attempts: row.attempts, asks: row.asks, firstSentAt: row.first_sent_at ?? undefined, lastSentAt: row.last_sent_at ?? undefined,
    absentSince: row.absent_since ?? undefined, reverses: row.reverses ?? undefined,
  };
}

const insertRows = manyRows(`INSERT INTO delivery (institution, delivery_no, destination, event_no, subject_no, operation, report_key, covers, codes, batch_key, priority, state, hold, reason, detail, due_at, reverses, created_at, settled_at)`, 19);
const INSERT_WAIT = `INSERT INTO delivery_wait (institution, delivery_no, waits_for, hard) VALUES (?,?,?,?) ON CONFLICT (institution, delivery_no, waits_for) DO NOTHING`;
/** index delivery_by_event */
export const SELECT_BY_EVENT = `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.institution = ? AND d.event_no = ? ORDER BY d.delivery_no`;
/** primary key of delivery */
export const SELECT_ONE = `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.institution = ? AND d.delivery_no = ?`;

export interface NewDelivery {
  readonly institution: string;
  readonly deliveryNo: number;
  readonly eventNo: number;
  readonly subjectNo: number;
  readonly reverses?: number;
  readonly atMs: number;
}

/** Files one delivery; a reversal without the codes that are not to be taken back. */
export async function insertDelivery(q: SqlQuery, draft: DeliveryDraft, row: NewDelivery): Promise<unknown> {
  const filed = row.reverses === undefined ? draft : await withoutStandingOpenings(q, row.institution, draft);
  return insertDeliveries(q, [{ draft: filed, row }]);
}

export function insertDeliveries(q: SqlQuery, filed: readonly { readonly draft: DeliveryDraft; readonly row: NewDelivery }[]): Promise<unknown> {
  return insertRows(q, filed.map(({ draft, row }) => [
    row.institution, row.deliveryNo, draft.destination, row.eventNo, row.subjectNo, draft.operation, draft.key, JSON.stringify(draft.covers), JSON.stringify(draft.codes),
    draft.batchKey, draft.priority, draft.state, draft.hold ?? null, draft.reason ?? null, draft.detail ?? null, row.atMs, row.reverses ?? null, row.atMs,
    draft.state === 'not-owed' ? row.atMs : null,
  ]));
}

export async function insertWait(q: SqlQuery, institution: string, wait: { readonly deliveryNo: number; readonly waitsFor: number; readonly hard: boolean }): Promise<void> {
  await q.run(INSERT_WAIT, [institution, wait.deliveryNo, wait.waitsFor, wait.hard ? 1 : 0]);
}

export async function deliveriesOfEvent(q: SqlQuery, institution: string, eventNo: number): Promise<DeliveryRow[]> {
  return (await q.all<StoredDelivery>(SELECT_BY_EVENT, [institution, eventNo])).map(toDelivery);
}

export async function findDelivery(q: SqlQuery, institution: string, deliveryNo: number): Promise<DeliveryRow | undefined> {
  const row = await q.get<StoredDelivery>(SELECT_ONE, [institution, deliveryNo]);
  return row === undefined ? undefined : toDelivery(row);
}
