import type { Drug } from './drug.ts';
import type { EventKind, EventLine } from './event.ts';
import { wholeQuantity } from './quantity.ts';
import { convertQuantity } from './unit-conversion.ts';

/** Kinds that may take from, or put back into, opened packs. */
const SPLITTABLE: ReadonlySet<EventKind> = new Set(['dispense', 'dispense-return', 'stock-loss', 'destroy', 'other-out']);

/**
 * What a line really counts, by the drug's catalogue row:
 * - a pack of one smallest unit (支, 袋) cannot be split: a HIS that counts in smallest units says "split" of what is a whole pack;
 * - a fraction of a pack (0.5 盒, 6 片 of 12) handed out or taken back without the word is split all the same: taken as a whole
 *   pack it would lose the rest.
 * @returns the line, with `split` as it really is: taken, kept and reported that way
 */
export function asCounted(line: EventLine, drug: Drug | undefined, kind: EventKind): EventLine {
  if (drug?.unitsPerPack === undefined || kind === 'split-open') return line;
  const fraction = SPLITTABLE.has(kind) && countsFraction(line, drug) === 'convertible';
  if (line.split) return drug.unitsPerPack === 1 && !fraction ? { ...line, split: false } : line;
  return fraction ? { ...line, split: true } : line;
}

/**
 * @returns `convertible` when the quantity is no whole number of packs and comes out in smallest units; `inconvertible` when it is
 *   a fraction of a pack that does not (0.33 盒 of 10, or the catalogue does not say what a pack holds); undefined for whole packs
 */
export function countsFraction(line: EventLine, drug: Drug): 'convertible' | 'inconvertible' | undefined {
  if (line.unit === drug.packUnit && !line.quantity.includes('.')) return undefined; // nearly every line: not worth converting
  const converted = convertQuantity(drug, line.quantity, line.unit);
  if ('problem' in converted) return converted.problem === 'not-whole' ? 'inconvertible' : undefined;
  if (converted.packs === undefined || converted.packs % wholeQuantity(1) === 0n) return undefined;
  return drug.unitsPerPack === undefined ? 'inconvertible' : 'convertible';
}

/** @returns whether the kind hands out or takes back units of opened packs */
export function maySplit(kind: EventKind): boolean {
  return SPLITTABLE.has(kind);
}
