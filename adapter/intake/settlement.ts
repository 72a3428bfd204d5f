import { parseInstant } from '../domain/china-time.ts';
import type { Patient, SettlementArea, SettlementType, TraceEvent } from '../domain/event.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { isDoubtful, releaseTime, settlementFor, wantsSettlement, type VisitDispense, type VisitSettlement } from './settlement-rule.ts';

/**
 * Which settlement a dispense has. Insured dispenses wait for theirs (setl_id, insurance.md section 9); the rule is
 * settlement-rule.ts, what arrives later is placed by place-settlements.ts.
 */

/** primary key of settlement */
export const SELECT_SETTLEMENTS = `SELECT event_no, settlement_id, settlement_type, settlement_area, occurred_at FROM settlement WHERE institution = ? AND visit_no = ?`;
/** index event_by_visit, then primary key of event_settlement; voided dispenses (index event_by_refers) are left out */
export const SELECT_VISIT_DISPENSES = `SELECT e.event_no, e.event_id, e.occurred_at, e.body, settlement_id, settlement_type, settlement_area FROM event e
  LEFT JOIN event_settlement ON event_settlement.institution = e.institution AND event_settlement.event_no = e.event_no
  WHERE e.institution = ? AND e.visit_no = ? AND e.kind = 'dispense'
  AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void') LIMIT 5000`;
const ATTACH = `INSERT INTO event_settlement (institution, event_no, settlement_id, settlement_type, settlement_area, settled_by) VALUES (?,?,?,?,?,?)
  ON CONFLICT (institution, event_no) DO UPDATE SET settlement_id = excluded.settlement_id, settlement_type = excluded.settlement_type,
  settlement_area = excluded.settlement_area, settled_by = excluded.settled_by`;
/** index delivery_by_event */
const RELEASE = `UPDATE delivery SET state = 'queued', hold = NULL, due_at = ? WHERE institution = ? AND event_no = ? AND state = 'held' AND hold = 'settlement'`;
/** primary key of event_settlement */
const SELECT_ATTACHED = `SELECT settlement_id, settlement_type, settlement_area FROM event_settlement WHERE institution = ? AND event_no = ?`;
/** primary key of event */
const SELECT_DISPENSE = `SELECT occurred_at, body FROM event WHERE institution = ? AND event_no = ? AND kind = 'dispense'`;

interface StoredAttachment { settlement_id: string; settlement_type: SettlementType | null; settlement_area: SettlementArea | null }
interface StoredDispense { event_no: number; event_id: string; occurred_at: number; body: string; settlement_id: string | null; settlement_type: SettlementType | null; settlement_area: SettlementArea | null }

/** What a dispense is attached to. */
export type Attached = Pick<VisitSettlement, 'settlementId' | 'settlementType' | 'settlementArea'>;

/** A dispense of a visit on file, with the settlement it is attached to. */
export interface FiledDispense extends VisitDispense {
  readonly eventNo: number;
  readonly id: string;
  readonly attached: Attached | undefined;
}

export async function loadSettlements(q: SqlQuery, institution: string, visitNo: string): Promise<VisitSettlement[]> {
  const rows = await q.all<StoredAttachment & { event_no: number; occurred_at: number }>(SELECT_SETTLEMENTS, [institution, visitNo]);
  return rows.map((row) => ({ ...attachedOf(row), eventNo: row.event_no, atMs: row.occurred_at }));
}

/** @returns the dispenses of a visit that were not voided */
export async function loadVisitDispenses(q: SqlQuery, institution: string, visitNo: string): Promise<FiledDispense[]> {
  const rows = await q.all<StoredDispense>(SELECT_VISIT_DISPENSES, [institution, visitNo]);
  return rows.map((row) => {
    const { settlement_id, settlement_type, settlement_area } = row;
    return {
      eventNo: row.event_no, id: row.event_id, atMs: row.occurred_at, patient: (JSON.parse(row.body) as TraceEvent).patient,
      attached: settlement_id === null ? undefined : attachedOf({ settlement_id, settlement_type, settlement_area }),
    };
  });
}

