import { parseQuantity } from '../domain/quantity.ts';
import { loadMoves } from '../ledger/ledger-store.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { DeliveryRow } from './delivery-store.ts';

/** primary key of event_line */
const SELECT_LINES = `SELECT line_no, drug, units FROM event_line WHERE institution = ? AND event_no = ?`;

/**
 * Whether returns give back everything that dispenses took: every code, every unit of opened packs and, for what carries no code,
 * the quantity of every drug. Whatever cannot be counted counts as left.
 */
export async function nothingIsLeft(q: SqlQuery, institution: string, of: { readonly dispensed: readonly DeliveryRow[]; readonly returns: readonly DeliveryRow[] }): Promise<boolean> {
  const out = await contentOf(q, institution, of.dispensed);
  const back = await contentOf(q, institution, of.returns);
  if (out === undefined || back === undefined) return false;
  return cancels(out.packs, negative(back.packs)) && cancels(out.units, back.units) && cancels(out.quantities, negative(back.quantities));
}

interface Content {
  /** whole packs, by code */
  readonly packs: ReadonlyMap<string, bigint>;
  /** units taken from opened packs (positive) or put back (negative), by code */
  readonly units: ReadonlyMap<string, bigint>;
  /** units by drug, as the lines say */
  readonly quantities: ReadonlyMap<string, bigint>;
}

/** @returns what the rows speak for; undefined when a quantity is not known */
async function contentOf(q: SqlQuery, institution: string, rows: readonly DeliveryRow[]): Promise<Content | undefined> {
  const packs = new Map<string, bigint>();
  const units = new Map<string, bigint>();
  const quantities = new Map<string, bigint>();
  for (const eventNo of new Set(rows.map((row) => row.eventNo))) {
    const ofEvent = rows.filter((row) => row.eventNo === eventNo);
    const covers = new Set(ofEvent.flatMap((row) => row.covers));
    const codes = new Set(ofEvent.flatMap((row) => row.codes));
    for (const move of await loadMoves(q, institution, eventNo)) {
      if (!covers.has(move.lineNo) || !codes.has(move.code)) continue;
      if (move.units === 0n && !move.firstOpening) add(packs, move.code, 1n);
      else add(units, move.code, move.units);
    }
    for (const line of await q.all<{ line_no: string; drug: string; units: string | null }>(SELECT_LINES, [institution, eventNo])) {
      if (!covers.has(line.line_no)) continue;
      const quantity = line.units === null ? undefined : parseQuantity(line.units);
      if (quantity === undefined) return undefined;
      add(quantities, line.drug, quantity);
    }
  }
  return { packs, units, quantities };
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount);
}

function negative(sums: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  return new Map([...sums].map(([key, amount]) => [key, -amount]));
}

function cancels(a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((key) => (a.get(key) ?? 0n) + (b.get(key) ?? 0n) === 0n);
}
