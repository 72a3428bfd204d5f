import { IMPORT_LIMITS, type Cell, type TableRow } from '../table.ts';
import { serialDate, type NumberFormat } from './number-format.ts';
import { attribute, decodeXml, eachElement, elementsOf, partText, tagsOf } from './xml-text.ts';

/** What the cells of a sheet refer to. */
export interface SheetContext {
  readonly sharedStrings: readonly string[];
  readonly formats: readonly NumberFormat[];
  readonly from1904: boolean;
}

/** @returns the texts cells share, phonetic hints left out */
export function readSharedStrings(part: Uint8Array | undefined): readonly string[] {
  const strings: string[] = [];
  if (part !== undefined) {
    eachElement(part, 'si', (element) => {
      strings.push(richText(element));
      return strings.length < IMPORT_LIMITS.rows * 20;
    });
  }
  return strings;
}

function richText(element: string): string {
  const spoken = element.split(/<rPh(?=[\s>])/).map((part, at) => (at === 0 ? part : part.split('</rPh>').slice(1).join('')));
  return elementsOf(spoken.join(''), 't').map((part) => decodeXml(part.body)).join('').slice(0, IMPORT_LIMITS.cellCharacters);
}

/** @returns rows with content, at most as many as an import may have and one more, so that too many can be told */
export function readSheetRows(part: Uint8Array, context: SheetContext): readonly TableRow[] {
  const rows: TableRow[] = [];
  let previous = 0;
  eachElement(part, 'row', (element) => {
    const tag = element.slice(0, element.indexOf('>') + 1);
    const number = Number(attribute(tag, 'r') ?? previous + 1);
    previous = number;
    const cells = readCells(element, context);
    if (cells.size > 0) rows.push({ number, cells });
    return rows.length < IMPORT_LIMITS.rows + 1_000;
  });
  return withMergedCells(rows, part);
}

function readCells(row: string, context: SheetContext): ReadonlyMap<number, Cell> {
  const cells = new Map<number, Cell>();
  let previous = -1;
  for (const { tag, body } of elementsOf(row, 'c')) {
    const column = columnOf(attribute(tag, 'r')) ?? previous + 1;
    previous = column;
    const cell = column < IMPORT_LIMITS.columns ? readCell(tag, body, context) : undefined;
    if (cell !== undefined) cells.set(column, cell);
  }
  return cells;
}

function readCell(tag: string, body: string, context: SheetContext): Cell | undefined {
  const type = attribute(tag, 't') ?? 'n';
  const raw = decodeXml(elementsOf(body, 'v')[0]?.body ?? '').trim();
  if (/<f[\s>/]/.test(body)) return { text: type === 's' ? context.sharedStrings[Number(raw)] ?? raw : raw, kind: 'formula' };
  if (type === 'e') return { text: raw, kind: 'error' };
  if (type === 's') return textCell(context.sharedStrings[Number(raw)] ?? '');
  if (type === 'inlineStr') return textCell(richText(body));
  if (type === 'd') return raw === '' ? undefined : { text: raw.replace('T', ' ').replace(/ 00:00:00.*$/, ''), kind: 'date' };
  if (type !== 'n') return textCell(type === 'b' ? (raw === '1' ? '是' : '否') : raw);
  return raw === '' ? undefined : numberCell(raw, context.formats[Number(attribute(tag, 's') ?? -1)], context.from1904);
}

function textCell(raw: string): Cell | undefined {
  const text = raw.trim().slice(0, IMPORT_LIMITS.cellCharacters);
  return text === '' ? undefined : { text, kind: 'text' };
}

/** Numbers stay in their literal digits; an exponent is written out only where no digit can have been lost. */
function numberCell(raw: string, format: NumberFormat | undefined, from1904: boolean): Cell {
  if (format?.isDate === true) {
    const date = serialDate(Number(raw), from1904);
    if (date !== undefined) return { text: date, kind: 'date' };
  }
  const value = Number(raw);
  const text = /e/i.test(raw) && Number.isSafeInteger(value) ? String(value) : raw;
  const padded = format !== undefined && format.padTo > text.length && /^\d+$/.test(text) ? text.padStart(format.padTo, '0') : text;
  return { text: padded, kind: 'number' };
}

/** @returns column from 0 of a reference such as `AB12` */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^\$?([A-Z]{1,3})/.exec(reference ?? '')?.[1];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

const MAX_MERGED_CELLS = 200_000;

/** What a merged area says in its first cell counts for all of its cells: that is what the person sees. */
function withMergedCells(rows: readonly TableRow[], part: Uint8Array): readonly TableRow[] {
  const tail = partText(part.subarray(Math.max(0, part.byteLength - 4_000_000)));
  const byNumber = new Map(rows.map((row) => [row.number, new Map(row.cells)]));
  let filled = 0;
  for (const tag of tagsOf(tail, 'mergeCell')) {
    const [from, to] = (attribute(tag, 'ref') ?? '').split(':');
    const area = { left: columnOf(from), right: columnOf(to), top: Number(/\d+$/.exec(from ?? '')?.[0]), bottom: Number(/\d+$/.exec(to ?? '')?.[0]) };
    const first = area.left === undefined ? undefined : byNumber.get(area.top)?.get(area.left);
    if (first === undefined || area.left === undefined || area.right === undefined) continue;
    for (let row = area.top; row <= Math.min(area.bottom, area.top + IMPORT_LIMITS.rows) && filled < MAX_MERGED_CELLS; row += 1) {
      for (let column = area.left; column <= Math.min(area.right, IMPORT_LIMITS.columns - 1); column += 1) {
        filled += 1;
        const cells = byNumber.get(row);
        if (cells !== undefined && !cells.has(column)) cells.set(column, first);
      }
    }
  }
  return rows.map((row) => ({ number: row.number, cells: byNumber.get(row.number) ?? row.cells }));
}
