import type { EventKind, TraceEvent } from '../../../adapter/domain/event.ts';
import type { FaultReason } from '../../../adapter/domain/outcome.ts';
import { reportKey } from '../../../adapter/domain/report-key.ts';
import type { PlannedReport, Report, ReportedEvent } from '../../../adapter/ports/destination.ts';
import { planLine, ruleOf } from './plan-line.ts';
import type { HolderProfile } from './profile.ts';
import type { HolderSettings } from './settings.ts';

type PlanProfile = Pick<HolderProfile<unknown>, 'reports' | 'operations' | 'key'>;

/** Operation of rows that speak for lines of which nothing is sent. */
const NO_REPORT = 'none';
const USE_KINDS: readonly EventKind[] = ['dispense', 'dispense-return', 'split-open'];
/** `_1` … `_999` of split reports */
const SUFFIX_LENGTH = 4;

interface Bill { readonly codes: Map<string, string[]>; readonly bare: string[] }
interface Nothing { readonly why: string; readonly reason?: FaultReason; readonly covers: string[]; readonly codes: string[] }

/** Pure: which reports an event owes this holder. One per operation, cut into `_1.._n` where a call takes no more codes; every line is covered. */
export function planEvent(reported: ReportedEvent, profile: PlanProfile, settings: HolderSettings): readonly PlannedReport[] {
  const { event, lines } = reported;
  if (event.kind === 'void' || event.kind === 'settlement') return [];
  const bills = new Map<string, Bill>();
  const nothings = new Map<string, Nothing>();
  const note = (of: Nothing): void => {
    const name = `${of.reason ?? ''} ${of.why}`;
    const known = nothings.get(name) ?? { ...of, covers: [], codes: [] };
    known.covers.push(...of.covers);
    known.codes.push(...of.codes);
    nothings.set(name, known);
  };
  for (const line of lines) {
    const { lineNo } = line.line;
    const plan = planLine(event.kind, line, ruleOf(event.kind, line, profile.reports), settings);
    if (plan.owed.length > 0 || plan.bare) {
      const bill = bills.get(plan.operation) ?? { codes: new Map<string, string[]>(), bare: [] };
      // a code that two lines name is sent once, and its report speaks for both
      for (const code of plan.owed) bill.codes.set(code, [...(bill.codes.get(code) ?? []), lineNo]);
      if (plan.bare) bill.bare.push(lineNo);
      bills.set(plan.operation, bill);
    }
    for (const fault of plan.unsendable) note({ why: fault.detail, reason: fault.reason, covers: [lineNo], codes: [...fault.codes] });
    if (plan.owed.length === 0 && !plan.bare && plan.unsendable.length === 0) note({ why: plan.notOwed ?? '该行没有需要上报的内容', covers: [lineNo], codes: [] });
  }
  return [...[...bills].flatMap(([operation, bill]) => partsOf(event, operation, bill, profile)), ...[...nothings.values()].map((nothing) => unsent(event, nothing))];
}

function partsOf(event: TraceEvent, operation: string, bill: Bill, profile: PlanProfile): PlannedReport[] {
  const size = profile.operations.get(operation)?.maxCodes ?? 1_000;
  const number = keyOf(profile, [event.institution, event.source, event.id, operation]);
  const all = [...bill.codes];
  const parts = Math.max(1, Math.ceil(all.length / size));
  return Array.from({ length: parts }, (_, at) => {
    const part = all.slice(at * size, (at + 1) * size);
    const key = parts === 1 ? number : `${number}_${String(at + 1)}`;
    return {
      operation, key, batchKey: key, priority: USE_KINDS.includes(event.kind) ? 2 : 5,
      covers: [...new Set([...(at === 0 ? bill.bare : []), ...part.flatMap(([, lineNos]) => lineNos)])], codes: part.map(([code]) => code),
    };
  });
}

function unsent(event: TraceEvent, { why, reason, covers, codes }: Nothing): PlannedReport {
  return {
    operation: NO_REPORT, key: reportKey('X', [event.institution, event.source, event.id, NO_REPORT, reason ?? '', why]), batchKey: NO_REPORT, priority: 9,
    covers: [...new Set(covers)], codes: [...new Set(codes)], ...(reason === undefined ? { notOwed: why } : { unsendable: { reason, detail: why } }),
  };
}

/** Made of what the report is about, so the same again after a restored store; never longer than the system takes. */
function keyOf({ key: { prefix, maxLength } }: PlanProfile, about: readonly string[]): string {
  return reportKey(prefix, about).slice(0, maxLength - SUFFIX_LENGTH);
}

/** Pure: the report that takes another one back, by the operation its profile names; undefined where it names none. */
export function planReversal(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes'>, by: TraceEvent, profile: PlanProfile): PlannedReport | undefined {
  const operation = profile.operations.get(original.operation)?.reversal;
  if (operation === undefined) return undefined;
  const key = keyOf(profile, [by.institution, by.source, by.id, operation, original.operation, original.key]);
  return { operation, key, batchKey: key, priority: 2, covers: original.covers, codes: original.codes };
}
