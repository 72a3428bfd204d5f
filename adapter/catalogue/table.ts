/** What a person sees in one cell, and what it was stored as. */
export interface Cell {
  /** text, number in its literal digits, `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss` of a date; trimmed */
  readonly text: string;
  readonly kind: 'text' | 'number' | 'date' | 'formula' | 'error';
}

export interface TableRow {
  /** row or line number in the file, from 1, as a person counts */
  readonly number: number;
  /** by column, from 0; columns without content are left out */
  readonly cells: ReadonlyMap<number, Cell>;
}

/** Rows of one sheet or csv file; rows without content are left out. */
export interface Table {
  /** sheet name; '' for csv */
  readonly name: string;
  readonly rows: readonly TableRow[];
  /** cells have names such as `C12` */
  readonly named: boolean;
}

/** Why a file cannot be read at all: one Chinese sentence with what to do. */
export interface FileFault {
  readonly fault: string;
}

export type Tables = { readonly tables: readonly Table[]; readonly notes: readonly string[] } | FileFault;

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
