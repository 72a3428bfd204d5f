import { strToU8, zipSync } from 'fflate';

/** A cell of a test workbook: text (shared string), or raw cell XML without the reference. */
export type TestCell = string | { readonly xml: string; readonly type?: string; readonly style?: number };

export interface TestWorkbook {
  readonly sheets: readonly { readonly name: string; readonly rows: readonly (readonly (TestCell | undefined)[])[]; readonly hidden?: boolean; readonly merged?: readonly string[] }[];
  readonly styles?: string;
  readonly date1904?: boolean;
  /** element prefix that some writers use: `x:` */
  readonly prefix?: string;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Builds an xlsx the way spreadsheet programs do: shared strings, relations, styles. */
export function buildXlsx(book: TestWorkbook): Uint8Array {
  const strings: string[] = [];
  const p = book.prefix ?? '';
  const files: Record<string, Uint8Array> = {};
  book.sheets.forEach((sheet, at) => {
    const rows = sheet.rows.map((cells, row) => `<${p}row r="${String(row + 1)}">${cells.map((cell, column) => cellXml(cell, `${String.fromCharCode(65 + column)}${String(row + 1)}`, strings, p)).join('')}</${p}row>`);
    const merged = (sheet.merged ?? []).map((ref) => `<${p}mergeCell ref="${ref}"/>`).join('');
    files[`xl/worksheets/sheet${String(at + 1)}.xml`] = strToU8(`<?xml version="1.0"?><${p}worksheet xmlns:x="x"><${p}cols><${p}col min="1"/></${p}cols><${p}sheetData>${rows.join('\n')}</${p}sheetData><${p}mergeCells>${merged}</${p}mergeCells></${p}worksheet>`);
  });
  files['xl/workbook.xml'] = strToU8(`<workbook><workbookPr ${book.date1904 === true ? 'date1904="1"' : ''}/><sheets>${book.sheets.map((sheet, at) => `<sheet name="${sheet.name}" sheetId="${String(at + 1)}" ${sheet.hidden === true ? 'state="hidden"' : ''} r:id="rId${String(at + 1)}"/>`).join('')}</sheets></workbook>`);
  files['xl/_rels/workbook.xml.rels'] = strToU8(`<Relationships>${book.sheets.map((_, at) => `<Relationship Id="rId${String(at + 1)}" Target="worksheets/sheet${String(at + 1)}.xml"/>`).join('')}</Relationships>`);
  files['xl/sharedStrings.xml'] = strToU8(`<${p}sst>${strings.map((text) => `<${p}si>${text}</${p}si>`).join('')}</${p}sst>`);
  if (book.styles !== undefined) files['xl/styles.xml'] = strToU8(book.styles);
  return zipSync(files);
}

function cellXml(cell: TestCell | undefined, ref: string, strings: string[], p: string): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') {
    strings.push(`<${p}t xml:space="preserve">${escapeXml(cell)}</${p}t>`);
    return `<${p}c r="${ref}" t="s"><${p}v>${String(strings.length - 1)}</${p}v></${p}c>`;
  }
  const type = cell.type === undefined ? '' : ` t="${cell.type}"`;
  const style = cell.style === undefined ? '' : ` s="${String(cell.style)}"`;
  return `<${p}c r="${ref}"${style}${type}>${cell.xml}</${p}c>`;
}

/** A number cell with its literal digits. */
export function numberCell(literal: string, style?: number): TestCell {
  return { xml: `<v>${literal}</v>`, ...(style === undefined ? {} : { style }) };
}
