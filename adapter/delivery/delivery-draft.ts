import type { FaultReason } from '../domain/outcome.ts';
import { reportKey } from '../domain/report-key.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { Destination, PlannedReport, ReportedEvent, ReportLine } from '../ports/destination.ts';
import type { DeliveryState } from './states.ts';

/** A delivery about to be filed. */
export interface DeliveryDraft {
  readonly destination: string;
  readonly operation: string;
  readonly key: string;
  readonly covers: readonly string[];
  readonly codes: readonly string[];
  readonly batchKey: string;
  readonly priority: number;
  readonly state: DeliveryState;
  readonly hold?: string;
  readonly reason?: FaultReason;
  readonly detail?: string;
  /** see PlannedReport */
  readonly unlessOpened?: readonly string[];
}

/** Operations of rows that the product files for itself: nothing is ever sent for them. */
export const OWN_OPERATIONS = ['excluded', 'blocked', 'unplanned', 'nothing-to-reverse'] as const;
export type OwnOperation = (typeof OWN_OPERATIONS)[number];

export interface LinesOfEvent {
  /** owed and not blocked */
  readonly owed: readonly ReportLine[];
  readonly excluded: readonly { readonly lineNo: string; readonly reason: string }[];
  readonly blocked: readonly { readonly lineNo: string; readonly reason: FaultReason; readonly detail: string }[];
}

/**
 * Works out every delivery row of an event at one destination. Fails closed: a line the connector's plan leaves out, or a
 * plan that throws, becomes a row that needs attention; nothing is dropped.
 */
export function draftDeliveries(destination: Destination, reported: Omit<ReportedEvent, 'lines'>, lines: LinesOfEvent): DeliveryDraft[] {
  const { event } = reported;
  const drafts: DeliveryDraft[] = [];
  for (const [reason, group] of groupBy(lines.excluded, (line) => line.reason)) {
    drafts.push(own(destination.name, event, 'excluded', { covers: group.map((line) => line.lineNo), state: 'not-owed', detail: reason }));
  }
  for (const [detail, group] of groupBy(lines.blocked, (line) => line.detail)) {
    const reason = group[0]?.reason ?? 'RULE';
    drafts.push(own(destination.name, event, 'blocked', { covers: group.map((line) => line.lineNo), state: 'needs-attention', reason, detail }));
  }
  if (lines.owed.length > 0) drafts.push(...planned(destination, { ...reported, lines: lines.owed }));
  return drafts;
}

function planned(destination: Destination, reported: ReportedEvent): DeliveryDraft[] {
  let plans: readonly PlannedReport[];
  try {
    plans = destination.plan(reported);
  } catch (error) {
    const covers = reported.lines.map(({ line }) => line.lineNo);
    return [own(destination.name, reported.event, 'unplanned', { covers, state: 'needs-attention', reason: 'FAULT_IN_CONNECTOR', detail: (error as Error).message.slice(0, 200) })];
  }
  const drafts = plans.map((plan) => draftOf(destination.name, plan));
  const covered = new Set(plans.flatMap((plan) => plan.covers));
  const forgotten = reported.lines.map(({ line }) => line.lineNo).filter((lineNo) => !covered.has(lineNo));
  if (forgotten.length > 0) {
    drafts.push(own(destination.name, reported.event, 'unplanned', { covers: forgotten, state: 'needs-attention', reason: 'UNPLANNED', detail: '上报目标没有为该行安排上报' }));
  }
  return drafts;
}

/** @returns the row for a planned report, in the state it starts in */
export function draftOf(destination: string, plan: PlannedReport): DeliveryDraft {
  const { operation, key, covers, codes, batchKey, priority, unlessOpened } = plan;
  const base = { destination, operation, key, covers, codes, batchKey, priority, ...(unlessOpened === undefined ? {} : { unlessOpened }) };
  if (plan.notOwed !== undefined) return { ...base, state: 'not-owed', detail: plan.notOwed };
  if (plan.unsendable !== undefined) return { ...base, state: 'needs-attention', reason: plan.unsendable.reason, detail: plan.unsendable.detail };
  if (plan.hold !== undefined) return { ...base, state: 'held', hold: plan.hold };
  return { ...base, state: 'queued' };
}

/** @returns a row of our own, which speaks for lines that no report is made of */
export function own(destination: string, event: TraceEvent, operation: OwnOperation, row: { readonly covers: readonly string[]; readonly state: DeliveryState; readonly reason?: FaultReason; readonly detail: string }): DeliveryDraft {
  const key = reportKey('N', [event.institution, event.source, event.id, destination, operation, row.detail]);
  return { destination, operation, key, codes: [], batchKey: operation, priority: 9, ...row };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
