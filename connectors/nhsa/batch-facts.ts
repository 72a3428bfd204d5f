import type { Piece } from './pieces.ts';

/** Lot and dates of the goods of one row (批次). */
export interface BatchFacts {
  readonly lot: string | undefined;
  /** yyyy-MM-dd */
  readonly producedOn: string | undefined;
  readonly expiresOn: string | undefined;
}

/**
 * What the line says, completed by what the receipts of its codes say. A code of another lot than the line's says nothing about
 * the dates of the line.
 */
export function batchFacts(piece: Piece): BatchFacts {
  const { line, codes } = piece.reportLine;
  const own = piece.codes.length > 0 ? piece.codes : codes;
  const lot = line.lot ?? own.find((code) => code.lot !== undefined)?.lot;
  const sameLot = own.filter((code) => code.lot === undefined || code.lot === lot);
  return {
    lot,
    producedOn: line.producedOn ?? sameLot.find((code) => code.producedOn !== undefined)?.producedOn,
    expiresOn: line.expiresOn ?? sameLot.find((code) => code.expiresOn !== undefined)?.expiresOn,
  };
}
