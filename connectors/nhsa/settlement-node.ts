import { parseQuantity } from '../../adapter/domain/quantity.ts';
import { scannedForm } from '../../adapter/domain/trace-code.ts';
import type { ReportedEvent } from '../../adapter/ports/destination.ts';
import type { Profile, TraceNode } from './profile.ts';

/** What the HIS asks before it settles a visit: the visit's dispenses and returns, and which fee line each of their lines became. */
export interface SettlementQuestion {
  /** events of the visit in their order */
  readonly events: readonly ReportedEvent[];
  /** 费用明细流水号 of a line; undefined when the HIS named none */
  readonly feeLineOf: (eventId: string, lineNo: string) => string | undefined;
}

/** Numbers the settlement itself carries since V1.1.83 (2207, 2304). */
export interface TraceCounts {
  /** 本次结算应上传最小包装药品追溯码数量 */
  readonly minpacunt_drug_trac_cnt: number;
  /** 本次结算应上传耗材追溯码数量; consumables are no drugs of ours */
  readonly mcs_trac_cnt: number;
}

/** A node the HIS puts beside `data` of its own settlement (Hubei 2207: `drug_trac_info`). */
export interface SettlementNode {
  readonly transaction: string;
  readonly node: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Chinese: lines that cannot be in the node, and why */
  readonly missing: readonly string[];
}

/** One code that is still with the patient. */
interface Held {
  readonly code: string;
  readonly eventId: string;
  readonly lineNo: string;
  readonly split: boolean;
  /** counted in packs rather than in smallest units */
  readonly byPack: boolean;
}

/** Pure: codes dispensed to the visit and not returned; what a split code counts is the profile's (section 8: unstated). */
export function traceCounts(events: readonly ReportedEvent[], profile: Pick<Profile, 'settlement'>): TraceCounts {
  const held = heldCodes(events);
  const counted = profile.settlement.splitCounts === 'each' ? held : held.filter((each) => !each.split);
  return { minpacunt_drug_trac_cnt: new Set(counted.map((each) => each.code)).size, mcs_trac_cnt: 0 };
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
    const feeLine = question.feeLineOf(held.eventId, held.lineNo) ?? '';
    const row = Object.fromEntries(traceNode.fields.map((field) => [field.name, wireValue(field, { held, feeLine })]));
    const wrong = traceNode.fields.find((field) => (row[field.name] ?? '') === '' || (row[field.name] ?? '').length > field.length);
    if (wrong === undefined) rows.push(row);
    else missing.add(`${held.eventId} 第 ${held.lineNo} 行：${wrong.zh}（${wrong.name}）${(row[wrong.name] ?? '') === '' ? '为空' : `超过 ${String(wrong.length)} 个字符`}`);
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

/** Dispensed less returned, unit by unit: a code whose units all came back is with the patient no more. */
function heldCodes(events: readonly ReportedEvent[]): readonly Held[] {
  const net = new Map<string, bigint>();
  const found = new Map<string, Held>();
  for (const { event, lines } of events) {
    if (event.kind !== 'dispense' && event.kind !== 'dispense-return') continue;
    for (const { line, drug, codes } of lines) {
      for (const { code, units } of codes) {
        const taken = parseQuantity(units) ?? 0n;
        net.set(code, (net.get(code) ?? 0n) + (event.kind === 'dispense' ? taken : -taken));
        if (event.kind === 'dispense') found.set(code, { code, eventId: event.id, lineNo: line.lineNo, split: line.split, byPack: drug?.packUnit === undefined || line.unit === drug.packUnit });
      }
    }
  }
  return [...found.values()].filter((held) => (net.get(held.code) ?? 0n) > 0n);
}
