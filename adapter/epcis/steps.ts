import type { EventKind } from '../domain/event.ts';

/** What an event of a kind is in the Core Business Vocabulary (mah.md section 14). */
export interface Step {
  readonly bizStep: string;
  readonly disposition: string;
  readonly action: 'ADD' | 'OBSERVE' | 'DELETE';
  /** who changes: the owner (purchase) or only the holder (transfer within an alliance); `in` = to us */
  readonly parties?: { readonly of: 'owning_party' | 'possessing_party'; readonly direction: 'in' | 'out' };
  /** business transaction that the HIS document number is */
  readonly document?: 'recadv' | 'desadv' | 'rma';
}

const STEPS: Readonly<Partial<Record<EventKind, Step>>> = {
  'receipt': { bizStep: 'receiving', disposition: 'in_progress', action: 'OBSERVE', parties: { of: 'owning_party', direction: 'in' }, document: 'recadv' },
  'gift-in': { bizStep: 'receiving', disposition: 'in_progress', action: 'OBSERVE', parties: { of: 'owning_party', direction: 'in' }, document: 'recadv' },
  'other-in': { bizStep: 'receiving', disposition: 'in_progress', action: 'OBSERVE' },
  'transfer-in': { bizStep: 'receiving', disposition: 'in_progress', action: 'OBSERVE', parties: { of: 'possessing_party', direction: 'in' }, document: 'desadv' },
  'transfer-out': { bizStep: 'shipping', disposition: 'in_transit', action: 'OBSERVE', parties: { of: 'possessing_party', direction: 'out' }, document: 'desadv' },
  'supplier-return': { bizStep: 'shipping', disposition: 'returned', action: 'OBSERVE', parties: { of: 'owning_party', direction: 'out' }, document: 'rma' },
  'gift-return': { bizStep: 'shipping', disposition: 'returned', action: 'OBSERVE', parties: { of: 'owning_party', direction: 'out' }, document: 'rma' },
  'other-out': { bizStep: 'removing', disposition: 'unavailable', action: 'OBSERVE' },
  'dispense': { bizStep: 'dispensing', disposition: 'dispensed', action: 'OBSERVE' },
  'split-open': { bizStep: 'dispensing', disposition: 'partially_dispensed', action: 'OBSERVE' },
  'dispense-return': { bizStep: 'receiving', disposition: 'returned', action: 'OBSERVE' },
  'stock-count': { bizStep: 'stock_taking', disposition: 'in_progress', action: 'OBSERVE' },
  'stock-gain': { bizStep: 'stock_taking', disposition: 'in_progress', action: 'OBSERVE' },
  'stock-loss': { bizStep: 'stock_taking', disposition: 'unknown', action: 'OBSERVE' },
  'destroy': { bizStep: 'destroying', disposition: 'destroyed', action: 'DELETE' },
};

/** A transfer that was cancelled while on its way. */
export const VOID_SHIPPING: Step = { bizStep: 'void_shipping', disposition: 'in_progress', action: 'OBSERVE' };

/** @returns undefined for kinds that move nothing: voids and settlements */
export function stepOf(kind: EventKind): Step | undefined {
  return STEPS[kind];
}

/** @returns kinds whose step has the name, for `EQ_bizStep` */
export function kindsOfStep(bizStep: string): readonly EventKind[] {
  return (Object.keys(STEPS) as EventKind[]).filter((kind) => STEPS[kind]?.bizStep === bizStep);
}
