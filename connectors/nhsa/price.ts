import { formatFixed, parseQuantity, timesWhole } from '../../adapter/domain/quantity.ts';
import type { Quantity } from '../../adapter/domain/quantity.ts';
import type { Piece } from './pieces.ts';

/** Prices have 6 decimals on the wire. */
const DECIMALS = 6;

/**
 * Price of the deal per unit of the row (finl_trns_pric). The HIS gives it per unit of the line; where the row counts in another
 * unit (a ward counts packs in tablets) the price is converted so that quantity × price stays the amount.
 * @returns undefined when the HIS gave none
 */
export function dealPrice(piece: Piece): string | undefined {
  const { line } = piece.reportLine;
  const price = line.unitPrice === undefined ? undefined : parseQuantity(line.unitPrice);
  return price === undefined ? undefined : formatFixed(perRowUnit(price, piece), DECIMALS);
}

/** Price of a stock change (3502 pric, required): that of the line, else that of the catalogue, which is per pack. */
export function changePrice(piece: Piece): string | undefined {
  const deal = dealPrice(piece);
  if (deal !== undefined) return deal;
  const { drug } = piece.reportLine;
  const perPack = drug?.price === undefined ? undefined : parseQuantity(drug.price);
  if (perPack === undefined) return undefined;
  return formatFixed(piece.countsUnits ? divide(perPack, BigInt(drug?.unitsPerPack ?? 1)) : perPack, DECIMALS);
}

function perRowUnit(price: Quantity, piece: Piece): Quantity {
  const { line, units, packs, drug } = piece.reportLine;
  const counted = parseQuantity(line.quantity);
  const inUnits = units === undefined ? undefined : parseQuantity(units);
  const inPacks = packs === undefined ? undefined : parseQuantity(packs);
  if (counted === undefined || counted === 0n) return price;
  if (piece.countsUnits) return inUnits === undefined || inUnits === 0n ? price : divide(price * counted, inUnits);
  if (counted === inPacks) return price;
  // by way of the units, because packs are rounded to 4 decimals
  if (inUnits !== undefined && inUnits !== 0n && drug?.unitsPerPack !== undefined) return divide(timesWhole(price * counted, drug.unitsPerPack), inUnits);
  return inPacks === undefined || inPacks === 0n ? price : divide(price * counted, inPacks);
}

function divide(value: bigint, by: bigint): bigint {
  return by === 0n ? value : (value + by / 2n) / by;
}
