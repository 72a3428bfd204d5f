import type { EventKind } from '../../adapter/domain/event.ts';
import type { LineCode, ReportLine } from '../../adapter/ports/destination.ts';
import { billTypeOf, USE_OUT, type KindPlan } from './bill-types.ts';
import { sortLevels, sortOwners, withoutParentsOrChildren, type LinePlan } from './plan-codes.ts';
import type { MahSettings } from './settings.ts';

const LOOSE_RETURN = '退回的是拆零的最小单位，整盒已按拆零上报，码上放心没有可上报的内容';
const SPLIT_NEVER = '配置 splitReport 设为 never，拆零包装不向码上放心上报';
const ALREADY_OPENED = '该码已在首次拆零时按 323 上报，之后的拆零使用不再上报';
const NOT_YET_EMPTY = '按配置在拆零包装用完时上报 323，该包装尚有剩余或此前已上报';
const ELSEWHERE = '追溯码属于其他追溯系统，由其他上报目标负责';

/** Kinds that may open a pack besides dispensing. */
const OPENING_KINDS: readonly EventKind[] = ['destroy', 'stock-loss', 'other-out'];

/** @returns what becomes of one line, given what its event kind is reported with */
export function planLine(kind: EventKind, ofKind: KindPlan, line: ReportLine, settings: MahSettings): LinePlan {
  const { split } = line.line;
  // a pack that such a line opens has to be told as used, whether or not the kind itself is reported
  if (split && OPENING_KINDS.includes(kind)) return planSplitLine(kind, line, settings);
  if (ofKind.kind === 'not-owed') return { owed: [], billType: '', unsendable: [], notOwed: ofKind.why };
  const { billType } = ofKind;
  if (kind === 'dispense-return' && split) return { owed: [], billType, unsendable: [], notOwed: LOOSE_RETURN };
  if (line.codes.length === 0) return { owed: [], billType, unsendable: [noCodes(line)] };
  return split ? planSplitLine(kind, line, settings) : planWholeLine(billType, line, settings);
}

function noCodes(line: ReportLine): LinePlan['unsendable'][number] {
  const scanned = line.line.codes.length;
  const detail = scanned === 0 ? '该行没有追溯码，无法向码上放心上报；请补扫后重新发送，或登记为无码品种' : `该行的 ${String(scanned)} 个码都不可用，请核对扫描内容`;
  return { reason: 'CODES_MISSING', detail, codes: [] };
}

function planWholeLine(billType: string, line: ReportLine, settings: MahSettings): LinePlan {
  const { ours, others, otherwhere } = sortOwners(line.codes, settings);
  const aside = otherwhere ? { notOwed: ELSEWHERE } : {};
  if (billTypeOf(billType)?.side !== 'use') return { owed: textOf(withoutParentsOrChildren(ours, line)), billType, unsendable: others, ...aside };
  const levels = sortLevels(ours, line);
  return { owed: textOf(levels.smallest), billType, unsendable: [...others, ...levels.others], ...aside };
}

/**
 * Split packs (mah.md 6): no pack models partial use, so a code is told once, as used (323), whatever took its first unit;
 * a pack that is destroyed bit by bit has left the chain by its opening too.
 */
function planSplitLine(kind: EventKind, line: ReportLine, settings: MahSettings): LinePlan {
  const billType = settings.billTypes[kind] === '322' ? '322' : USE_OUT;
  if (settings.splitReport === 'never') return { owed: [], billType, unsendable: [], notOwed: SPLIT_NEVER };
  const whenEmpty = settings.splitReport === 'when-empty';
  const due = line.codes.filter((code) => (whenEmpty ? isEmptied(code) === true : code.firstOpening));
  const blind = whenEmpty ? line.codes.filter((code) => isEmptied(code) === undefined) : [];
  const { ours, others, otherwhere } = sortOwners(due, settings);
  const levels = sortLevels(ours, line);
  const unseen: LinePlan['unsendable'] = blind.length === 0 ? [] : [{ reason: 'RULE', codes: textOf(blind), detail: '台账没有说明该包装是否已用完，无法按 when-empty 上报；请改用 splitReport: first-opening' }];
  const notOwed = otherwhere ? ELSEWHERE : whenEmpty ? NOT_YET_EMPTY : ALREADY_OPENED;
  return { owed: textOf(levels.smallest), billType, unsendable: [...others, ...levels.others, ...unseen], notOwed };
}

/** Whether the line used the pack up; undefined where the ledger does not say. */
function isEmptied(code: LineCode & { readonly emptied?: boolean }): boolean | undefined {
  return code.emptied;
}

function textOf(codes: readonly LineCode[]): string[] {
  return codes.map((code) => code.code);
}
