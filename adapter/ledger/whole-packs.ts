import type { EventKind } from '../domain/event.ts';
import type { FindingCode, FindingSeverity } from '../domain/finding.ts';
import { isHere, stateText, wholeTargetOf, type CodeRow, type CodeState } from './code-state.ts';

/** What moving one whole pack amounts to. `blocked` = the ledger does not move and nothing is reported for the line. */
export interface WholeMove {
  readonly to: CodeState;
  readonly blocked: boolean;
  readonly finding?: { readonly code: FindingCode; readonly severity: FindingSeverity; readonly detail: string };
}

const INBOUND: ReadonlySet<EventKind> = new Set(['receipt', 'stock-gain', 'transfer-in', 'gift-in', 'other-in']);

/**
 * Decides what an event of the kind does to one whole pack.
 * A code that would leave twice is stopped here: reported twice it looks like resold drugs (回流药, 医保发〔2025〕7号).
 */
export function moveWholePack(kind: EventKind, row: CodeRow): WholeMove {
  const to = wholeTargetOf(kind);
  if (to === undefined) return stay(row);
  if (kind === 'stock-count') return countPack(row);
  if (kind === 'dispense-return') return returnPack(row);
  if (INBOUND.has(kind)) return receivePack(row);
  return takeOut(kind, row, to);
}

function takeOut(kind: EventKind, row: CodeRow, to: CodeState): WholeMove {
  if (kind === 'dispense' && row.openedAt !== undefined && row.state !== 'unseen') {
    return block(row, 'SPLIT_MIXED', '该码已拆零，不能再按整盒发出');
  }
  if (isHere(row.state)) return { to, blocked: false };
  if (row.state === 'unseen') return { to, blocked: false, finding: { code: 'CODE_NOT_IN_STOCK', severity: 'warn', detail: '该码没有入库记录' } };
  if (row.state === 'dispensed') return block(row, 'CODE_ALREADY_DISPENSED', '该码已发出，未再次上报');
  return block(row, 'CODE_LEFT_STOCK', `该码${stateText(row.state)}，未上报`);
}

function receivePack(row: CodeRow): WholeMove {
  if (row.state === 'opened') return { to: 'opened', blocked: false, finding: { code: 'CODE_ALREADY_IN_STOCK', severity: 'warn', detail: '该码已在拆零库' } };
  // an opened pack that left the stock cannot come in again as a full one: its units would be counted twice
  if (row.openedAt !== undefined && row.state !== 'unseen') return block(row, 'CODE_RECEIVED_AFTER_SOLD', '该码已拆零用出，不能再按整盒入库');
  if (row.state === 'in-stock') return { to: 'in-stock', blocked: false, finding: { code: 'CODE_ALREADY_IN_STOCK', severity: 'warn', detail: '该码已在库' } };
  if (row.state === 'dispensed') return { to: 'in-stock', blocked: false, finding: { code: 'CODE_RECEIVED_AFTER_SOLD', severity: 'warn', detail: '该码曾由本院发出，又作为入库出现' } };
  return { to: 'in-stock', blocked: false };
}

function countPack(row: CodeRow): WholeMove {
  if (row.state === 'unseen' || isHere(row.state)) return { to: row.state === 'opened' ? 'opened' : 'in-stock', blocked: false };
  return { to: row.state, blocked: false, finding: { code: 'CODE_LEFT_STOCK', severity: 'warn', detail: `盘点到的码${stateText(row.state)}` } };
}

function returnPack(row: CodeRow): WholeMove {
  if (row.openedAt !== undefined && row.state !== 'unseen') return block(row, 'SPLIT_MIXED', '该码按拆零发出，不能按整盒退回');
  if (row.state === 'dispensed') return { to: 'in-stock', blocked: false };
  if (row.state === 'unseen') return { to: 'in-stock', blocked: false, finding: { code: 'RETURN_NOT_DISPENSED', severity: 'warn', detail: '本机没有该码的发出记录' } };
  return block(row, 'RETURN_NOT_DISPENSED', `该码${stateText(row.state)}，不是已发出的药品`);
}

function stay(row: CodeRow): WholeMove {
  return { to: row.state, blocked: false };
}

function block(row: CodeRow, code: FindingCode, detail: string): WholeMove {
  return { to: row.state, blocked: true, finding: { code, severity: 'block', detail } };
}
