import { formatQuantity } from '../domain/quantity.ts';
import { loadMoves } from '../ledger/ledger-store.ts';
import type { EventAnswer } from '../ports/intake.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { KnownEvent } from './intake-store.ts';

/** @returns what the split stock assigned when the event was first taken: a repeat gets the same answer */
export async function assignedBefore(q: SqlQuery, known: KnownEvent): Promise<EventAnswer['assigned']> {
  const without = new Set(known.event.lines.filter((line) => line.split && line.codes.length === 0).map((line) => line.lineNo));
  if (without.size === 0) return [];
  const moves = await loadMoves(q, known.event.institution, known.eventNo);
  return moves.filter((move) => without.has(move.lineNo) && move.units > 0n).map((move) => ({ lineNo: move.lineNo, code: move.code, quantity: formatQuantity(move.units) }));
}
