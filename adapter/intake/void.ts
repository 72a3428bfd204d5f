import type { TraceEvent } from '../domain/event.ts';
import { refusal } from '../domain/refusal.ts';
import { own, draftOf } from '../delivery/delivery-draft.ts';
import { deliveriesOfEvent, insertDelivery, insertWait, type DeliveryRow } from '../delivery/delivery-store.ts';
import { fileWaits, loadPredecessors } from '../delivery/order.ts';
import { loadReported } from '../delivery/load-reported.ts';
import { restoreReturned } from '../delivery/returned-unsent.ts';
import { withdrawIfUnsent } from '../delivery/withdraw.ts';
import { loadCodes, loadMoves, saveCodes, saveMoves } from '../ledger/ledger-store.ts';
import { reversalOf } from '../ledger/reversal.ts';
import type { Destination } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { Finding } from '../domain/finding.ts';
import type { KnownEvent } from './intake-store.ts';
import { voidSettlement } from './place-settlements.ts';
import { Refused, type Taking } from './taking.ts';

interface Voiding {
  readonly eventNo: number;
  readonly institution: Institution;
  readonly referred: KnownEvent;
}

/** index event_by_refers */
export const SELECT_VOIDED = `SELECT event_id FROM event WHERE institution = ? AND source = ? AND refers = ? AND kind = 'void' AND event_no <> ?`;

/** index event_by_refers; a return that was itself voided does not count */
export const SELECT_LIVE_RETURN = `SELECT r.event_id FROM event r WHERE r.institution = ? AND r.source = ? AND r.refers = ? AND r.kind = 'dispense-return'
  AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = r.institution AND v.source = r.source AND v.refers = r.event_id AND v.kind = 'void')`;

/**
 * Cancels an earlier event: its moves in the ledger are undone, what went out is taken back (3507 or 3506; 116), what did not
 * is never sent. The original stays on file. A voided settlement is taken from the dispenses that were not reported with it yet.
 * @returns what a person should know
 */
export async function takeVoid(taking: Taking, event: TraceEvent, voiding: Voiding): Promise<readonly Finding[]> {
  const { q } = taking;
  if (voiding.referred.kind === 'void') {
    throw new Refused(refusal('EVENT_INVALID', { field: 'refers', value: event.refers ?? '', detail: '作废事件本身不能被作废' }), false);
  }
  const earlier = await q.get<{ event_id: string }>(SELECT_VOIDED, [event.institution, event.source, event.refers ?? '', voiding.eventNo]);
  if (earlier !== undefined) throw new Refused(refusal('EVENT_CONFLICT', { field: 'refers', value: event.refers ?? '', detail: `原事件已由 ${earlier.event_id} 作废` }), true);
  if (voiding.referred.kind === 'settlement') return await voidSettlement(taking, voiding.referred);
  const returned = await q.get<{ event_id: string }>(SELECT_LIVE_RETURN, [event.institution, event.source, event.refers ?? '']);
  if (returned !== undefined) throw new Refused(refusal('EVENT_INVALID', { field: 'refers', value: event.refers ?? '', detail: `已有退药 ${returned.event_id}，请先作废退药` }), false);
  const findings = await undoLedger(taking, event, voiding);
  await undoReports(taking, event, voiding);
  return findings;
}

async function undoLedger({ q, atMs }: Taking, event: TraceEvent, { eventNo, referred }: Voiding): Promise<readonly Finding[]> {
  // undone in the reverse of the order in which the lines were worked out; line numbers are text ("2" stands after "10")
  const place = new Map(referred.event.lines.map((line, at) => [line.lineNo, at]));
  const moves = (await loadMoves(q, event.institution, referred.eventNo)).sort((a, b) => (place.get(a.lineNo) ?? 0) - (place.get(b.lineNo) ?? 0));
  const current = await loadCodes(q, event.institution, [...new Set(moves.map((move) => move.code))].sort());
  const effect = reversalOf(eventNo, { eventNo: referred.eventNo, kind: referred.kind }, moves, current);
  if ('refusal' in effect) throw new Refused(effect.refusal, false);
  await saveCodes(q, event.institution, effect.rows.values(), atMs);
  await saveMoves(q, event.institution, eventNo, effect.moves);
  return effect.findings;
}

