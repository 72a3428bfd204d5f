import type { TraceEvent } from '../../adapter/domain/event.ts';
import { reportKey } from '../../adapter/domain/report-key.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import type { PlannedReport, ReportedEvent } from '../../adapter/ports/destination.ts';
import { billNumber } from './bill-number.ts';
import { billTypeOf, MAX_CODES_OF_USE_BILL, planOfKind, priorityOf } from './bill-types.ts';
import { planLine } from './plan-line.ts';
import type { MahSettings } from './settings.ts';

/** Operation of rows that speak for lines of which nothing is sent. */
export const NO_BILL = 'none';

/**
 * Which bills an event owes (mah.md 4, 4.1, 6). Pure. One bill per bill type holds all owed lines of the event; more codes
 * than fit are split into bills `_1.._n`; every line is covered by a bill, a reason not to, or a fault a person sees.
 */
export function planEvent(reported: ReportedEvent, settings: MahSettings): PlannedReport[] {
  const { event, lines } = reported;
  if (event.kind === 'void' || event.kind === 'settlement') return [];
  const ofKind = planOfKind(event.kind, settings);

  const bills = new Map<string, Map<string, string[]>>();
  const reasons = new Map<string, string[]>();
  const faults = new Map<string, { reason: FaultReason; detail: string; covers: string[]; codes: string[] }>();
  for (const line of lines) {
    const { lineNo } = line.line;
    const plan = planLine(event.kind, ofKind, line, settings);
    const codes = bills.get(plan.billType) ?? new Map<string, string[]>();
    // a code that two lines name is sent once, and its bill speaks for both
    for (const code of plan.owed) codes.set(code, [...(codes.get(code) ?? []), lineNo]);
    if (plan.owed.length > 0) bills.set(plan.billType, codes);
    for (const fault of plan.unsendable) {
      const known = faults.get(fault.reason + fault.detail) ?? { reason: fault.reason, detail: fault.detail, covers: [], codes: [] };
      known.covers.push(lineNo);
      known.codes.push(...fault.codes);
      faults.set(fault.reason + fault.detail, known);
    }
    if (plan.owed.length === 0 && plan.unsendable.length === 0) {
      const why = plan.notOwed ?? '该行没有需要上报的内容';
      reasons.set(why, [...(reasons.get(why) ?? []), lineNo]);
    }
  }
  return [
    ...[...bills].flatMap(([billType, codes]) => billsOf(event, billType, codes, settings)),
    ...[...faults.values()].map((fault) => unsendable(event, fault)),
    ...[...reasons].map(([why, covers]) => notOwed(event, why, covers)),
  ];
}

function billsOf(event: TraceEvent, billType: string, codes: ReadonlyMap<string, readonly string[]>, settings: MahSettings): PlannedReport[] {
  const useSide = billTypeOf(billType)?.side === 'use';
  const size = useSide ? Math.min(settings.codesPerBill, MAX_CODES_OF_USE_BILL) : settings.codesPerBill;
  const number = billNumber({ event, about: [billType], prefix: settings.billPrefix });
  const all = [...codes];
  const parts = Math.ceil(all.length / size);
  return Array.from({ length: parts }, (_, at) => {
    const part = all.slice(at * size, (at + 1) * size);
    const key = parts === 1 ? number : `${number}_${String(at + 1)}`;
    return {
      operation: billType, key, batchKey: key, priority: priorityOf(billType),
      covers: [...new Set(part.flatMap(([, lineNos]) => lineNos))], codes: part.map(([code]) => code),
    };
  });
}

function notOwed(event: TraceEvent, why: string, covers: readonly string[]): PlannedReport {
  return { ...nothing(event, why, covers), codes: [], notOwed: why };
}

function unsendable(event: TraceEvent, fault: { readonly reason: FaultReason; readonly detail: string; readonly covers: readonly string[]; readonly codes: readonly string[] }): PlannedReport {
  return { ...nothing(event, fault.reason + fault.detail, fault.covers), codes: [...new Set(fault.codes)], unsendable: { reason: fault.reason, detail: fault.detail } };
}

function nothing(event: TraceEvent, why: string, covers: readonly string[]): Pick<PlannedReport, 'operation' | 'key' | 'batchKey' | 'priority' | 'covers'> {
  return { operation: NO_BILL, key: reportKey('X', [event.institution, event.source, event.id, NO_BILL, why]), batchKey: NO_BILL, priority: 9, covers: [...new Set(covers)] };
}
