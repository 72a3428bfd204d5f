import type { Drug } from './drug.ts';
import { divideEvenly, divideRounded, parseQuantity, timesWhole, type Quantity } from './quantity.ts';

/** A line's quantity in smallest units of the drug, exact, and in packs. */
export interface ConvertedQuantity {
  readonly units: Quantity;
  /** exact where it comes out even, otherwise rounded to the sixth decimal: 1 tablet of 3 is 0.333333 packs */
  readonly packs: Quantity;
}

export type ConversionProblem = 'not-a-number' | 'unit-unknown' | 'not-whole';

/**
 * Converts a line's quantity by the drug's catalogue row (包装单位, 最小单位, 包装数量).
 * - unit = pack unit: packs × units per pack; it may be a fraction of a pack (0.5 盒 of 24 粒 = 12 粒), but it has to come out
 *   in whole smallest units, otherwise `not-whole`;
 * - unit = smallest unit: taken as it is; half a tablet is a quantity people dispense;
 * - both names the same with several units in a pack: read as packs, what price and stock are kept in;
 * - no catalogue unit at all, or no unit on the line: one pack is one unit.
 * Unit names are compared after NFKC and without spaces and case. Nothing is rounded on the way to smallest units.
 * @returns the quantities in millionths, or why it cannot be converted
 */
export function convertQuantity(drug: Drug, quantityText: string, unit: string): ConvertedQuantity | { readonly problem: ConversionProblem } {
  const quantity = parseQuantity(quantityText.normalize('NFKC'));
  if (quantity === undefined) return { problem: 'not-a-number' };
  const perPack = drug.unitsPerPack ?? 1;
  switch (kindOfUnit(drug, unit)) {
    case 'pack': return wholeUnits(timesWhole(quantity, perPack), quantity, perPack);
    case 'smallest': return { units: quantity, packs: divideEvenly(quantity, perPack) ?? divideRounded(quantity, perPack) };
    default: return { problem: 'unit-unknown' };
  }
}

function wholeUnits(units: Quantity, packs: Quantity, perPack: number): ConvertedQuantity | { readonly problem: ConversionProblem } {
  // HIS programs send fractions of a box cut to a few decimals (his.md a.2: ApplyQty / PackQty); the nearest whole unit is meant
  // when it gives the same fraction back
  const remainder = units % WHOLE;
  if (perPack === 1 || remainder === 0n) return { units, packs };
  const nearest = divideRounded(units, 1_000_000) * WHOLE;
  const tolerated = nearest !== 0n && divideRounded(nearest, perPack) === packs;
  return tolerated ? { units: nearest, packs } : { problem: 'not-whole' };
}

const WHOLE: Quantity = 1_000_000n;

function kindOfUnit(drug: Drug, unit: string): 'pack' | 'smallest' | undefined {
  const given = unitKey(unit);
  const pack = unitKey(drug.packUnit ?? '');
  const smallest = unitKey(drug.smallestUnit ?? '');
  if (given !== '' && given === pack) return 'pack';
  if (given !== '' && given === smallest) return 'smallest';
  if (given === '' || (pack === '' && smallest === '')) return 'pack';
  // the catalogue knows only the smallest unit, of which a pack holds one: any other name is the pack's
  return pack === '' && (drug.unitsPerPack ?? 1) === 1 ? 'pack' : undefined;
}

function unitKey(unit: string): string {
  return unit.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
}
