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

/**
 * TableReader (表格读取): spreadsheets and csv as rows of cells, for whoever takes tables: the catalogue import and the watched folder. Nothing
 * is evaluated and nothing is rounded: a formula is told as one, a number keeps its literal digits.
 */
export interface TableReader {
  /** Reads the visible sheets of an xlsx, whole: at most 50 MB, 300 MB unpacked, 201,000 rows a sheet. */
  readXlsx(bytes: Uint8Array): Tables;
  /**
   * Reads a csv of any size row by row; comma, tab or semicolon, told by its first lines.
   * @throws TableFault when it cannot be read further
   */
  readCsv(text: AsyncIterable<string>): AsyncIterable<TableRow>;
}

/** The file cannot be read beyond this point. */
export class TableFault extends Error {
  constructor(readonly fault: string) {
    super(fault);
    this.name = 'TableFault';
  }
}
