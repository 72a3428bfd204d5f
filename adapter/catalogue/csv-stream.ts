import { Readable, pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { TableFault, type TableReader, type TableRow } from '../ports/table-reader.ts';
import { csvFault, delimiterOf, rowOf } from './csv-table.ts';
import { IMPORT_LIMITS } from './table.ts';
import { readXlsx } from './xlsx/workbook.ts';

/** the delimiter is told by this many characters at the most */
const SAMPLE = 4_000;

interface CsvRecord { readonly record: readonly string[]; readonly info: { readonly lines: number } }

/** The tables of the product: xlsx whole, csv as a stream. */
export const tableReader: TableReader = { readXlsx, readCsv };

/** Reads rows as they come; nothing but the row in hand is kept. @throws TableFault */
async function* readCsv(text: AsyncIterable<string>): AsyncIterable<TableRow> {
  const source = text[Symbol.asyncIterator]();
  let head = '';
  let ended = false;
  while (!ended && head.length < SAMPLE) {
    const next = await source.next();
    ended = next.done === true;
    if (next.done !== true) head += next.value;
  }
  head = head.replace(/^\uFEFF/, '').replace(/^sep=.(?=\r?\n)/i, '');
  const parser = parse({
    delimiter: delimiterOf(head), info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true,
    max_record_size: IMPORT_LIMITS.columns * IMPORT_LIMITS.cellCharacters,
  });
  // the faults of the pipe come out of the parser as well
  pipeline(Readable.from(rest(head, source, ended)), parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const row = rowOf(record, info.lines);
      if (row.cells.size > 0) yield row;
    }
  } catch (error) {
    if (error instanceof CsvError) throw new TableFault(csvFault(error));
    throw error;
  }
}

async function* rest(head: string, source: AsyncIterator<string>, ended: boolean): AsyncIterable<string> {
  if (head !== '') yield head;
  for (let next = ended ? undefined : await source.next(); next !== undefined && next.done !== true; next = await source.next()) {
    if (next.value !== '') yield next.value;
  }
}
