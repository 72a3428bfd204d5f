import type { PackageLevel } from '../domain/drug.ts';
import type { EventKind } from '../domain/event.ts';
import type { Quantity } from '../domain/quantity.ts';

/**
 * State of one trace code in one institution.
 * `unseen` no event yet · `in-stock` 在库 · `opened` 拆零中 · `dispensed` 已发 (or the last unit of an opened pack is gone) ·
 * `returned-to-supplier` 已退供应商 · `transferred` 已调出 · `destroyed` 已销毁 · `lost` 盘亏 · `removed` 其他出库
 */
export type CodeState = 'unseen' | 'in-stock' | 'opened' | 'dispensed' | 'returned-to-supplier' | 'transferred' | 'destroyed' | 'lost' | 'removed';

/** What the ledger holds about one code. Units are smallest units of the drug, in millionths. */
export interface CodeRow {
  readonly code: string;
  readonly scheme: 'cn20' | 'gs1' | 'other';
  readonly prefix: string;
  readonly state: CodeState;
  readonly drug: string | undefined;
  readonly lot: string | undefined;
  readonly producedOn: string | undefined;
  readonly expiresOn: string | undefined;
  readonly level: PackageLevel;
  readonly location: string | undefined;
  /** units of the unopened pack; undefined when the catalogue does not say */
  readonly unitsTotal: Quantity | undefined;
  readonly unitsLeft: Quantity | undefined;
  /** ms since epoch; set from the moment the pack was opened for splitting, for good */
  readonly openedAt: number | undefined;
  readonly lastEventNo: number;
  /** times the whole pack came in, went to a patient and came back from one; taking units from an opened pack does not count */
  readonly receivedCount: number;
  readonly soldCount: number;
  readonly returnedCount: number;
  /** what a platform last said about it, as stored, and when; the ledger only reads it (scan/platform-warning.ts) */
  readonly warning: string | undefined;
  readonly warnedAt: number | undefined;
}

/** One line's effect on one code: what the ledger keeps for ever beside the event. */
export interface CodeMove {
  readonly code: string;
  readonly lineNo: string;
  readonly from: CodeState;
  readonly to: CodeState;
  /** smallest units that left the pack (positive) or came back (negative); 0 when only the state changed */
  readonly units: Quantity;
  /** this move opened the pack for splitting */
  readonly firstOpening: boolean;
}

/** Where a whole pack is after an event of the kind. */
const WHOLE_TARGET: Readonly<Partial<Record<EventKind, CodeState>>> = {
  'receipt': 'in-stock', 'stock-count': 'in-stock', 'stock-gain': 'in-stock', 'transfer-in': 'in-stock', 'gift-in': 'in-stock',
  'other-in': 'in-stock', 'dispense-return': 'in-stock', 'dispense': 'dispensed', 'supplier-return': 'returned-to-supplier',
  'gift-return': 'returned-to-supplier', 'transfer-out': 'transferred', 'destroy': 'destroyed', 'stock-loss': 'lost', 'other-out': 'removed',
};

/** @returns the state of a whole pack after an event of the kind, or undefined when the kind moves no whole pack */
export function wholeTargetOf(kind: EventKind): CodeState | undefined {
  return WHOLE_TARGET[kind];
}

const COMING_IN: ReadonlySet<EventKind> = new Set(['receipt', 'stock-count', 'stock-gain', 'transfer-in', 'gift-in', 'other-in']);

/**
 * Counts a whole pack's comings and goings.
 * @param times 1 for a move made, -1 for one that a void undoes
 * @returns the row with its counts brought up to date
 */
export function countMove(row: CodeRow, kind: EventKind, move: Pick<CodeMove, 'from' | 'to' | 'units' | 'firstOpening'>, times: 1 | -1): CodeRow {
  if (move.units !== 0n || move.firstOpening || move.from === move.to) return row;
  if (kind === 'dispense') return move.to === 'dispensed' ? { ...row, soldCount: row.soldCount + times } : row;
  if (move.to !== 'in-stock') return row;
  if (kind === 'dispense-return') return { ...row, returnedCount: row.returnedCount + times };
  return COMING_IN.has(kind) && move.from !== 'opened' ? { ...row, receivedCount: row.receivedCount + times } : row;
}

/** @returns whether the pack is physically ours to take from */
export function isHere(state: CodeState): boolean {
  return state === 'in-stock' || state === 'opened';
}

const STATE_ZH: Readonly<Record<CodeState, string>> = {
  'unseen': '未登记', 'in-stock': '在库', 'opened': '拆零中', 'dispensed': '已发出', 'returned-to-supplier': '已退供应商',
  'transferred': '已调出', 'destroyed': '已销毁', 'lost': '已盘亏', 'removed': '已其他出库',
};

/** @returns the state in Chinese, for people */
export function stateText(state: CodeState): string {
  return STATE_ZH[state];
}
