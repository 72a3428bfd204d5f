import { parseInstant } from '../domain/china-time.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import { DELIVERY_COLUMNS, toDelivery, type DeliveryRow } from '../delivery/delivery-store.ts';
import { loadReported } from '../delivery/load-reported.ts';
import { replanEvent } from '../delivery/replan.ts';
import { passGate } from '../store/gate.ts';
import type { KnownEvent } from './intake-store.ts';
import { attach, loadSettlements, loadVisitDispenses, releaseHeld, type Attached, type FiledDispense } from './settlement.ts';
import { isDoubtful, releaseTime, settlementFor, type VisitSettlement } from './settlement-rule.ts';
import type { Taking } from './taking.ts';

/**
 * What a settlement, or its void, changes for the dispenses of its visit: each is attached anew by the one rule, whatever it was
 * attached to before. What has gone out, or may have, stays as it was sent, and a person is told.
 */
const INSERT_SETTLEMENT = `INSERT INTO settlement (institution, visit_no, event_no, settlement_id, settlement_type, settlement_area, occurred_at) VALUES (?,?,?,?,?,?,?)`;
const DELETE_SETTLEMENT = `DELETE FROM settlement WHERE institution = ? AND visit_no = ? AND event_no = ?`;
const DETACH = `DELETE FROM event_settlement WHERE institution = ? AND event_no = ?`;
/** index delivery_by_event; locked, so that no lane claims a report while its settlement changes */
export const SELECT_DELIVERIES_LOCKED = `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.institution = ? AND d.event_no = ? ORDER BY d.delivery_no FOR UPDATE`;
/** index delivery_by_event; what waited for a better settlement need not wait any longer */
const HASTEN = `UPDATE delivery SET due_at = ? WHERE institution = ? AND event_no = ? AND state = 'queued' AND attempts = 0 AND due_at > ?`;

const MAX_NAMED = 5;

interface Placed {
  readonly dispenses: readonly FiledDispense[];
  /** now attached to the settlement the rule gives it, and before it had another or none */
  readonly moved: readonly FiledDispense[];
  /** the rule would give it another settlement, or none, but it has gone out */
  readonly out: readonly { readonly dispense: FiledDispense; readonly wanted: VisitSettlement | undefined }[];
  readonly detached: readonly FiledDispense[];
}

/** Files a settlement and places it. @returns what a person should know */
export async function takeSettlement(taking: Taking, event: TraceEvent, eventNo: number): Promise<readonly Finding[]> {
  const { q, atMs } = taking;
  const { visitNo, settlementId, settlementType, settlementArea } = event.patient ?? {};
  if (visitNo === undefined || settlementId === undefined) return [];
  await q.run(INSERT_SETTLEMENT, [event.institution, visitNo, eventNo, settlementId, settlementType ?? null, settlementArea ?? null, parseInstant(event.occurredAt) ?? atMs]);
  const placed = await placeVisit(taking, event.institution, visitNo);
  const late = placed.out.filter(({ wanted }) => wanted?.eventNo === eventNo).map(({ dispense }) => dispense);
  const used = placed.moved.length > 0 || placed.dispenses.some((dispense) => dispense.attached?.settlementId === settlementId || dispense.patient?.settlementId === settlementId);
  if (late.length > 0) return [tooLate(late, (dispense) => (dispense.attached === undefined ? '未带结算编号' : `按结算 ${dispense.attached.settlementId} `))];
  if (used) return [];
  if (placed.dispenses.length === 0) return [{ code: 'SETTLEMENT_UNUSED', severity: 'info', lineNo: '', detail: '本就诊尚无发药' }];
  const paid: FiledDispense[] = [];
  if (settlementType !== 'self-pay') {
    for (const dispense of placed.dispenses) if (dispense.patient?.settlementType === 'self-pay' && await hasGoneOut(taking, event.institution, dispense)) paid.push(dispense);
  }
  if (paid.length > 0) return [tooLate(paid, () => '按自费')];
  return [{ code: 'SETTLEMENT_UNUSED', severity: 'warn', lineNo: '', detail: `本就诊有 ${String(placed.dispenses.length)} 次发药，均不对应这次结算` }];
}

/**
 * Takes a settlement back (医保结算冲销 2208, 2305): its dispenses get the settlement the rule gives them without it, or wait again.
 * @returns what a person should know
 */
export async function voidSettlement(taking: Taking, { event, eventNo }: KnownEvent): Promise<readonly Finding[]> {
  const { q, rules, atMs } = taking;
  const { institution, patient } = event;
  const profile = rules.institution(institution);
  if (patient?.visitNo === undefined || profile === undefined) return [];
  await passGate(q, institution, `visit:${patient.visitNo}`);
  await q.run(DELETE_SETTLEMENT, [institution, patient.visitNo, eventNo]);
  const placed = await placeVisit(taking, institution, patient.visitNo);
  for (const dispense of placed.detached) {
    for (const destination of rules.destinations) {
      await replanEvent({ q, institution: profile, destination, catalogue: rules.catalogue, policy: rules.policy, nowMs: atMs, take: taking.take }, dispense.eventNo);
    }
  }
  const late = placed.out.map(({ dispense }) => dispense).filter((dispense) => dispense.attached?.settlementId === patient.settlementId);
  return late.length === 0 ? [] : [tooLate(late, () => '按这次结算')];
}

