import { parseQuantity } from '../../adapter/domain/quantity.ts';
import { scannedForm } from '../../adapter/domain/trace-code.ts';
import type { ReportedEvent } from '../../adapter/ports/destination.ts';
import type { SettledLine, SettlementHelp, SettlementNode, SettlementQuestion, TraceCounts } from '../../adapter/ports/settlement-help.ts';
import type { Profile, TraceNode } from './profile.ts';

/** @returns what the region's settlement wants to be told of trace codes */
export function settlementHelp(profile: Pick<Profile, 'settlement'>): SettlementHelp {
  return {
    traceCounts: (events) => traceCounts(events, profile),
    lineCounts: (events) => lineCounts(events, profile),
    settlementNode: (question) => settlementNode(question, profile),
  };
}

/** 本次结算应上传最小包装药品追溯码数量; since V1.1.83 in 2207 and 2304 */
const DRUG_COUNT = 'minpacunt_drug_trac_cnt';
/** 本次结算应上传耗材追溯码数量; consumables are no drugs of ours */
const CONSUMABLE_COUNT = 'mcs_trac_cnt';

/** One code that is still with the patient. */
interface Held {
  readonly code: string;
  readonly line: SettledLine;
  readonly split: boolean;
  /** counted in packs rather than in smallest units */
  readonly byPack: boolean;
}

/** Pure: codes dispensed to the visit and not returned; what a split code counts is the profile's (section 8: unstated). */
export function traceCounts(events: readonly ReportedEvent[], profile: Pick<Profile, 'settlement'>): TraceCounts {
  return counts(new Set(countedCodes(events, profile).map((held) => held.code)).size);
}

/** Pure: the same line by line; a split code that several lines took from counts in each of them, and once in the visit. */
export function lineCounts(events: readonly ReportedEvent[], profile: Pick<Profile, 'settlement'>): ReturnType<SettlementHelp['lineCounts']> {
  const byLine = new Map<string, { readonly line: SettledLine; readonly codes: Set<string> }>();
  for (const { line, code } of countedCodes(events, profile)) {
    const name = JSON.stringify(line);
    const entry = byLine.get(name) ?? { line, codes: new Set<string>() };
    byLine.set(name, entry);
    entry.codes.add(code);
  }
  return [...byLine.values()].map(({ line, codes }) => ({ ...line, counts: counts(codes.size) }));
}

function countedCodes(events: readonly ReportedEvent[], { settlement }: Pick<Profile, 'settlement'>): readonly Held[] {
  return heldCodes(events).filter((held) => settlement.splitCounts === 'each' || !held.split);
}

function counts(drugCodes: number): TraceCounts {
  return { [DRUG_COUNT]: drugCodes, [CONSUMABLE_COUNT]: 0 };
}

/**
 * Pure: the node of the region's settlement with one row per code, joined to the fee lines of the HIS.
 * @returns undefined where the region's settlement carries counts alone
 */
export function settlementNode(question: SettlementQuestion, profile: Pick<Profile, 'settlement'>): SettlementNode | undefined {
  const { traceNode } = profile.settlement;
  if (traceNode === null) return undefined;
  const rows: Record<string, string>[] = [];
  const missing = new Set<string>();
  for (const held of heldCodes(question.events)) {
    const feeLine = question.feeLineOf(held.line) ?? '';
    const row = Object.fromEntries(traceNode.fields.map((field) => [field.name, wireValue(field, { held, feeLine })]));
    const wrong = traceNode.fields.find((field) => (row[field.name] ?? '') === '' || (row[field.name] ?? '').length > field.length);
    if (wrong === undefined) rows.push(row);
    else missing.add(`${held.line.eventId} 第 ${held.line.lineNo} 行：${wrong.zh}（${wrong.name}）${(row[wrong.name] ?? '') === '' ? '为空' : `超过 ${String(wrong.length)} 个字符`}`);
  }
  return { transaction: traceNode.transaction, node: traceNode.node, rows, missing: [...missing] };
}

function wireValue(field: TraceNode['fields'][number], of: { readonly held: Held; readonly feeLine: string }): string {
  const { held, feeLine } = of;
  switch (field.from) {
    case 'feeLine': return feeLine;
    case 'code': return scannedForm(held.code);
    case 'split': return held.split ? '1' : '0';
    case 'pricedBy': return field.values?.[held.byPack ? 'pack' : 'unit'] ?? '';
  }
}

interface Taken extends Held { readonly eventId: string; left: bigint }

/**
 * Dispensed less returned, in the order of the events: a line whose units of a code all came back holds that code no more. A return
 * is taken from the dispense it names, then from the latest one that still holds the code.
 */
function heldCodes(events: readonly ReportedEvent[]): readonly Held[] {
  const all: Taken[] = [];
  const taken = new Map<string, Taken[]>();
  for (const { event, lines } of events) {
    if (event.kind !== 'dispense' && event.kind !== 'dispense-return') continue;
    for (const { line, drug, codes } of lines) {
      for (const { code, units } of codes) {
        const of = taken.get(code) ?? [];
        taken.set(code, of);
        const amount = parseQuantity(units) ?? 0n;
        if (event.kind === 'dispense') {
          const one = { code, eventId: event.id, line: { source: event.source, eventId: event.id, lineNo: line.lineNo }, split: line.split, byPack: drug?.packUnit === undefined || line.unit === drug.packUnit, left: amount };
          of.push(one);
          all.push(one);
        } else giveBack(of, { amount, eventId: event.refers });
      }
    }
  }
  return all.filter((one) => one.left > 0n);
}

function giveBack(taken: readonly Taken[], back: { readonly amount: bigint; readonly eventId: string | undefined }): void {
  const newestFirst = [...taken].reverse();
  let amount = back.amount;
  for (const one of [...newestFirst.filter((each) => each.eventId === back.eventId), ...newestFirst.filter((each) => each.eventId !== back.eventId)]) {
    const part = amount < one.left ? amount : one.left;
    one.left -= part;
    amount -= part;
  }
}
