import { parseInstant } from '../domain/china-time.ts';
import type { CheckedReceipt } from './check-receipt.ts';

/** 验收核对结果, for the receipt bill (102) of a destination that takes it (xt_is_check, xt_check_code of uploadinoutbill, mah.md 5.4). */
export interface ReceiptVerification {
  /** whether the goods were compared with an upstream bill at all */
  readonly checked: boolean;
  readonly passed: boolean;
  /** numbers of the upstream bills (from_bill_code) */
  readonly billNos: readonly string[];
  /** codes received that do not pass */
  readonly refused: readonly string[];
}

export function verificationOf({ comparison, facts }: CheckedReceipt): ReceiptVerification {
  const checked = facts.bills.length > 0 && comparison.state !== 'pending' && comparison.state !== 'voided';
  return { checked, passed: checked && comparison.deviations.length === 0, billNos: facts.bills.map(({ billNo }) => billNo), refused: [...new Set(comparison.deviations.flatMap(({ holds }) => holds))] };
}

/** 48 小时补核对: from the first event of the receipt until it was compared with its upstream bill. */
export interface ReceiptClock {
  readonly startedAt: number;
  readonly dueAt: number;
  readonly state: 'met' | 'running' | 'overdue';
  /** some of the goods were used first (急抢救先用后补) */
  readonly emergency: boolean;
}

/** @returns undefined for a receipt without live events. 闽药监规〔2026〕5号 二(三)2 */
export function clockOf(checked: CheckedReceipt, rule: { readonly hours: number; readonly nowMs: number }): ReceiptClock | undefined {
  const times = checked.events.map(({ event }) => parseInstant(event.occurredAt)).filter((at) => at !== undefined);
  if (times.length === 0) return undefined;
  const startedAt = Math.min(...times);
  const dueAt = startedAt + rule.hours * 3_600_000;
  const met = verificationOf(checked).checked;
  return { startedAt, dueAt, state: met ? 'met' : rule.nowMs > dueAt ? 'overdue' : 'running', emergency: checked.events.some(({ event }) => event.emergency === true) };
}
