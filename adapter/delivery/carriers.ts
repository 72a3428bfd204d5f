import type { SqlQuery } from '../ports/sql-driver.ts';
import { byKeys } from '../store/many-rows.ts';
import type { DeliveryRow } from './delivery-store.ts';

/** A delivery that carries a code, or may have carried it to the platform. */
export type Carrier = Pick<DeliveryRow, 'deliveryNo' | 'eventNo' | 'state'>;

/**
 * Primary key of code_event, then index delivery_by_event. REPLACE finds the quoted code in the JSON array in both dialects; a code
 * that JSON has to escape is taken to be in any row that holds an escape.
 */
export const CARRIERS_HEAD = `SELECT c.code AS code, c.event_no AS event_no, d.delivery_no AS delivery_no, d.state AS state
  FROM code_event c JOIN delivery d ON d.institution = c.institution AND d.event_no = c.event_no
  WHERE d.destination = ? AND c.institution = ? AND c.event_no < (SELECT n.event_no FROM delivery n WHERE n.institution = ? AND n.delivery_no = ?)
  AND d.state NOT IN ('not-owed', 'withdrawn') AND (REPLACE(d.codes, '"' || c.code || '"', '') <> d.codes OR REPLACE(d.codes, '\\', '') <> d.codes) AND c.code IN`;
const selectCarriers = byKeys(CARRIERS_HEAD, 'ORDER BY c.event_no DESC, d.delivery_no');

/** @returns for each code the deliveries of earlier events that carry it to the same destination, newest event first */
export async function loadCarriers(q: SqlQuery, institution: string, delivery: { readonly deliveryNo: number; readonly destination: string }, codes: readonly string[]): Promise<Map<string, Carrier[]>> {
  const found = new Map<string, Carrier[]>();
  const rows = await selectCarriers<{ code: string; event_no: number; delivery_no: number; state: DeliveryRow['state'] }>(q, [delivery.destination, institution, institution, delivery.deliveryNo], codes);
  for (const row of rows) {
    const carriers = found.get(row.code) ?? [];
    found.set(row.code, carriers);
    if (!carriers.some((carrier) => carrier.deliveryNo === row.delivery_no)) carriers.push({ deliveryNo: row.delivery_no, eventNo: row.event_no, state: row.state });
  }
  return found;
}
