import { packsInLevel } from '../../adapter/domain/drug.ts';
import type { PackageLevel } from '../../adapter/domain/drug.ts';
import { divideRounded, parseQuantity, timesWhole, wholeQuantity } from '../../adapter/domain/quantity.ts';
import type { Quantity } from '../../adapter/domain/quantity.ts';
import type { LineCode, ReportLine } from '../../adapter/ports/destination.ts';
import type { Profile } from './profile.ts';

/** Codes of a line that share a row. */
export interface Group {
  readonly codes: readonly LineCode[];
  readonly split: boolean;
  readonly level: PackageLevel | undefined;
}

/** What a row gets of the quantity of its line. */
export interface Share {
  readonly quantity: Quantity | undefined;
  readonly countsUnits: boolean;
  readonly insideOthers: boolean;
}

/**
 * Divides the quantity of a line among its rows so that they add up to it exactly. Each row gets what its codes stand for
 * (packs of their level, units taken from an opened pack); what the codes do not explain goes to the first row.
 * @param groups rows of the line, small package levels first
 */
export function allocate(groups: readonly Group[], reportLine: ReportLine, profile: Profile): readonly Share[] {
  const inUnits = profile.dispense.splitQuantity === 'smallest-unit';
  const allSplit = groups.every((group) => group.split);
  const text = allSplit && inUnits ? reportLine.units : reportLine.packs;
  const total = text === undefined ? undefined : parseQuantity(text);
  if (total === undefined || groups.length === 1) return groups.map((group) => ({ quantity: total, countsUnits: group.split && inUnits, insideOthers: false }));

  const weights = groups.map((group) => weightOf(group, { reportLine, asUnits: allSplit && inUnits }));
  const shares = divide(total, weights);
  return groups.map((group, index) => {
    const share = shares[index] ?? 0n;
    const marks = { countsUnits: group.split && inUnits, insideOthers: share === 0n && (group.level ?? 1) > 1 };
    // a split part beside whole packs was divided in packs and is reported in smallest units
    return { ...marks, quantity: marks.countsUnits && !allSplit ? sum(group.codes.map(unitsOf)) : share };
  });
}

/** @returns what the codes of a row stand for, or undefined when the catalogue does not say how many packs the level holds */
function weightOf(group: Group, by: { reportLine: ReportLine; asUnits: boolean }): Quantity | undefined {
  const { drug } = by.reportLine;
  if (group.split) {
    const units = sum(group.codes.map(unitsOf));
    return by.asUnits || drug?.unitsPerPack === undefined ? units : divideRounded(units, drug.unitsPerPack);
  }
  if (group.level === 2 && drug?.packsPerInner === undefined) return undefined;
  if (group.level === 3 && drug?.packsPerCase === undefined) return undefined;
  const packs = group.codes.map((code) => wholeQuantity(packsInLevel(drug, group.level ?? code.level)));
  return sum(packs);
}

function divide(total: Quantity, weights: readonly (Quantity | undefined)[]): readonly Quantity[] {
  let left = total;
  const shares = weights.map((weight) => {
    const share = weight === undefined ? 0n : weight < left ? weight : left;
    left -= share;
    return share;
  });
  // one level of unknown content takes the rest; otherwise the first row does
  const open = weights.flatMap((weight, index) => (weight === undefined ? [index] : []));
  if (open.length > 1) return evenly(shares, { open, left });
  const taker = open[0] ?? 0;
  shares[taker] = (shares[taker] ?? 0n) + left;
  return shares;
}

function evenly(shares: readonly Quantity[], rest: { open: readonly number[]; left: Quantity }): readonly Quantity[] {
  const each = (rest.left / wholeQuantity(rest.open.length)) * wholeQuantity(1);
  const divided = shares.map((share, index) => (rest.open.includes(index) ? share + each : share));
  const first = rest.open[0] ?? 0;
  divided[first] = (divided[first] ?? 0n) + rest.left - timesWhole(each, rest.open.length);
  return divided;
}

function unitsOf(code: LineCode): Quantity {
  return parseQuantity(code.units) ?? 0n;
}

function sum(quantities: readonly Quantity[]): Quantity {
  return quantities.reduce((total, quantity) => total + quantity, 0n);
}
