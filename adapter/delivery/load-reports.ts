import type { Report } from '../ports/destination.ts';
import { findDelivery, type DeliveryRow } from './delivery-store.ts';
import { loadReported, SELECT_EVENT_BODY, type Loading } from './load-reported.ts';

/** @returns the reports behind delivery rows, in order. @throws when an event is missing, which the store's keys rule out */
export async function loadReports(loading: Loading, rows: readonly DeliveryRow[]): Promise<Report[]> {
  const reports: Report[] = [];
  for (const row of rows) {
    const original = row.reverses === undefined ? undefined : await findDelivery(loading.q, loading.institution.code, row.reverses);
    const reported = await loadReported(loading, row.subjectNo, original?.covers ?? row.covers);
    if (reported === undefined) throw new Error(`event ${String(row.subjectNo)} of delivery ${String(row.deliveryNo)} is missing`);
    reports.push({
      deliveryNo: row.deliveryNo, operation: row.operation, key: row.key, batchKey: row.batchKey, covers: row.covers, codes: row.codes, reported, attempt: row.attempts,
      ...(original === undefined ? {} : { reverses: { operation: original.operation, key: original.key, by: await voidOf(loading, row.eventNo) } }),
      ...(row.lastSentAt === undefined ? {} : { lastSentAt: row.lastSentAt }),
      ...(row.firstSentAt === undefined ? {} : { firstSentAt: row.firstSentAt }),
    });
  }
  return reports;
}

/** the event that asks for a reversal */
async function voidOf(loading: Loading, eventNo: number): Promise<{ id: string; occurredAt: string }> {
  const row = await loading.q.get<{ body: string }>(SELECT_EVENT_BODY, [loading.institution.code, eventNo]);
  const { id, occurredAt } = JSON.parse(row?.body ?? '{}') as { id?: string; occurredAt?: string };
  return { id: id ?? '', occurredAt: occurredAt ?? '' };
}
