import type { Cell, TableRow } from '../../adapter/ports/table-reader.ts';
import { columnOfHead } from './heads.ts';

/** A cell with its place as a person finds it: `Sheet1!C12`. */
export interface FileCell { readonly at: string; readonly text: string; readonly kind: Cell['kind'] }

/** One row of a file by columns of the standard row. */
export interface FileRow {
  /** row in the file, from 1: `Sheet1!12`, or `12` */
  readonly at: string;
  readonly cells: Readonly<Record<string, FileCell>>;
}

/** The heads of a table. */
export interface FileHeads { readonly columns: ReadonlyMap<number, string>; readonly ignored: readonly string[] }

/** Titles, dates and merged lines may stand above the heads. */
export const ROWS_LOOKED_AT = 20;
/** what no table of ours can do without */
const NEEDED = ['DRUG_CODE', 'QUANTITY'] as const;
const LINELESS = ['EVENT_KIND', 'EVENT_ID'] as const;

/** @returns the heads when this row holds them: the columns every line needs, or those of events without lines */
export function headsOf(row: TableRow): FileHeads | { readonly double: string } | undefined {
  const columns = new Map<number, string>();
  const ignored: string[] = [];
  let double: string | undefined;
  for (const [at, cell] of row.cells) {
    const column = columnOfHead(cell.text);
    if (column === undefined) ignored.push(cell.text.slice(0, 40));
    else if ([...columns.values()].includes(column)) double ??= cell.text.slice(0, 40);
    else columns.set(at, column);
  }
  const found = new Set(columns.values());
  if (!NEEDED.every((column) => found.has(column)) && !LINELESS.every((column) => found.has(column))) return undefined;
  return double === undefined ? { columns, ignored } : { double };
}

/** @returns the row by columns; undefined when none of our columns holds anything */
export function fileRow(row: TableRow, heads: FileHeads, sheet: string): FileRow | undefined {
  const prefix = sheet === '' ? '' : `${sheet}!`;
  const cells: Record<string, FileCell> = {};
  for (const [at, column] of heads.columns) {
    const cell = row.cells.get(at);
    const text = cell === undefined ? '' : trimmed(cell.text);
    if (cell === undefined || (text === '' && cell.kind !== 'formula' && cell.kind !== 'error')) continue;
    cells[column] = { at: `${prefix}${letters(at)}${String(row.number)}`, text, kind: cell.kind };
  }
  return Object.keys(cells).length === 0 ? undefined : { at: `${prefix}${String(row.number)}`, cells };
}

/** Blanks of every width at both ends, and what cannot be seen. */
function trimmed(text: string): string {
  return text.replace(/^[\s\u0000\u00a0\u3000\u200b\ufeff]+|[\s\u0000\u00a0\u3000\u200b\ufeff]+$/g, '');
}

function letters(column: number): string {
  let rest = column + 1;
  let name = '';
  while (rest > 0) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
    rest = Math.floor((rest - 1) / 26);
  }
  return name;
}
