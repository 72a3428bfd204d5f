import type { Drug } from './drug.ts';
import { divideEvenly, divideRounded, formatQuantity, parseQuantity, timesWhole, wholeQuantity, type Quantity } from './quantity.ts';

/** A line's quantity, in millionths. */
export interface ConvertedQuantity {
  /** smallest units of the drug, exact */
  readonly units: Quantity;
  /**
   * packs, exact where it comes out even, otherwise rounded to the sixth decimal (1 tablet of 3 is 0.333333 packs); undefined
   * when the line counts smallest units and the catalogue does not say how many make a pack
   */
  readonly packs: Quantity | undefined;
}

export type ConversionProblem = 'not-a-number' | 'unit-unknown' | 'not-whole';

/**
 * Converts a line's quantity by the drug's catalogue row (包装单位, 最小单位, 包装数量).
 * - unit = pack unit: packs × units per pack. A fraction of a pack (his.md a.2: ApplyQty / PackQty) has to come out in whole
 *   smallest units, give or take the decimals the HIS cut off; otherwise `not-whole`;
 * - unit = smallest unit: taken as it is; half a tablet is a quantity people dispense;
 * - both names the same: read as packs, in which price and stock are kept;
 * - a catalogue row without units, or a line without unit: packs.
 * A pack whose content is not in the catalogue counts as one unit. Unit names are compared after NFKC, without blanks and case.
 * @example convertQuantity({ …, packUnit: '盒', smallestUnit: '片', unitsPerPack: 24 }, '0.5', '盒') → 12 units, 0.5 packs
 */
export function convertQuantity(drug: Drug, quantityText: string, unit: string): ConvertedQuantity | { readonly problem: ConversionProblem } {
  const quantity = parseQuantity(quantityText.normalize('NFKC'));
  if (quantity === undefined) return { problem: 'not-a-number' };
  switch (kindOfUnit(drug, unit)) {
    case 'pack': return fromPacks(quantity, drug.unitsPerPack ?? 1);
    case 'smallest': return { units: quantity, packs: drug.unitsPerPack === undefined ? undefined : packsOf(quantity, drug.unitsPerPack) };
    default: return { problem: 'unit-unknown' };
  }
}

function fromPacks(packs: Quantity, perPack: number): ConvertedQuantity | { readonly problem: ConversionProblem } {
  const units = timesWhole(packs, perPack);
  if (perPack === 1 || units % wholeQuantity(1) === 0n) return { units, packs };
  const nearest = divideRounded(units, 1_000_000) * 1_000_000n;
  return nearest !== 0n && isCutFraction(packs, units, nearest, perPack) ? { units: nearest, packs: packsOf(nearest, perPack) } : { problem: 'not-whole' };
}

/** Whether the fraction is `nearest / perPack` cut or rounded to the decimals given, and no other whole number could be meant. */
function isCutFraction(packs: Quantity, units: Quantity, nearest: Quantity, perPack: number): boolean {
  const decimals = formatQuantity(packs).split('.')[1]?.length ?? 0;
  const step = 10n ** BigInt(decimals);
  const gap = nearest > units ? nearest - units : units - nearest;
  return BigInt(perPack) * 2n <= step && gap * step < wholeQuantity(perPack);
}

function packsOf(units: Quantity, perPack: number): Quantity {
  return divideEvenly(units, perPack) ?? divideRounded(units, perPack);
}

function kindOfUnit(drug: Drug, unit: string): 'pack' | 'smallest' | undefined {
  const given = unitKey(unit);
  const pack = unitKey(drug.packUnit ?? '');
  const smallest = unitKey(drug.smallestUnit ?? '');
  if (given === '' || given === pack || (pack === '' && smallest === '')) return 'pack';
  if (given === smallest) return 'smallest';
  // the catalogue knows only the smallest unit and a pack holds one: any other name is the pack's
  return pack === '' && (drug.unitsPerPack ?? 1) === 1 ? 'pack' : undefined;
}

function unitKey(unit: string): string {
  return unit.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
}
