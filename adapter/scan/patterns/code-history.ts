import type { EventKind } from '../../domain/event.ts';

/** One step in the life of a code, as the ledger kept it. */
export interface HistoryStep {
  readonly kind: EventKind;
  readonly eventNo: number;
  /** day in China, yyyy-MM-dd */
  readonly on: string;
  readonly from: string;
  readonly to: string;
  /** millionths of the smallest unit that left the opened pack; 0 for a whole pack */
  readonly units: bigint;
  /** only compared, never shown */
  readonly visitNo: string | undefined;
}

/** Everything the detector knows about one code. */
export interface CodeHistory {
  readonly code: string;
  readonly expiresOn: string | undefined;
  readonly unitsTotal: bigint | undefined;
  /** in the order they were taken in, voided ones and their voids left out */
  readonly steps: readonly HistoryStep[];
  /** visits for which it was to be dispensed again and was refused */
  readonly refusedVisits: readonly (string | undefined)[];
  /** dispensed or opened at another member of the alliance */
  readonly elsewhere: boolean;
}

/** A void undoes the last step that looks like its mirror; neither says anything about the pack any more. @returns the steps that stand */
export function withoutVoided(steps: readonly HistoryStep[]): readonly HistoryStep[] {
  if (!steps.some(({ kind }) => kind === 'void')) return steps;
  const standing: HistoryStep[] = [];
  for (const step of steps) {
    if (step.kind !== 'void') {
      standing.push(step);
      continue;
    }
    const undone = standing.findLastIndex((earlier) => earlier.units === -step.units && earlier.to === step.from);
    if (undone !== -1) standing.splice(undone, 1);
  }
  return standing;
}
