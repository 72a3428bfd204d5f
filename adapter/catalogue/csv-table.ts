import { CsvError, parse } from 'csv-parse/sync';
import { decodeText } from './text-decoding.ts';
import { IMPORT_LIMITS, type Cell, type TableRow, type Tables } from './table.ts';

interface CsvRecord { readonly record: readonly string[]; readonly info: { readonly lines: number } }

/** Reads a csv file: UTF-8 (with or without mark), UTF-16, GBK or GB18030; parted by comma, semicolon or tab. */
export function readCsv(bytes: Uint8Array): Tables {
  const decoded = decodeText(bytes);
  if ('fault' in decoded) return decoded;
  const text = decoded.text.replace(/^\uFEFF/, '').replace(/^sep=.(?=\r?\n)/i, '');
  const delimiter = delimiterOf(text);
  let records: readonly CsvRecord[];
  try {
    records = parse(text, {
      delimiter, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true,
      max_record_size: IMPORT_LIMITS.columns * IMPORT_LIMITS.cellCharacters, to: IMPORT_LIMITS.rows + 1_000,
    }) as unknown as CsvRecord[];
  } catch (error) {
    return { fault: csvFault(error) };
  }
  const rows = records.map(({ record, info }) => rowOf(record, info.lines)).filter((row) => row.cells.size > 0);
  const notes = decoded.encoding === 'UTF-8' ? [] : [`文件编码识别为 ${decoded.encoding}`];
  return { tables: [{ name: '', rows, named: false }], notes };
}

/** @returns where and why the parser gave up, with what to do */
export function csvFault(error: unknown): string {
  const line = error instanceof CsvError ? (error as unknown as { lines?: number }).lines ?? 0 : 0;
  return `csv 第 ${String(line)} 行附近无法解析（多为引号不成对）。请检查该行的引号，或另存为 xlsx 后重新导入`;
}

/** The delimiter that occurs most in the first lines, outside quotes. */
export function delimiterOf(text: string): string {
  const sample = text.slice(0, 4_000).split(/\r?\n/).slice(0, 5).join('\n').replace(/"[^"]*"/g, '');
  const counted = [',', '\t', ';'].map((delimiter) => ({ delimiter, count: sample.split(delimiter).length - 1 }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
}

/** @returns the cells that hold something, without what keeps spreadsheets from reading numbers */
export function rowOf(record: readonly string[], line: number): TableRow {
  const cells = new Map<number, Cell>();
  for (const [column, raw] of record.slice(0, IMPORT_LIMITS.columns).entries()) {
    const text = unwrap(raw.trim());
    if (text !== '') cells.set(column, { text: text.slice(0, IMPORT_LIMITS.cellCharacters), kind: 'text' });
  }
  return { number: line, cells };
}

/** `="0012"` and `'0012` are how people keep spreadsheets from turning text into numbers. */
function unwrap(text: string): string {
  const formula = /^="(.*)"$/.exec(text)?.[1];
  if (formula !== undefined) return formula.replaceAll('""', '"').trim();
  return /^'\d/.test(text) ? text.slice(1) : text;
}