async function undoReports(taking: Taking, event: TraceEvent, voiding: Voiding): Promise<void> {
  const { q, rules } = taking;
  const deliveries = await deliveriesOfEvent(q, event.institution, voiding.referred.eventNo);
  for (const destination of rules.destinations) {
    let reversals = 0;
    for (const delivery of deliveries) {
      if (delivery.destination !== destination.name) continue;
      if (await fileReversal(taking, event, { ...voiding, destination, delivery })) reversals += 1;
    }
    if (reversals > 0) continue;
    const nothing = own(destination.name, event, 'nothing-to-reverse', { covers: [], state: 'not-owed', detail: '原事件没有上报，无需撤销' });
    await insertDelivery(q, nothing, { institution: event.institution, deliveryNo: taking.take(), eventNo: voiding.eventNo, subjectNo: voiding.eventNo, atMs: taking.atMs });
  }
}

/** @returns whether something has to be sent to take the delivery back */
async function fileReversal(taking: Taking, event: TraceEvent, what: Voiding & { readonly destination: Destination; readonly delivery: DeliveryRow }): Promise<boolean> {
  const { q, atMs } = taking;
  const { delivery, destination, institution } = what;
  // a return that was closed with its unsent dispense: without the return the dispense is owed again
  if (delivery.state === 'not-owed') await restoreReturned(q, institution.code, { returnNo: delivery.deliveryNo, nowMs: atMs });
  if (delivery.state === 'not-owed' || delivery.state === 'withdrawn') return false;
  if (await withdrawIfUnsent(q, institution.code, delivery, { atMs, why: `已由事件 ${event.id} 作废` })) return false;
  const reported = await loadReported({ q, institution, catalogue: taking.rules.catalogue }, delivery.subjectNo, delivery.covers);
  const plan = reported === undefined ? undefined : destination.planReversal({ operation: delivery.operation, key: delivery.key, covers: delivery.covers, codes: delivery.codes, reported }, event);
  const draft = plan === undefined
    ? own(destination.name, event, 'unplanned', { covers: [], state: 'needs-attention', reason: 'RULE', detail: `上报 ${delivery.key} 无法由接口撤销，请在平台上人工处理` })
    : draftOf(destination.name, plan);
  const deliveryNo = taking.take();
  await insertDelivery(q, draft, { institution: institution.code, deliveryNo, eventNo: what.eventNo, subjectNo: delivery.subjectNo, reverses: delivery.deliveryNo, atMs });
  if (delivery.state !== 'accepted' && delivery.state !== 'duplicate') {
    await insertWait(q, institution.code, { deliveryNo, waitsFor: delivery.deliveryNo, hard: true });
  }
  await waitForRest(q, { institution: institution.code, deliveryNo, destination: destination.name, codes: draft.codes, eventNo: what.eventNo });
  return true;
}

/** Later deliveries of the same codes (a return sent after the dispense) that are still on their way go first. */
async function waitForRest(q: SqlQuery, reversal: { readonly institution: string; readonly deliveryNo: number; readonly destination: string; readonly codes: readonly string[]; readonly eventNo: number }): Promise<void> {
  const eventNos: number[] = [];
  for (const code of reversal.codes) {
    const move = await q.get<{ event_no: number }>(SELECT_LAST_MOVE, [reversal.institution, code, reversal.eventNo]);
    if (move !== undefined) eventNos.push(move.event_no);
  }
  const predecessors = { eventNos, referredEventNo: undefined, hard: false };
  await fileWaits(q, reversal.institution, reversal, await loadPredecessors(q, reversal.institution, predecessors), predecessors);
}

/** primary key of code_event */
export const SELECT_LAST_MOVE = `SELECT event_no FROM code_event WHERE institution = ? AND code = ? AND event_no < ? ORDER BY event_no DESC LIMIT 1`;
