import { parseInstant } from '../../adapter/domain/china-time.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { PlannedReport, Report } from '../../adapter/ports/destination.ts';
import { billNumber } from './bill-number.ts';
import { compensationOf, priorityOf } from './bill-types.ts';
import type { MahSettings } from './settings.ts';

/** A reversal, and which of its codes are only taken back when the ledger no longer holds the pack as opened. */
export type PlannedReversal = PlannedReport & { readonly unlessOpened?: readonly string[] };

/**
 * The compensating bill of one that went out: 323 → 116, 102 → 202 and back, same codes. The hospital pack has no delete.
 *
 * A split pack is told once, as used, by whoever opened it (mah.md 6). When others took from it since, it stays used although the
 * opener's dispense is voided: 116 would say that a consumer brought back a pack that lies opened in the dispensary, and nobody would
 * tell of it again. So its code goes back only when the ledger undid the opening (`unlessOpened`); whose visit the bill was
 * filed under plays no part on the platform, so the opening is not moved to another bill.
 * @returns undefined where no bill undoes it (destruction, transfers): a person has to act on the platform
 */
export function planReversal(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes' | 'reported'>, by: TraceEvent, settings: Pick<MahSettings, 'billPrefix'>): PlannedReversal | undefined {
  const billType = compensationOf(original.operation);
  if (billType === undefined || original.codes.length === 0) return undefined;
  const key = billNumber({ event: by, about: [billType, original.operation, original.key], prefix: settings.billPrefix });
  const opened = openedBy(original);
  return {
    operation: billType, key, batchKey: `${key}${timeMark(by)}`, priority: priorityOf(billType),
    covers: original.covers, codes: original.codes, ...(opened.length === 0 ? {} : { unlessOpened: opened }),
  };
}

/** @returns codes of the bill that it reported because its event opened the packs for splitting */
function openedBy(original: Pick<Report, 'codes' | 'reported'>): string[] {
  const billed = new Set(original.codes);
  const opened = original.reported.lines.filter(({ line }) => line.split).flatMap(({ codes }) => codes.filter((code) => code.firstOpening).map((code) => code.code));
  return [...new Set(opened)].filter((code) => billed.has(code));
}

/** A report carries the event it takes back, not the one that asked for it: the time of the asking travels in the batch key. */
function timeMark(by: TraceEvent): string {
  const at = parseInstant(by.occurredAt);
  return at === undefined ? '' : `@${String(at)}`;
}

/** @returns when a reversal was asked for, ms since epoch; undefined for first reports */
export function reversalTime(batchKey: string): number | undefined {
  const at = /@(\d{10,15})$/.exec(batchKey)?.[1];
  return at === undefined ? undefined : Number(at);
}
