import { crc32, deflateRawSync } from 'node:zlib';

/** A table of a report: texts only, so that no code becomes a number. */
export interface ReportTable {
  readonly name: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A text that a spreadsheet would run as a formula is kept from it. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** @returns csv in UTF-8 with mark, which spreadsheets need to tell the encoding; codes of 15 digits and more are written as `="…"` texts */
export function csvOf(table: ReportTable): string {
  const cell = (text: string): string => {
    const shown = /^\d{12,}$/.test(text) ? `="${text}"` : harmless(text);
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  return `\uFEFF${[table.heads, ...table.rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** What XML 1.0 cannot hold. */
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function xml(text: string): string {
  return text.replace(FORBIDDEN, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function sheetOf({ heads, rows }: ReportTable): string {
  const row = (cells: readonly string[]): string => `<row>${cells.map((cell) => `<c t="inlineStr"><is><t xml:space="preserve">${xml(cell)}</t></is></c>`).join('')}</row>`;
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${[heads, ...rows].map(row).join('')}</sheetData></worksheet>`;
}

/** @returns a workbook, one sheet per table, every cell a text */
export function xlsxOf(tables: readonly ReportTable[]): Uint8Array {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const each = (text: (table: ReportTable, no: string) => string): string => tables.map((table, at) => text(table, String(at + 1))).join('');
  const parts: [string, string][] = [
    ['[Content_Types].xml', `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>${each((_, no) => `<Override PartName="/xl/worksheets/sheet${no}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`)}</Types>`],
    ['_rels/.rels', `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `${head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets>${each(({ name }, no) => `<sheet name="${xml(name.slice(0, 31))}" sheetId="${no}" r:id="rId${no}"/>`)}</sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each((_, no) => `<Relationship Id="rId${no}" Type="${office}/worksheet" Target="worksheets/sheet${no}.xml"/>`)}</Relationships>`],
    ...tables.map((table, at): [string, string] => [`xl/worksheets/sheet${String(at + 1)}.xml`, sheetOf(table)]),
  ];
  return zipOf(parts.map(([name, text]) => ({ name, bytes: Buffer.from(text, 'utf8') })));
}

/** 1980-01-01, so that equal content is an equal file */
const DATE = 0x21;

/** @returns a ZIP archive (APPNOTE 6.3, deflate, no extensions): a workbook is one */
function zipOf(files: readonly { readonly name: string; readonly bytes: Buffer }[]): Uint8Array {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const packed = deflateRawSync(bytes);
    const title = Buffer.from(name, 'utf8');
    // version, flags (UTF-8 names), method deflate, time, date, crc, sizes, name length, no extra field
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, title, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), common, tail, title]));
    bodies.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, index, end]);
}
