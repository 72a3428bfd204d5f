import { parseInstant } from '../domain/china-time.ts';
import type { Drug } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import { fileEmergency, outstandingOf } from '../emergency/file-emergency.ts';
import type { Finding } from '../domain/finding.ts';
import { formatQuantity } from '../domain/quantity.ts';
import { refusal } from '../domain/refusal.ts';
import { draftDeliveries, type DeliveryDraft } from '../delivery/delivery-draft.ts';
import { insertDeliveries, type NewDelivery } from '../delivery/delivery-store.ts';
import { fileWaits, loadPredecessors } from '../delivery/order.ts';
import type { EventEffect, LineBlock, PreparedLine } from '../ledger/effect-draft.ts';
import { effectOf } from '../ledger/event-effect.ts';
import { saveCodes, saveMoves } from '../ledger/ledger-store.ts';
import { crashPoint } from '../ops/crash-point.ts';
import type { ReportedEvent, ReportLine } from '../ports/destination.ts';
import type { EventAnswer } from '../ports/intake.ts';
import { reportLine } from '../delivery/report-line.ts';
import { insertEvent, insertFindings, insertLines, type KnownEvent, type StoredLine } from './intake-store.ts';
import { loadFacts, type EventFacts } from './event-facts.ts';
import { prepareLines } from './prepare-lines.ts';
import { takeSettlement } from './place-settlements.ts';
import { whyTooEarly } from './return-facts.ts';
import { attachKnownSettlement, releaseHeld } from './settlement.ts';
import { takeVoid } from './void.ts';
import { Refused, type CheckedEvent, type Taking } from './taking.ts';

/**
 * Takes one event inside the intake's transaction: event row, lines, ledger, findings and one or more delivery rows per
 * destination.
 * @throws Refused when the event cannot be taken; the caller rolls back
 */
export async function takeEvent(taking: Taking, checked: CheckedEvent): Promise<EventAnswer> {
  const { rules } = taking;
  const { event } = checked;
  const institution = rules.institution(event.institution);
  if (institution === undefined) throw new Refused(refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: event.institution }), false);

  const eventNo = taking.take();
  const facts = await loadFacts(taking, checked);
  const lines = prepareLines(event, checked.scans, facts.drugs, { institution, policy: rules.policy });
  const early = await whyTooEarly(taking, checked, facts, lines);
  if (early !== undefined) throw new Refused(early, false);
  let effect = effectOf(event, eventNo, parseInstant(event.occurredAt) ?? taking.atMs, lines, facts);
  if ('refusal' in effect) throw new Refused(effect.refusal, false);
  effect = withReferral(event, facts, checked.findings === undefined ? effect : { ...effect, findings: [...checked.findings, ...effect.findings] });

  await writeEvent(taking, checked, { eventNo, lines, effect });
  if (event.emergency === true) await fileEmergency(taking.q, { institution, event, eventNo, receivedAtMs: taking.atMs, policy: rules.policy, ...outstandingOf(lines, effect) });
  crashPoint('intake.ledger-written');
  let later: readonly Finding[] = [];
  if (event.kind === 'void') later = await takeVoid(taking, event, { eventNo, institution, referred: mustRefer(event, facts.referred) });
  else if (event.kind === 'settlement') later = await takeSettlement(taking, event, eventNo);
  else await fileDeliveries(taking, { eventNo, reported: { institution, event }, facts, lines, effect });
  await insertFindings(taking.q, event.institution, eventNo, later, taking.atMs, effect.findings.length);
  crashPoint('intake.deliveries-written');
  return { id: event.id, status: 'accepted', assigned: effect.assigned, findings: [...effect.findings, ...later] };
}

/** A return may name a dispense from before the installation: it is taken, and a person is told. */
function withReferral(event: TraceEvent, facts: EventFacts, effect: EventEffect): EventEffect {
  if (event.kind !== 'dispense-return' || event.refers === undefined || facts.referred !== undefined) return effect;
  return { ...effect, findings: [...effect.findings, { code: 'REFERS_UNKNOWN', severity: 'warn', lineNo: '', detail: `原发药事件 ${event.refers} 不在本机` }] };
}

function mustRefer(event: TraceEvent, referred: KnownEvent | undefined): KnownEvent {
  if (referred === undefined) throw new Refused(refusal('EVENT_REFERS_UNKNOWN', { field: 'refers', value: event.refers ?? '' }), false);
  return referred;
}

