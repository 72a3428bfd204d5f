import type { Book, CallCounter } from '../book.ts';
import { resultTypeAt, type FailedCode, type MahState } from './state.ts';

/** One accepted bill; the patient's members of an upload are never kept. */
export interface MahEntry {
  readonly key: string;
  readonly operation: string;
  readonly billType: string;
  readonly refEntId: string;
  readonly fromId: string;
  readonly toId: string;
  readonly codes: readonly string[];
  readonly failed: readonly FailedCode[];
  readonly businessTime: string;
  readonly committedAt: number;
  /** as query.billstatus shows it now */
  readonly resultType: '0' | '1' | '3' | '4';
  readonly subProcessFlag: '51' | '52' | '';
  /** false once processing has failed */
  readonly live: boolean;
}

/** @returns the present counts; a snapshot, taken anew on each call */
export function mahBook(state: MahState, calls: CallCounter, now: number): Book<MahEntry> {
  const reportsByKey: Record<string, number> = {};
  for (const bill of state.bills) {
    const name = `${bill.refEntId}/${bill.billCode}`;
    reportsByKey[name] = (reportsByKey[name] ?? 0) + 1;
  }
  return {
    entries: state.bills.map((bill) => ({
      key: bill.billCode,
      operation: bill.method.split('yljg.')[1] ?? bill.method,
      billType: bill.billType,
      refEntId: bill.refEntId,
      fromId: bill.fromId,
      toId: bill.toId,
      codes: bill.codes,
      failed: bill.failed,
      businessTime: bill.billTime,
      committedAt: bill.acceptedAt,
      resultType: resultTypeAt(bill, now),
      subProcessFlag: resultTypeAt(bill, now) !== '3' ? '' : bill.failed.length === 0 ? '51' : '52',
      live: resultTypeAt(bill, now) !== '4',
    })),
    reportsByKey,
    doubleKeys: state.againKeys,
    doubleCodes: state.againCodes,
    callsByOperation: calls.calls,
    refusals: calls.refusals,
  };
}
