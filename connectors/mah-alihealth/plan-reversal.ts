import { parseInstant } from '../../adapter/domain/china-time.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { PlannedReport, Report } from '../../adapter/ports/destination.ts';
import { billNumber } from './bill-number.ts';
import { billTypeOf, compensationOf } from './bill-types.ts';
import type { MahSettings } from './settings.ts';

/**
 * The compensating bill of one that went out: 323 → 116, 102 → 202 and back, same codes. The hospital pack has no delete.
 * @returns undefined where no bill undoes it (destruction, transfers): a person has to act on the platform
 */
export function planReversal(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes'>, by: TraceEvent, settings: Pick<MahSettings, 'billPrefix'>): PlannedReport | undefined {
  const billType = compensationOf(original.operation);
  if (billType === undefined || original.codes.length === 0) return undefined;
  const key = billNumber({ event: by, about: [billType, original.operation, original.key], prefix: settings.billPrefix });
  return {
    operation: billType, key, batchKey: `${key}${timeMark(by)}`, priority: billTypeOf(billType)?.side === 'use' ? 2 : 5,
    covers: original.covers, codes: original.codes,
  };
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
