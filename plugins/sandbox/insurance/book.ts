import type { Book, CallCounter } from '../book.ts';
import type { InsuranceState } from './state.ts';

/** A committed row without anything about the patient. */
export interface InsuranceEntry {
  readonly key: string;
  readonly operation: string;
  readonly kind: string;
  readonly institution: string;
  readonly codes: readonly string[];
  readonly split: boolean;
  readonly drug: string;
  readonly quantity: string;
  readonly lot: string;
  readonly settlement: string;
  readonly businessTime: string;
  readonly committedAt: number;
  readonly messageId: string;
  readonly live: boolean;
}

const KINDS: Readonly<Record<string, string>> = { 3501: 'stock-count', 3502: 'stock-change', 3503: 'purchase', 3504: 'purchase-return', 3505: 'sale', 3506: 'sale-return' };

/** @returns the present counts; a snapshot, taken anew on each call */
export function insuranceBook(state: InsuranceState, calls: CallCounter): Book<InsuranceEntry> {
  const reportsByKey: Record<string, number> = {};
  for (const row of state.rows) {
    const name = reportName(row.institution, row.operation, row.key);
    reportsByKey[name] = (reportsByKey[name] ?? 0) + 1;
  }
  return {
    entries: state.rows.map((row) => ({
      key: row.key,
      operation: row.operation,
      kind: row.operation === '3502' ? `stock-change ${textOf(row.fields['inv_chg_type'])}` : (KINDS[row.operation] ?? row.operation),
      institution: row.institution,
      codes: row.codes,
      split: row.split,
      drug: textOf(row.fields['fixmedins_hilist_id']),
      quantity: textOf(row.fields['sel_retn_cnt'] ?? row.fields['purc_retn_cnt'] ?? row.fields['cnt'] ?? row.fields['inv_cnt']),
      lot: textOf(row.fields['manu_lotnum']),
      settlement: textOf(row.fields['setl_id']),
      businessTime: row.businessTime,
      committedAt: row.committedAt,
      messageId: row.messageId,
      live: state.isLive(row),
    })),
    reportsByKey,
    doubleKeys: state.againKeys,
    doubleCodes: state.againCodes,
    callsByOperation: calls.calls,
    refusals: calls.refusals,
  };
}

/** One report's name in the counts: a receipt may use one number for its 3503 and its 3502, and two hospitals the same number. */
export function reportName(institution: string, operation: string, key: string): string {
  return `${institution}/${operation}/${key}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