async function placeVisit(taking: Taking, institution: string, visitNo: string): Promise<Placed> {
  const { q, atMs } = taking;
  const settlements = await loadSettlements(q, institution, visitNo);
  const dispenses = await loadVisitDispenses(q, institution, visitNo);
  const placed = { dispenses, moved: [] as FiledDispense[], detached: [] as FiledDispense[], out: [] as { dispense: FiledDispense; wanted: VisitSettlement | undefined }[] };
  for (const dispense of dispenses) {
    const wanted = settlementFor(dispense, settlements);
    if (isSame(wanted, dispense.attached)) continue;
    if (await hasGoneOut(taking, institution, dispense)) {
      placed.out.push({ dispense, wanted });
    } else if (wanted === undefined) {
      await q.run(DETACH, [institution, dispense.eventNo]);
      placed.detached.push(dispense);
    } else {
      const doubtful = isDoubtful(dispense, wanted, dispenses.filter((other) => other !== dispense), settlements);
      await attach(q, institution, dispense.eventNo, wanted);
      await releaseHeld(q, institution, dispense.eventNo, doubtful ? releaseTime(dispense, atMs) : atMs);
      if (!doubtful && dispense.attached !== undefined) await q.run(HASTEN, [atMs, institution, dispense.eventNo, atMs]);
      placed.moved.push(dispense);
    }
  }
  return placed;
}

function isSame(wanted: Attached | undefined, attached: Attached | undefined): boolean {
  return wanted?.settlementId === attached?.settlementId && wanted?.settlementType === attached?.settlementType && wanted?.settlementArea === attached?.settlementArea;
}

/**
 * Whether a report that depends on the settlement has gone out, or may have. Reports that do not depend on it (the MAH side is told
 * at once) say nothing about it. A report that was refused, or provably not taken, is not out.
 */
async function hasGoneOut(taking: Taking, institution: string, dispense: FiledDispense): Promise<boolean> {
  const rows = (await taking.q.all<Parameters<typeof toDelivery>[0]>(SELECT_DELIVERIES_LOCKED, [institution, dispense.eventNo])).map(toDelivery);
  const out = new Set(rows.filter(isOut).map((row) => row.destination));
  if (out.size === 0) return false;
  const holding = rows.filter((row) => row.state === 'held').map((row) => row.destination);
  if (holding.length > 0) return holding.some((destination) => out.has(destination));
  return await dependsOnSettlement(taking, { institution, eventNo: dispense.eventNo, among: out });
}

function isOut(row: DeliveryRow): boolean {
  if (row.reverses !== undefined) return false;
  switch (row.state) {
    case 'claimed': case 'sent': case 'processing': case 'unknown': case 'accepted': case 'duplicate': return true;
    case 'rejected': return row.reason === 'PARTLY_REJECTED';
    case 'needs-attention': return row.firstSentAt !== undefined;
    default: return false;
  }
}

/** Asks the plans themselves: what would wait for a settlement, were this an insured dispense without one? */
async function dependsOnSettlement({ q, rules }: Taking, what: { readonly institution: string; readonly eventNo: number; readonly among: ReadonlySet<string> }): Promise<boolean> {
  const institution = rules.institution(what.institution);
  if (institution === undefined) return true;
  const reported = await loadReported({ q, institution, catalogue: rules.catalogue }, what.eventNo, []);
  if (reported === undefined) return false;
  const { settlementId: _, ...patient } = reported.event.patient ?? {};
  const insured = { ...reported, event: { ...reported.event, patient: { ...patient, settlementType: 'insured' as const } } };
  return rules.destinations.some((destination) => {
    if (!what.among.has(destination.name)) return false;
    try {
      return destination.plan(insured).some((plan) => plan.hold === 'settlement');
    } catch {
      return true; // what is not known to be independent of the settlement is left as it was sent
    }
  });
}

function tooLate(dispenses: readonly FiledDispense[], how: (dispense: FiledDispense) => string): Finding {
  const named = dispenses.slice(0, MAX_NAMED).map((dispense) => `发药 ${dispense.id} 已${how(dispense)}上报`).join('；');
  const rest = dispenses.length > MAX_NAMED ? `；共 ${String(dispenses.length)} 次发药` : '';
  return { code: 'SETTLEMENT_AFTER_REPORT', severity: 'warn', lineNo: '', detail: `${named}${rest}` };
}
