import type { PlannedReport } from '../../adapter/ports/destination.ts';
import { revisedNumber } from './bill-number.ts';
import type { MahSettings } from './settings.ts';

/** @returns the same bill under another number, which no bill before had (mah.md 4: a number is not reusable) */
export function reviseReport(plan: PlannedReport, revision: number, settings: Pick<MahSettings, 'billPrefix'>): PlannedReport {
  const key = revisedNumber(plan.key, revision, settings.billPrefix);
  // the batch key begins with the number; on reversals the time of the void follows
  return { ...plan, key, batchKey: plan.batchKey.startsWith(plan.key) ? key + plan.batchKey.slice(plan.key.length) : key };
}
