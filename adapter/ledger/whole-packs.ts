import type { EventKind } from '../domain/event.ts';
import type { RuleFinding } from '../scan/rule-finding.ts';
import { alreadyDispensed, alreadyInStock, countedButGone, leftStock, notDispensedHere, notInStock, receivedAfterSold, splitMixed } from '../scan/rules.ts';
import { isHere, wholeTargetOf, type CodeRow, type CodeState } from './code-state.ts';

/** What moving one whole pack amounts to. `blocked` = the ledger does not move and nothing is reported for the line. */
export interface WholeMove {
  readonly to: CodeState;
  readonly blocked: boolean;
  readonly finding?: RuleFinding;
}

const INBOUND: ReadonlySet<EventKind> = new Set(['receipt', 'stock-gain', 'transfer-in', 'gift-in', 'other-in']);

/**
 * Decides what an event of the kind does to one whole pack.
 * A code that would leave twice is stopped here: reported twice it looks like resold drugs (回流药, 医保发〔2025〕7号).
 */
export function moveWholePack(kind: EventKind, row: CodeRow): WholeMove {
  const to = wholeTargetOf(kind);
  if (to === undefined) return { to: row.state, blocked: false };
  if (kind === 'stock-count') return countPack(row);
  if (kind === 'dispense-return') return returnPack(row);
  if (INBOUND.has(kind)) return receivePack(row);
  return takeOut(kind, row, to);
}

function takeOut(kind: EventKind, row: CodeRow, to: CodeState): WholeMove {
  if (kind === 'dispense' && row.openedAt !== undefined && row.state !== 'unseen') return block(row, splitMixed('该码已拆零，不能再按整盒发出'));
  if (isHere(row.state)) return { to, blocked: false };
  if (row.state === 'unseen') return { to, blocked: false, finding: notInStock() };
  return block(row, row.state === 'dispensed' ? alreadyDispensed() : leftStock(row));
}

function receivePack(row: CodeRow): WholeMove {
  if (isHere(row.state)) return { to: row.state, blocked: false, finding: alreadyInStock(row) };
  // an opened pack that left the stock cannot come in again as a full one: its units would be counted twice
  if (row.openedAt !== undefined && row.state !== 'unseen') return block(row, receivedAfterSold(row));
  if (row.state === 'dispensed') return { to: 'in-stock', blocked: false, finding: receivedAfterSold(row) };
  return { to: 'in-stock', blocked: false };
}

function countPack(row: CodeRow): WholeMove {
  if (row.state === 'unseen' || isHere(row.state)) return { to: row.state === 'opened' ? 'opened' : 'in-stock', blocked: false };
  return { to: row.state, blocked: false, finding: countedButGone(row) };
}

function returnPack(row: CodeRow): WholeMove {
  if (row.openedAt !== undefined && row.state !== 'unseen') return block(row, splitMixed('该码按拆零发出，不能按整盒退回'));
  if (row.state === 'dispensed') return { to: 'in-stock', blocked: false };
  return row.state === 'unseen' ? { to: 'in-stock', blocked: false, finding: notDispensedHere(row) } : block(row, notDispensedHere(row));
}

function block(row: CodeRow, finding: RuleFinding): WholeMove {
  return { to: row.state, blocked: true, finding };
}
