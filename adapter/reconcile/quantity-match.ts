import { parseQuantity, timesWhole, type Quantity } from '../domain/quantity.ts';

/** rows of one line for which every way of counting is tried; with more only all packs and all units */
const TRIED = 10;
/** fractions of a pack come with four decimals (insurance.md section 10) */
const ROUNDING = 100n;

export interface Expected {
  /** as told by the HIS, decimal string */
  readonly quantity: string;
  /** smallest units, decimal string */
  readonly units: string | undefined;
  readonly unitsPerPack: number | undefined;
}

/**
 * Pure. Whether the quantities a platform has of one line add up to the line. Rows of whole packs count packs and rows of opened ones
 * smallest units or fractions of a pack, and the platform does not say which: any way of counting that comes out right will do.
 * @returns undefined where it cannot be judged
 */
export function quantityMatches(there: readonly string[], expected: Expected): boolean | undefined {
  const quantities = there.map(parseQuantity);
  if (quantities.length === 0 || quantities.some((quantity) => quantity === undefined)) return undefined;
  const known = quantities.filter((quantity): quantity is Quantity => quantity !== undefined).map((quantity) => (quantity < 0n ? -quantity : quantity));
  const told = parseQuantity(expected.quantity);
  if (told !== undefined && known.reduce((sum, one) => sum + one, 0n) === told) return true;
  const units = expected.units === undefined ? undefined : parseQuantity(expected.units);
  if (units === undefined) return undefined;
  const perPack = expected.unitsPerPack ?? 1;
  const tolerance = perPack === 1 ? 0n : ROUNDING * BigInt(perPack) * BigInt(known.length);
  return sums(known, perPack).some((sum) => { const gap = sum - units; return (gap < 0n ? -gap : gap) <= (isExact(sum, perPack) ? 0n : tolerance); });
}

/** a sum that holds no fraction of a unit was not rounded */
function isExact(sum: Quantity, perPack: number): boolean {
  return perPack === 1 || sum % 1_000_000n === 0n;
}

function sums(quantities: readonly Quantity[], perPack: number): readonly Quantity[] {
  if (quantities.length > TRIED) {
    const sum = quantities.reduce((total, one) => total + one, 0n);
    return [sum, timesWhole(sum, perPack)];
  }
  let found = new Set<Quantity>([0n]);
  for (const quantity of quantities) found = new Set([...found].flatMap((sum) => [sum + quantity, sum + timesWhole(quantity, perPack)]));
  return [...found];
}
