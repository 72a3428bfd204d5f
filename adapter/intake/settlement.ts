import { parseInstant } from '../domain/china-time.ts';
import type { Patient, SettlementArea, SettlementType, TraceEvent } from '../domain/event.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { Taking } from './taking.ts';

/**
 * Insured dispenses wait for their settlement (setl_id, insurance.md section 9). A settlement is attached to the waiting
 * dispenses of its visit, and to one that arrives late but happened before it.
 */
const INSERT_SETTLEMENT = `INSERT INTO settlement (institution, visit_no, event_no, settlement_id, settlement_type, settlement_area, occurred_at) VALUES (?,?,?,?,?,?,?)`;
/** index event_by_visit, then delivery_by_event */
export const SELECT_WAITING = `SELECT DISTINCT e.event_no FROM event e JOIN delivery d ON d.institution = e.institution AND d.event_no = e.event_no
  WHERE e.institution = ? AND e.visit_no = ? AND d.state = 'held' AND d.hold = 'settlement'`;
const ATTACH = `INSERT INTO event_settlement (institution, event_no, settlement_id, settlement_type, settlement_area, settled_by) VALUES (?,?,?,?,?,?) ON CONFLICT (institution, event_no) DO NOTHING`;
const RELEASE = `UPDATE delivery SET state = 'queued', hold = NULL, due_at = ? WHERE institution = ? AND event_no = ? AND state = 'held' AND hold = 'settlement'`;
/** primary key of settlement */
export const SELECT_SETTLEMENT = `SELECT event_no, settlement_id, settlement_type, settlement_area FROM settlement WHERE institution = ? AND visit_no = ? AND occurred_at >= ? ORDER BY occurred_at, event_no LIMIT 1`;
const SELECT_ATTACHED = `SELECT settlement_id, settlement_type, settlement_area FROM event_settlement WHERE institution = ? AND event_no = ?`;

interface StoredSettlement { settlement_id: string; settlement_type: SettlementType | null; settlement_area: SettlementArea | null }

export async function takeSettlement(taking: Taking, event: TraceEvent, eventNo: number): Promise<void> {
  const { q, atMs } = taking;
  const { visitNo, settlementId, settlementType, settlementArea } = event.patient ?? {};
  if (visitNo === undefined || settlementId === undefined) return;
  await q.run(INSERT_SETTLEMENT, [event.institution, visitNo, eventNo, settlementId, settlementType ?? null, settlementArea ?? null, parseInstant(event.occurredAt) ?? atMs]);
  for (const { event_no: waiting } of await q.all<{ event_no: number }>(SELECT_WAITING, [event.institution, visitNo])) {
    await q.run(ATTACH, [event.institution, waiting, settlementId, settlementType ?? null, settlementArea ?? null, eventNo]);
    await q.run(RELEASE, [atMs, event.institution, waiting]);
  }
}

/** @returns the event with the settlement that already arrived for its visit, when it was still without one */
export async function attachKnownSettlement(taking: Taking, event: TraceEvent, eventNo: number): Promise<TraceEvent> {
  const { patient } = event;
  if (event.kind !== 'dispense' || patient?.visitNo === undefined || patient.settlementId !== undefined || patient.settlementType === 'self-pay') return event;
  const known = await taking.q.get<StoredSettlement & { event_no: number }>(SELECT_SETTLEMENT, [event.institution, patient.visitNo, parseInstant(event.occurredAt) ?? taking.atMs]);
  if (known === undefined) return event;
  await taking.q.run(ATTACH, [event.institution, eventNo, known.settlement_id, known.settlement_type, known.settlement_area, known.event_no]);
  return { ...event, patient: settled(patient, known) };
}

/** @returns the event with the settlement that was attached to it, for building its reports */
export async function withSettlement(q: SqlQuery, event: TraceEvent, eventNo: number): Promise<TraceEvent> {
  const attached = await q.get<StoredSettlement>(SELECT_ATTACHED, [event.institution, eventNo]);
  return attached === undefined ? event : { ...event, patient: settled(event.patient ?? {}, attached) };
}

function settled(patient: Patient, settlement: StoredSettlement): Patient {
  return {
    ...patient, settlementId: settlement.settlement_id,
    ...(settlement.settlement_type === null ? {} : { settlementType: settlement.settlement_type }),
    ...(settlement.settlement_area === null ? {} : { settlementArea: settlement.settlement_area }),
  };
}
