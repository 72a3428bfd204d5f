import type { TraceEvent } from '../domain/event.ts';
import { documentUri, drugUri, eventUri, packUri, partyUri, placeUri } from './identifiers.ts';
import { stepOf, VOID_SHIPPING, type Step } from './steps.ts';

/** What the ledger wrote about one code of one line. */
export interface Move { readonly lineNo: string; readonly code: string; readonly to: string; readonly units: string }

/** An event of ours with what became of it. */
export interface HistoryEvent {
  readonly event: TraceEvent;
  /** ms since epoch */
  readonly receivedAt: number;
  readonly moves: readonly Move[];
  /** the void that cancelled it */
  readonly voided?: { readonly id: string; readonly receivedAt: number };
  /** for a void: what it cancelled */
  readonly cancelled?: { readonly event: TraceEvent; readonly moves: readonly Move[] };
}

/** One EPCIS 2.0 event as JSON-LD; members whose names hold a colon are our own (see {@link CONTEXT}). */
export type EpcisEvent = Readonly<Record<string, unknown>>;

/** Context of every document: the standard's own, and the prefix of our extensions. */
export const CONTEXT = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', { trace: 'urn:his-trace:vocabulary:' }] as const;

/**
 * One of our events as EPCIS: an ObjectEvent a line, two where some packs of a split line are used up and others are not. An
 * event that was voided carries an errorDeclaration (`did_not_occur`); the void of a transfer is a `void_shipping` besides.
 * No patient, prescriber or operator is named: EPCIS documents leave the house.
 */
export function exportEvent(history: HistoryEvent): readonly EpcisEvent[] {
  const { event } = history;
  if (event.kind === 'void') {
    const cancelled = history.cancelled;
    return cancelled?.event.kind === 'transfer-out' ? partsOf(cancelled.event, cancelled.moves, VOID_SHIPPING).map((part, at) => ({ ...frame(history, at), ...part })) : [];
  }
  const step = stepOf(event.kind);
  if (step === undefined) return [];
  return partsOf(event, history.moves, step).map((part, at) => ({ ...frame(history, at), ...part }));
}

function frame({ event, receivedAt, voided }: HistoryEvent, part: number): EpcisEvent {
  return {
    type: 'ObjectEvent',
    eventID: eventUri(event.institution, event.source, event.id, part),
    eventTime: new Date(event.occurredAt).toISOString(),
    eventTimeZoneOffset: '+08:00',
    recordTime: new Date(receivedAt).toISOString(),
    ...(voided === undefined ? {} : {
      errorDeclaration: {
        declarationTime: new Date(voided.receivedAt).toISOString(), reason: 'did_not_occur',
        correctiveEventIDs: [eventUri(event.institution, event.source, voided.id, 0)],
      },
    }),
    readPoint: { id: placeUri(event.institution, event.location) },
    bizLocation: { id: placeUri(event.institution) },
    'trace:kind': event.kind,
  };
}

function partsOf(event: TraceEvent, moves: readonly Move[], step: Step): readonly EpcisEvent[] {
  const common = { ...transactions(event, step), ...parties(event, step) };
  return event.lines.flatMap((line): EpcisEvent[] => {
    const own = moves.filter((move) => move.lineNo === line.lineNo);
    const details = {
      'trace:lineNo': line.lineNo, 'trace:drug': line.drug, 'trace:quantity': line.quantity, 'trace:unit': line.unit, 'trace:split': line.split,
      ...(line.lot === undefined ? {} : { 'trace:lot': line.lot }), ...(line.expiresOn === undefined ? {} : { 'trace:expiresOn': line.expiresOn }),
    };
    const said = { action: step.action, bizStep: step.bizStep };
    if (own.length === 0) {
      // no code is known: the goods are named by kind, for example stock from before the codes
      return [{ ...said, disposition: step.disposition, quantityList: [{ epcClass: drugUri(event.institution, line.drug) }], ...common, ...details }];
    }
    return [...dispositions(own, step)].map(([disposition, codes]) => ({ ...said, disposition, epcList: codes.map(packUri), ...common, ...details }));
  });
}

/** CBV: `dispensed` is the full quantity; a pack with something left is `partially_dispensed`. */
function dispositions(moves: readonly Move[], step: Step): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const move of moves) {
    const disposition = step.disposition === 'dispensed' && move.to === 'opened' ? 'partially_dispensed' : step.disposition;
    const codes = groups.get(disposition) ?? [];
    if (!codes.includes(move.code)) codes.push(move.code);
    groups.set(disposition, codes);
  }
  return groups;
}

function transactions(event: TraceEvent, step: Step): EpcisEvent {
  const list: { type: string; bizTransaction: string }[] = [];
  if (event.documentNo !== undefined && step.document !== undefined) list.push({ type: step.document, bizTransaction: documentUri(event.institution, 'document', event.documentNo) });
  if (event.deliveryNoteNo !== undefined) list.push({ type: 'desadv', bizTransaction: documentUri(event.institution, 'delivery-note', event.deliveryNoteNo) });
  if (event.invoiceNo !== undefined) list.push({ type: 'inv', bizTransaction: documentUri(event.institution, 'invoice', event.invoiceNo) });
  if (event.prescriptionNo !== undefined) list.push({ type: 'urn:his-trace:vocabulary:prescription', bizTransaction: documentUri(event.institution, 'prescription', event.prescriptionNo) });
  return list.length === 0 ? {} : { bizTransactionList: list };
}

function parties(event: TraceEvent, step: Step): EpcisEvent {
  const other = event.counterparty?.code ?? event.counterparty?.name;
  if (step.parties === undefined || other === undefined) return {};
  const [from, to] = step.parties.direction === 'in' ? [other, event.institution] : [event.institution, other];
  return { sourceList: [{ type: step.parties.of, source: partyUri(from) }], destinationList: [{ type: step.parties.of, destination: partyUri(to) }] };
}