function attachedOf(row: StoredAttachment): Attached {
  return { settlementId: row.settlement_id, settlementType: row.settlement_type ?? undefined, settlementArea: row.settlement_area ?? undefined };
}

export async function attach(q: SqlQuery, institution: string, eventNo: number, settlement: VisitSettlement): Promise<void> {
  await q.run(ATTACH, [institution, eventNo, settlement.settlementId, settlement.settlementType ?? null, settlement.settlementArea ?? null, settlement.eventNo]);
}

/** Lets the held reports of a dispense go at the given time. */
export async function releaseHeld(q: SqlQuery, institution: string, eventNo: number, dueAtMs: number): Promise<void> {
  await q.run(RELEASE, [dueAtMs, institution, eventNo]);
}

export interface KnownSettlement {
  /** the event as its reports are to be planned */
  readonly event: TraceEvent;
  /** set when the settlement may still be replaced: the reports are filed as held and let go at this time */
  readonly releaseAtMs?: number;
}

/** Attaches the settlement that already arrived for the visit of a dispense just filed. */
export async function attachKnownSettlement({ q, atMs }: { readonly q: SqlQuery; readonly atMs: number }, event: TraceEvent, eventNo: number): Promise<KnownSettlement> {
  const { institution, patient } = event;
  if (event.kind !== 'dispense' || patient?.visitNo === undefined || !wantsSettlement(patient)) return { event };
  const settlements = await loadSettlements(q, institution, patient.visitNo);
  const dispense = { atMs: parseInstant(event.occurredAt) ?? atMs, patient };
  const found = settlementFor(dispense, settlements);
  if (found === undefined) return { event };
  await attach(q, institution, eventNo, found);
  if (found.atMs < dispense.atMs) {
    const others = (await loadVisitDispenses(q, institution, patient.visitNo)).filter((other) => other.eventNo !== eventNo);
    const releaseAtMs = releaseTime(dispense, atMs);
    if (releaseAtMs > atMs && isDoubtful(dispense, found, others, settlements)) return { event, releaseAtMs };
  }
  return { event: { ...event, patient: settled(patient, found) } };
}

/**
 * Looks once more for the settlement of a dispense whose reports are planned again: it may have arrived while the catalogue was
 * incomplete. What is attached already stays.
 */
export async function attachLateSettlement(q: SqlQuery, what: { readonly institution: string; readonly eventNo: number; readonly nowMs: number }): Promise<void> {
  const { institution, eventNo, nowMs } = what;
  const row = await q.get<{ occurred_at: number; body: string }>(SELECT_DISPENSE, [institution, eventNo]);
  const patient = row === undefined ? undefined : (JSON.parse(row.body) as TraceEvent).patient;
  if (row === undefined || patient?.visitNo === undefined || !wantsSettlement(patient)) return;
  if (await q.get(SELECT_ATTACHED, [institution, eventNo]) !== undefined) return;
  const found = settlementFor({ atMs: row.occurred_at, patient }, await loadSettlements(q, institution, patient.visitNo));
  if (found === undefined) return;
  await attach(q, institution, eventNo, found);
  await releaseHeld(q, institution, eventNo, nowMs);
}

/** @returns the event with the settlement that was attached to it, for building its reports */
export async function withSettlement(q: SqlQuery, event: TraceEvent, eventNo: number): Promise<TraceEvent> {
  const attached = await q.get<StoredAttachment>(SELECT_ATTACHED, [event.institution, eventNo]);
  return attached === undefined ? event : { ...event, patient: settled(event.patient ?? {}, attachedOf(attached)) };
}


function settled(patient: Patient, { settlementId, settlementType, settlementArea }: Attached): Patient {
  return {
    ...patient, settlementId,
    ...(settlementType === undefined ? {} : { settlementType }),
    ...(settlementArea === undefined ? {} : { settlementArea }),
  };
}
