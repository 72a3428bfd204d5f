/**
 * TraceEvent (追溯事件): one thing that happened to coded drugs in one institution, as the HIS told it.
 * Immutable once accepted. Field names are those of the outward contract, section 4.
 */

/** Every event kind of the contract. */
export const EVENT_KINDS = [
  'receipt', 'supplier-return', 'dispense', 'dispense-return', 'split-open', 'stock-count', 'stock-gain',
  'stock-loss', 'destroy', 'transfer-out', 'transfer-in', 'gift-in', 'gift-return', 'other-in', 'other-out',
  'void', 'settlement',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Kinds without lines: they change how earlier events are reported. */
export const LINELESS_KINDS: readonly EventKind[] = ['void', 'settlement'];

export interface Person {
  readonly code?: string;
  readonly name?: string;
  /** 药师执业资格证号 */
  readonly licenseNo?: string;
  /** psn_cert_type code, for example 01 = identity card */
  readonly idType?: string;
  readonly idNo?: string;
}

export type PatientClass = 'outpatient' | 'inpatient' | 'emergency';
export type SettlementType = 'insured' | 'self-pay';
export type SettlementArea = 'local' | 'remote';

export interface Patient {
  readonly visitNo?: string;
  readonly class?: PatientClass;
  readonly name?: string;
  readonly idType?: string;
  readonly idNo?: string;
  /** 人员编号 psn_no of the insurance platform */
  readonly personNo?: string;
  /** 参保地医保区划 insuplc_admdvs */
  readonly insuredArea?: string;
  readonly settlementType?: SettlementType;
  readonly settlementId?: string;
  readonly settlementArea?: SettlementArea;
}

export interface Counterparty {
  readonly code?: string;
  readonly name?: string;
  readonly licenseNo?: string;
}

/** One HIS line. Quantities and prices are decimal strings; dates are yyyy-MM-dd. */
export interface EventLine {
  readonly lineNo: string;
  /** HIS drug id, the key of the drug catalogue */
  readonly drug: string;
  readonly drugName?: string;
  readonly quantity: string;
  readonly unit: string;
  /** 拆零: counted in smallest units of an opened pack */
  readonly split: boolean;
  readonly unitPrice?: string;
  readonly lot?: string;
  readonly producedOn?: string;
  readonly expiresOn?: string;
  /** codes as scanned, any scheme, any package level */
  readonly codes: readonly string[];
}

export interface TraceEvent {
  readonly id: string;
  readonly source: string;
  readonly institution: string;
  readonly kind: EventKind;
  /** ISO 8601 with offset, for example 2026-11-22T09:31:05+08:00 */
  readonly occurredAt: string;
  readonly documentNo?: string;
  readonly location?: string;
  /** 急抢救先用后补 */
  readonly emergency?: boolean;
  /** id of an earlier event of the same institution and source (void, dispense-return) */
  readonly refers?: string;
  readonly operator?: Person;
  readonly prescriber?: Person;
  readonly prescriptionNo?: string;
  readonly patient?: Patient;
  readonly counterparty?: Counterparty;
  readonly invoiceNo?: string;
  readonly deliveryNoteNo?: string;
  readonly lines: readonly EventLine[];
}

/** Where the goods go: into our stock, out of it, or neither. */
export type Direction = 'in' | 'out' | 'none';

const DIRECTION: Readonly<Record<EventKind, Direction>> = {
  'receipt': 'in', 'supplier-return': 'out', 'dispense': 'out', 'dispense-return': 'in', 'split-open': 'none',
  'stock-count': 'none', 'stock-gain': 'in', 'stock-loss': 'out', 'destroy': 'out', 'transfer-out': 'out',
  'transfer-in': 'in', 'gift-in': 'in', 'gift-return': 'out', 'other-in': 'in', 'other-out': 'out',
  'void': 'none', 'settlement': 'none',
};

/** @returns whether an event of this kind moves goods into or out of our stock. */
export function directionOf(kind: EventKind): Direction {
  return DIRECTION[kind];
}
