import { directionOf, type EventKind } from '../../adapter/domain/event.ts';
import { CALL_PRIORITY } from './call-priority.ts';
import type { MahSettings } from './settings.ts';

export type BillSide = 'in-out' | 'use';

interface BillType {
  /** label of the platform */
  readonly label: string;
  readonly side: BillSide;
  /** who stands on the other side: a partner, we ourselves, or a partner only when the event names one */
  readonly other: 'partner' | 'self' | 'partner-if-named';
}

/**
 * Bill types a hospital can send (mah.md 4). 321 is missing on purpose: it is the pharmacy's; a hospital dispenses with 323.
 * 106 and 210 carry no codes and go through another method.
 */
const BILL_TYPES: ReadonlyMap<string, BillType> = new Map<string, BillType>([
  ['102', { label: '采购入库', side: 'in-out', other: 'partner' }],
  ['103', { label: '退货入库', side: 'in-out', other: 'partner' }],
  ['104', { label: '调拨入库', side: 'in-out', other: 'partner' }],
  ['107', { label: '供应入库', side: 'in-out', other: 'partner' }],
  ['108', { label: '召回入库', side: 'in-out', other: 'partner' }],
  ['110', { label: '赠品入库', side: 'in-out', other: 'partner' }],
  ['111', { label: '盘盈入库', side: 'in-out', other: 'self' }],
  ['112', { label: '报废入库', side: 'in-out', other: 'self' }],
  ['113', { label: '其他入库', side: 'in-out', other: 'partner-if-named' }],
  ['116', { label: '消费者退货入库', side: 'use', other: 'self' }],
  ['202', { label: '退货出库', side: 'in-out', other: 'partner' }],
  ['203', { label: '调拨出库', side: 'in-out', other: 'partner' }],
  ['205', { label: '销毁出库', side: 'in-out', other: 'self' }],
  ['206', { label: '抽检出库', side: 'in-out', other: 'partner-if-named' }],
  ['209', { label: '供应出库', side: 'in-out', other: 'partner' }],
  ['211', { label: '召回出库', side: 'in-out', other: 'partner' }],
  ['212', { label: '赠品出库', side: 'in-out', other: 'partner' }],
  ['214', { label: '盘亏出库', side: 'in-out', other: 'self' }],
  ['215', { label: '损坏出库', side: 'in-out', other: 'self' }],
  ['216', { label: '报废出库', side: 'in-out', other: 'self' }],
  ['217', { label: '其他出库', side: 'in-out', other: 'partner-if-named' }],
  ['322', { label: '疫苗接种', side: 'use', other: 'self' }],
  ['323', { label: '使用出库', side: 'use', other: 'self' }],
]);

/** use-side bills hold 3500 codes at most (Annex A uploadretail) */
export const MAX_CODES_OF_USE_BILL = 3_500;

/** 使用出库: the only type a hospital dispenses with */
export const USE_OUT = '323';

/** @returns the bill type, or undefined for one this connector does not send */
export function billTypeOf(code: string): BillType | undefined {
  return BILL_TYPES.get(code);
}

/** @returns how urgent a bill of this type is, and every call made for it: dispensing goes before receipts */
export function priorityOf(billType: string): number {
  return billTypeOf(billType)?.side === 'use' ? CALL_PRIORITY.use : CALL_PRIORITY.inOut;
}

/** @returns whether goods come in (1xx) or go out */
export function isInbound(billType: string): boolean {
  return billType.startsWith('1');
}

export type KindPlan = { readonly kind: 'bill'; readonly billType: string } | { readonly kind: 'not-owed'; readonly why: string };

const NAMED: Readonly<Partial<Record<EventKind, string>>> = {
  'receipt': '102', 'supplier-return': '202', 'destroy': '205', 'dispense': USE_OUT, 'dispense-return': '116', 'split-open': USE_OUT,
};

const NOT_NAMED = '码上放心医疗机构接口没有列明此类单据，只在本机留存（可在 billTypes 中按实测结果开启）';
const TRANSFERS_OFF = '调拨未开启向码上放心上报，只在本机留存（试传通过后可设置 transfers）';
const SWITCHED_OFF = '配置 billTypes 设为 off，此类业务不向码上放心上报';

/** @returns the bill type an event of the kind is reported with, or why it is not (mah.md 4, 4.1) */
export function planOfKind(kind: EventKind, settings: Pick<MahSettings, 'billTypes' | 'transfers'>): KindPlan {
  const chosen = settings.billTypes[kind];
  if (chosen === 'off') return { kind: 'not-owed', why: SWITCHED_OFF };
  if (chosen !== undefined) return { kind: 'bill', billType: chosen };
  const named = NAMED[kind];
  if (named !== undefined) return { kind: 'bill', billType: named };
  if (kind !== 'transfer-out' && kind !== 'transfer-in') return { kind: 'not-owed', why: NOT_NAMED };
  const [out, back] = settings.transfers.split('/');
  if (out === undefined || back === undefined) return { kind: 'not-owed', why: TRANSFERS_OFF };
  return { kind: 'bill', billType: kind === 'transfer-out' ? out : back };
}

const CONFIGURABLE: readonly EventKind[] = [
  'receipt', 'supplier-return', 'dispense', 'dispense-return', 'split-open', 'stock-gain', 'stock-loss', 'destroy',
  'transfer-out', 'transfer-in', 'gift-in', 'gift-return', 'other-in', 'other-out',
];

/** @returns what is wrong with the `billTypes` of the configuration, in Chinese; empty when nothing is */
export function problemsOfBillTypes(billTypes: MahSettings['billTypes']): string[] {
  const problems: string[] = [];
  for (const [kind, code] of Object.entries(billTypes)) {
    const known = CONFIGURABLE.find((candidate) => candidate === kind);
    if (known === undefined) problems.push(`billTypes.${kind}：没有这种可上报的业务（可用：${CONFIGURABLE.join('、')}）`);
    else if (code !== 'off' && !fits(known, code)) problems.push(`billTypes.${kind}：“${code}”不是该业务可用的单据类型（医疗机构发药必须用 323，不能用 321）`);
  }
  return problems;
}

function fits(kind: EventKind, code: string): boolean {
  const type = BILL_TYPES.get(code);
  if (type === undefined) return false;
  if (kind === 'dispense-return') return code === '116';
  if (kind === 'dispense' || kind === 'split-open') return code === USE_OUT || code === '322';
  return type.side === 'in-out' && isInbound(code) === (directionOf(kind) === 'in');
}

/**
 * The bill that undoes another. The hospital pack has no delete (mah.md 13.8, 14 "correct"), so a mistake is balanced by the
 * opposite bill. Destruction cannot be undone, and a transfer concerns the other member's books too: a person has to act.
 */
const COMPENSATION: ReadonlyMap<string, string> = new Map([
  ['323', '116'], ['116', '323'], ['322', '116'], ['102', '202'], ['202', '102'],
  ['111', '214'], ['214', '111'], ['110', '212'], ['212', '110'], ['113', '217'], ['217', '113'],
]);

export function compensationOf(billType: string): string | undefined {
  return COMPENSATION.get(billType);
}