async function writeEvent(taking: Taking, checked: CheckedEvent, what: { readonly eventNo: number; readonly lines: readonly PreparedLine[]; readonly effect: EventEffect }): Promise<void> {
  const { q, recordNo, atMs } = taking;
  const { event, contentSha, body } = checked;
  await insertEvent(q, event, { eventNo: what.eventNo, recordNo, contentSha, atMs, body });
  crashPoint('intake.event-written');
  const lines = what.lines.map(({ line, units, codes, exclusion }): StoredLine => {
    const first = what.effect.lineCodes.get(line.lineNo)?.[0];
    return {
      lineNo: line.lineNo, drug: line.drug, lot: line.lot ?? first?.lot, expiresOn: line.expiresOn ?? first?.expiresOn, quantity: line.quantity, unit: line.unit,
      units: units === undefined ? undefined : formatQuantity(units), split: line.split, codeCount: codes.length, exclusion,
    };
  });
  const skipped = taking.skipped.map(({ lineNo, reason }): StoredLine => ({ lineNo, drug: '', lot: undefined, expiresOn: undefined, quantity: '', unit: '', units: undefined, split: false, codeCount: 0, exclusion: reason }));
  await insertLines(q, event.institution, what.eventNo, [...lines, ...skipped]);
  await saveCodes(q, event.institution, what.effect.rows.values(), atMs);
  await saveMoves(q, event.institution, what.eventNo, what.effect.moves);
  await insertFindings(q, event.institution, what.eventNo, what.effect.findings, atMs);
}

interface Filing {
  readonly eventNo: number;
  readonly reported: Omit<ReportedEvent, 'lines'>;
  readonly facts: EventFacts;
  readonly lines: readonly PreparedLine[];
  readonly effect: EventEffect;
}

async function fileDeliveries(taking: Taking, filing: Filing): Promise<void> {
  const { q, rules, atMs } = taking;
  const { event, releaseAtMs } = await attachKnownSettlement(taking, filing.reported.event, filing.eventNo);
  const { institution } = event;
  const predecessors = {
    eventNos: lastEventsOf(filing),
    referredEventNo: event.kind === 'dispense-return' ? filing.facts.referred?.eventNo : undefined,
    // a return must not reach the platform before the dispense it undoes
    hard: event.kind === 'dispense-return',
  };
  const earlier = await loadPredecessors(q, institution, predecessors);
  const reported = { ...filing.reported, event };
  const filed: { readonly draft: DeliveryDraft; readonly row: NewDelivery }[] = [];
  for (const destination of rules.destinations) {
    for (const draft of draftDeliveries(destination, reported, sortLines(filing, (line, drug) => (destination.regime === undefined ? undefined : rules.policy.exclusionOf({ institution: reported.institution, event, line, drug, regime: destination.regime }))))) {
      filed.push({ draft, row: { institution, deliveryNo: taking.take(), eventNo: filing.eventNo, subjectNo: filing.eventNo, atMs } });
    }
  }
  await insertDeliveries(q, filed);
  if (releaseAtMs !== undefined) await releaseHeld(q, institution, filing.eventNo, releaseAtMs);
  if (earlier.length === 0) return;
  for (const { draft, row } of filed) {
    if (mayTravel(draft)) await fileWaits(q, institution, { deliveryNo: row.deliveryNo, destination: draft.destination, codes: draft.codes }, earlier, predecessors);
  }
}

/** @returns the events that touched the codes last */
function lastEventsOf({ effect, facts }: Filing): number[] {
  const eventNos: number[] = [];
  for (const code of effect.rows.keys()) {
    const known = facts.rows.get(code);
    if (known !== undefined) eventNos.push(known.lastEventNo);
  }
  return eventNos;
}

function mayTravel(draft: DeliveryDraft): boolean {
  return draft.state === 'queued' || draft.state === 'held' || draft.state === 'needs-attention';
}

function sortLines({ effect, lines }: Filing, excludedHere: (line: EventLine, drug: Drug | undefined) => string | undefined): Parameters<typeof draftDeliveries>[2] {
  const excluded: { readonly lineNo: string; readonly reason: string }[] = [];
  const blocked: ({ readonly lineNo: string } & LineBlock)[] = [];
  const owed: ReportLine[] = [];
  for (const prepared of lines) {
    const { line: { lineNo } } = prepared;
    const exclusion = prepared.exclusion ?? excludedHere(prepared.line, prepared.drug);
    const block = effect.blocked.get(lineNo);
    if (exclusion !== undefined) excluded.push({ lineNo, reason: exclusion });
    else if (block !== undefined) blocked.push({ lineNo, ...block });
    else owed.push(reportLine(prepared, effect.lineCodes.get(lineNo) ?? []));
  }
  return { excluded, blocked, owed };
}
