import { cutText, padText, plainText, textWidth } from './text-width.ts';

export interface TableOptions {
  /** columns of the terminal */
  readonly columns: number;
  /** indexes of columns with numbers, set to the right */
  readonly numbers?: readonly number[];
}

const GAP = '  ';
const LEAST = 8;

/**
 * Sets rows as a table for a terminal. When it is too wide the widest columns are cut, with … at the end.
 * @returns lines with a line break each
 */
export function textTable(heads: readonly string[], rows: readonly (readonly string[])[], options: TableOptions): string {
  const cells = [heads, ...rows].map((row) => heads.map((_, index) => plainText(row[index] ?? '')));
  const widths = heads.map((_, index) => cells.reduce((width, row) => Math.max(width, textWidth(row[index] ?? '')), 0));
  const room = Math.max(40, options.columns) - GAP.length * (heads.length - 1);
  for (let total = sum(widths); total > room; total = sum(widths)) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= LEAST) break;
    widths[widest] = Math.max(LEAST, width - (total - room));
  }
  const lines = cells.map((row) => row.map((cell, index) => {
    const width = widths[index] ?? 0;
    return padText(cutText(cell, width), width, options.numbers?.includes(index) === true ? 'right' : 'left');
  }).join(GAP).trimEnd());
  const rule = widths.map((width) => '─'.repeat(width)).join(GAP);
  return [lines[0] ?? '', rule, ...lines.slice(1)].map((line) => `${line}\n`).join('');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
