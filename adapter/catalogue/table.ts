export type { Cell, FileFault, Table, TableRow, Tables } from '../ports/table-reader.ts';

/** Bounds of an import: enough for any hospital, small enough for the machine. */
export const IMPORT_LIMITS = { fileBytes: 50 * 1024 * 1024, unpackedBytes: 300 * 1024 * 1024, rows: 200_000, columns: 256, cellCharacters: 10_000 } as const;

/** @returns column letters from a column counted from 0: 0 → A, 27 → AB */
export function columnLetters(column: number): string {
  let rest = column + 1;
  let letters = '';
  while (rest > 0) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
    rest = Math.floor((rest - 1) / 26);
  }
  return letters;
}
