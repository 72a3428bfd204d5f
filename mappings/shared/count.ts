import { divideEvenly, formatQuantity, parseQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import { isSplit } from '../hl7/split.ts';
import type { TargetName } from './targets.ts';

/** What a row says about its quantity. */
export interface Counted {
  /** without sign */
  readonly quantity: string;
  /** the quantity counts smallest units, whatever `unit` says (in-patient logs); otherwise the unit named */
  readonly smallest: boolean;
  readonly unit: string | undefined;
  /** 转换因子: smallest units in one `unit` */
  readonly perUnit: string | undefined;
  readonly smallestUnit: string | undefined;
  readonly split: boolean | undefined;
  /** codes scanned for the row */
  readonly codes: number;
}

export interface Amount { readonly quantity: string; readonly unit: string; readonly split: boolean }

/** Units that are a pack wherever they are written. */
const PACK_UNITS = new Set(['盒', '箱', '件', '瓶', '罐', '桶']);

/**
 * The quantity in a unit that the catalogue knows by name (his.md a.2, b.1: out-patient packs, in-patient smallest units). Smallest
 * units become whole packs where they come out even and nothing says that a pack was opened; otherwise they stay what they are.
 * @returns the amount, or the field that is missing and what to do
 */
export function amountOf(counted: Counted): Amount | { readonly missing: TargetName; readonly detail: string } {
  if (!counted.smallest) {
    if (counted.unit === undefined) return { missing: 'line.unit', detail: '缺少单位' };
    const whole = (parseQuantity(counted.quantity) ?? 0n) % wholeQuantity(1) === 0n;
    return { quantity: counted.quantity, unit: counted.unit, split: counted.split ?? isSplit({ words: [], codes: { codes: [], marks: [], amounts: [] }, whole, unit: counted.unit }) };
  }
  return counted.perUnit === undefined || counted.perUnit === '1' ? asSmallest(counted) : asPacks(counted, Number(counted.perUnit));
}

/** No conversion: the unit named is the smallest one, or only the smallest one is named. */
function asSmallest(counted: Counted): ReturnType<typeof amountOf> {
  const unit = counted.smallestUnit ?? (counted.perUnit === '1' ? counted.unit : undefined);
  if (unit === undefined) return { missing: counted.unit === undefined ? 'line.unit' : 'line.unitsPerUnit', detail: '数量按最小单位计，须有最小单位名称，或单位与转换因子' };
  const whole = (parseQuantity(counted.quantity) ?? 0n) % wholeQuantity(1) === 0n;
  const loose = isSplit({ words: [], codes: { codes: [], marks: [], amounts: [] }, whole, unit });
  // one code for each unit: the units are packs by themselves (neusoft rule)
  return { quantity: counted.quantity, unit, split: counted.split ?? (loose || !PACK_UNITS.has(unit) && String(counted.codes) !== counted.quantity) };
}

function asPacks(counted: Counted, perUnit: number): ReturnType<typeof amountOf> {
  const { unit, smallestUnit } = counted;
  const packs = divideEvenly(parseQuantity(counted.quantity) ?? 0n, perUnit);
  const whole = packs !== undefined && packs % wholeQuantity(1) === 0n;
  if (smallestUnit !== undefined && (counted.split === true || !whole || unit === undefined)) return { quantity: counted.quantity, unit: smallestUnit, split: counted.split ?? !whole };
  if (unit === undefined) return { missing: 'line.unit', detail: '缺少单位' };
  if (packs === undefined) return { missing: 'line.smallestUnit', detail: `${counted.quantity} 个最小单位不能换算为 ${unit}（1 ${unit}＝${String(perUnit)}），须给出最小单位名称` };
  return { quantity: formatQuantity(packs), unit, split: counted.split ?? !whole };
}
