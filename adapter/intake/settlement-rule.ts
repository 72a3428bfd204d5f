import type { Patient, SettlementArea, SettlementType } from '../domain/event.ts';

/** A settlement (结算) of a visit, as far as the rule looks at it. */
export interface VisitSettlement {
  readonly eventNo: number;
  readonly settlementId: string;
  readonly settlementType: SettlementType | undefined;
  readonly settlementArea: SettlementArea | undefined;
  /** ms since epoch */
  readonly atMs: number;
}

/** A dispense of a visit, as far as the rule looks at it. */
export interface VisitDispense {
  /** ms since epoch */
  readonly atMs: number;
  readonly patient: Patient | undefined;
}

/**
 * How long after the dispense its report waits for a better settlement when the one before it may belong to other drugs. The delivery
 * lets nothing wait longer (LONGEST_WAIT_MS of the retry policy).
 */
const DOUBT_WAIT_MS = 900_000;

/** @returns whether the dispense takes the settlement of its visit: it has none of its own, and the HIS did not say self-pay */
export function wantsSettlement(patient: Patient | undefined): boolean {
  return patient?.visitNo !== undefined && patient.settlementId === undefined && patient.settlementType !== 'self-pay';
}

/**
 * The one rule by which a dispense finds its settlement (setl_id of 3505, insurance.md section 9), whatever arrived first:
 * 1. a settlement id the HIS gave with the dispense stands;
 * 2. else the first settlement of the visit at or after the dispense (dispensed, then settled);
 * 3. else the last one before it (先收费后发药, usual in outpatient pharmacies). Not for inpatients: what precedes their dispense is
 *    an interim settlement (中途结算), and the one that pays for it is still to come.
 * A settlement is never used up: any number of dispenses may have the same one. Pure; depends on no order of arrival.
 * @param settlements those of the same visit, in any order
 * @returns the settlement, or undefined when it has its own or none fits yet
 * @example settlementFor({ atMs: 10:00 }, [S1 08:30, S2 10:30]) → S2
 */
export function settlementFor(dispense: VisitDispense, settlements: readonly VisitSettlement[]): VisitSettlement | undefined {
  if (!wantsSettlement(dispense.patient)) return undefined;
  const inOrder = [...settlements].sort(byTime);
  const after = inOrder.find((settlement) => settlement.atMs >= dispense.atMs);
  return after ?? (dispense.patient?.class === 'inpatient' ? undefined : inOrder.at(-1));
}

/**
 * Whether an attached settlement may still be the wrong one: it lies before the dispense and pays for drugs that were handed out
 * before it, so this visit settles afterwards and the settlement of this dispense may be on its way. Its report waits then
 * a while (releaseTime), since what was sent cannot be changed.
 * @param others the other dispenses of the visit
 */
export function isDoubtful(dispense: VisitDispense, settlement: VisitSettlement, others: readonly VisitDispense[], settlements: readonly VisitSettlement[]): boolean {
  if (settlement.atMs >= dispense.atMs) return false;
  return others.some((other) => other.atMs <= settlement.atMs && settlementFor(other, settlements)?.settlementId === settlement.settlementId);
}

/** @returns when a report with a doubtful settlement goes out, ms since epoch */
export function releaseTime(dispense: VisitDispense, nowMs: number): number {
  return Math.min(Math.max(nowMs, dispense.atMs + DOUBT_WAIT_MS), nowMs + DOUBT_WAIT_MS);
}

/** By what the HIS said only, never by our own numbers: they tell the order of arrival. */
function byTime(a: VisitSettlement, b: VisitSettlement): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  const keyA = `${a.settlementId} ${a.settlementType ?? ''} ${a.settlementArea ?? ''}`;
  const keyB = `${b.settlementId} ${b.settlementType ?? ''} ${b.settlementArea ?? ''}`;
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0;
}
