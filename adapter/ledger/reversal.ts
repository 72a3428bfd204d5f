import type { EventKind } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { countMove, type CodeMove, type CodeRow } from './code-state.ts';

export interface ReversalEffect {
  readonly rows: ReadonlyMap<string, CodeRow>;
  readonly moves: readonly CodeMove[];
  readonly findings: readonly Finding[];
}

/**
 * Undoes the moves of a voided event; the original stays on file. Units go back exactly; the state goes back when nothing
 * happened to the code since, otherwise the later event's state stands and a person is told.
 * @param moves the voided event's moves, in the order they were made
 */
export function reversalOf(voidEventNo: number, voided: { readonly eventNo: number; readonly kind: EventKind }, moves: readonly CodeMove[], current: ReadonlyMap<string, CodeRow>): ReversalEffect | { readonly refusal: Refusal } {
  const rows = new Map<string, CodeRow>();
  const reversed: CodeMove[] = [];
  const findings: Finding[] = [];
  for (const move of [...moves].reverse()) {
    const row = rows.get(move.code) ?? current.get(move.code);
    if (row === undefined) continue;
    const untouched = row.lastEventNo === voided.eventNo || rows.has(move.code) || isOnlySale(voided.kind, row, move);
    const after = countMove(undo(row, move, untouched), voided.kind, move, -1);
    const impossible = whyImpossible(voided.kind, { row, move, after });
    if (impossible !== undefined) return { refusal: refusal('EVENT_INVALID', { field: 'refers', detail: impossible }) };
    if (!untouched && row.state !== move.to) {
      findings.push({ code: 'CODE_MOVED_ON', severity: 'warn', lineNo: move.lineNo, traceCode: move.code, detail: '作废的事件之后该码又有变动，状态以后来的为准' });
    }
    rows.set(move.code, { ...after, lastEventNo: voidEventNo });
    reversed.push({ code: move.code, lineNo: move.lineNo, from: row.state, to: after.state, units: -move.units, firstOpening: false });
  }
  return { rows, moves: reversed, findings };
}

/** What came after the sale was voided itself: it is the only one that stands, so the pack is out because of it. */
function isOnlySale(kind: EventKind, row: CodeRow, move: CodeMove): boolean {
  return kind === 'dispense' && move.units === 0n && !move.firstOpening && row.state === 'dispensed' && move.to === 'dispensed' && row.soldCount === 1 && row.returnedCount === 0;
}

/** A void that would give units back twice, or take back what is gone, is refused: the later event has to be voided first. */
function whyImpossible(kind: EventKind, { row, move, after }: { readonly row: CodeRow; readonly move: CodeMove; readonly after: CodeRow }): string | undefined {
  const left = after.unitsLeft ?? 0n;
  if (left < 0n) return '作废的退药所退回的单位已再次发出，不能作废';
  if (row.unitsTotal !== undefined && left > row.unitsTotal) return '发出的单位已经退回，不能再作废；请先作废退药';
  const whole = move.units === 0n && !move.firstOpening;
  if (kind === 'dispense' && whole && row.state !== move.to) return '该码已经退回，不能再作废；请先作废退药';
  return undefined;
}

function undo(row: CodeRow, move: CodeMove, untouched: boolean): CodeRow {
  if (row.openedAt !== undefined && (move.units !== 0n || move.firstOpening)) return undoSplit(row, move, untouched);
  if (!untouched) return row;
  const unitsLeft = move.from === 'in-stock' || move.from === 'unseen' ? row.unitsTotal : move.from === 'opened' ? row.unitsLeft : 0n;
  return { ...row, state: move.from, unitsLeft };
}

function undoSplit(row: CodeRow, move: CodeMove, untouched: boolean): CodeRow {
  const left = (row.unitsLeft ?? 0n) + move.units;
  const full = left === row.unitsTotal;
  // the opening itself is undone only while nothing was taken since
  if (move.firstOpening && full && untouched) return { ...row, unitsLeft: row.unitsTotal, state: move.from, openedAt: undefined };
  if (left <= 0n) return { ...row, unitsLeft: left, state: 'dispensed' };
  return { ...row, unitsLeft: left, state: 'opened' };
}
