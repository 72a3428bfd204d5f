import { packsInLevel, type PackageLevel } from '../../../adapter/domain/drug.ts';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { FaultReason } from '../../../adapter/domain/outcome.ts';
import { parseQuantity, wholeQuantity } from '../../../adapter/domain/quantity.ts';
import type { LineCode, ReportLine } from '../../../adapter/ports/destination.ts';
import type { KindRule } from './profile.ts';
import type { HolderSettings } from './settings.ts';

/** What becomes of one line. */
export interface LinePlan {
  readonly operation: string;
  /** codes that go into a report */
  readonly owed: readonly string[];
  /** the line goes out without codes, because the system takes it so */
  readonly bare: boolean;
  readonly notOwed?: string;
  readonly unsendable: readonly { readonly reason: FaultReason; readonly detail: string; readonly codes: readonly string[] }[];
}

const NOT_TAKEN = '该持有人系统的对接文件没有列明此类业务，只在本机留存';
const LOOSE_RETURN = '退回的是拆零的最小单位，整盒已按拆零上报，没有可上报的内容';
const ELSEWHERE = '追溯码属于其他持有人，由其他上报目标负责';
const SPLIT_REASONS = {
  'first-opening': '该码已在首次拆零时上报，之后的拆零使用不再上报', 'when-empty': '拆零包装用完时才上报，该包装尚有剩余或此前已上报',
  'every-use': '该行没有追溯码', 'never': '该持有人系统不收拆零使用',
} as const;

/** Kinds besides dispensing that may open a pack; a pack opened so is told as used, as in dispensing. */
const OPENING_KINDS: readonly EventKind[] = ['split-open', 'destroy', 'stock-loss', 'other-out'];

/** @returns the rule of a kind; a pack opened ahead of dispensing is told as dispensed */
export function ruleOf(kind: EventKind, line: ReportLine, reports: ReadonlyMap<EventKind, KindRule>): KindRule | undefined {
  const dispense = reports.get('dispense');
  const own = reports.get(kind);
  if (kind === 'split-open') return own ?? dispense;
  return line.line.split && OPENING_KINDS.includes(kind) && own?.split !== 'every-use' ? dispense ?? own : own;
}

/** Pure: what of a line is told, under the rule of its kind (mah.md 4, 6). */
export function planLine(kind: EventKind, line: ReportLine, rule: KindRule | undefined, settings: HolderSettings): LinePlan {
  const nothing = { operation: rule?.operation ?? '', owed: [], bare: false, unsendable: [] } as const;
  if (rule === undefined) return { ...nothing, notOwed: NOT_TAKEN };
  const { split } = line.line;
  if (split && kind === 'dispense-return' && rule.split !== 'every-use') return { ...nothing, notOwed: LOOSE_RETURN };
  if (line.codes.length === 0) {
    if (rule.codes === 'optional') return { ...nothing, bare: true };
    return { ...nothing, unsendable: [{ reason: 'CODES_MISSING', codes: [], detail: line.line.codes.length === 0 ? '该行没有追溯码；请补扫后重新发送，或登记为无码品种' : `该行的 ${String(line.line.codes.length)} 个码都不可用，请核对扫描内容` }] };
  }
  const due = split ? dueOfSplit(line.codes, rule) : line.codes;
  if (due === undefined) return { ...nothing, unsendable: [{ reason: 'RULE', codes: line.codes.map(({ code }) => code), detail: '台账没有说明该包装是否已用完，无法按 when-empty 上报' }] };
  const ours = due.filter((code) => isOurs(code, settings.prefixes));
  const others = due.filter((code) => !isOurs(code, settings.prefixes)).map(({ code }) => code);
  const strangers: LinePlan['unsendable'] = others.length === 0 || settings.otherOwners === 'not-owed' ? [] : [{ reason: 'OWNER_UNKNOWN', codes: others, detail: `有 ${String(others.length)} 个码不在该持有人的码段（prefixes）中，不知应上报到哪个追溯系统` }];
  const level = rule.levels === 'smallest' ? smallestOnly(ours, line) : { told: withoutParentsOrChildren(ours, line), large: [] };
  const large: LinePlan['unsendable'] = level.large.length === 0 ? [] : [{ reason: 'INVALID_CODE', codes: level.large, detail: '此类业务只能上报最小销售包装的追溯码，请改扫小包装' }];
  const owed = level.told.map(({ code }) => code);
  const reason = others.length > 0 && settings.otherOwners === 'not-owed' ? ELSEWHERE : split ? SPLIT_REASONS[rule.split] : undefined;
  return { ...nothing, owed, unsendable: [...strangers, ...large], ...(owed.length === 0 && reason !== undefined ? { notOwed: reason } : {}) };
}

function dueOfSplit(codes: readonly LineCode[], rule: KindRule): readonly LineCode[] | undefined {
  switch (rule.split) {
    case 'first-opening': return codes.filter((code) => code.firstOpening);
    case 'when-empty': return codes.some((code) => code.emptied === undefined) ? undefined : codes.filter((code) => code.emptied === true);
    case 'every-use': return codes;
    case 'never': return [];
  }
}

/** @returns whether the site says that this code belongs to the holder; a 20-digit code by its beginning, a GS1 code by its GTIN */
export function isOurs(code: LineCode, prefixes: readonly string[]): boolean {
  if (prefixes.length === 0) return true;
  return prefixes.some((prefix) => (code.scheme === 'cn20' ? prefix.length <= 7 && code.code.startsWith(prefix) : code.scheme === 'gs1' && code.prefix === prefix));
}

/** A larger package may be named only where the drug has no smaller code. */
function smallestOnly(codes: readonly LineCode[], { drug }: ReportLine): { readonly told: readonly LineCode[]; readonly large: readonly string[] } {
  const isLarge = (code: LineCode): boolean => code.level > 1 && (drug === undefined || (drug.prefixUnit ?? '') !== '' || (code.level === 3 && (drug.prefixInner ?? '') !== ''));
  return { told: codes.filter((code) => !isLarge(code)), large: codes.filter(isLarge).map(({ code }) => code) };
}

const LEVEL_CHOICES: readonly (readonly PackageLevel[])[] = [[1, 2, 3], [2, 3], [3], [1, 3], [2], [1, 2], [1]];

/** Never a package together with one inside it: the levels whose packs make up the line's quantity are told (mah.md 4). */
function withoutParentsOrChildren(codes: readonly LineCode[], line: ReportLine): readonly LineCode[] {
  const quantity = line.packs === undefined ? undefined : parseQuantity(line.packs);
  if (quantity === undefined || new Set(codes.map((code) => code.level)).size < 2) return codes;
  for (const choice of LEVEL_CHOICES) {
    const chosen = codes.filter((code) => choice.includes(code.level));
    const packs = chosen.reduce((sum, code) => sum + packsInLevel(line.drug, code.level), 0);
    if (chosen.length > 0 && wholeQuantity(packs) === quantity) return chosen;
  }
  return codes;
}
