import type { EventLine } from '../../adapter/domain/event.ts';
import { formatQuantity, parseQuantity } from '../../adapter/domain/quantity.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { amountOf } from './count.ts';
import type { RowReader } from './row-reader.ts';

/** A row of an event with its place among all rows that were read. */
export interface NumberedRow { readonly row: HisRow; readonly at: string }

/** A line, its quantity still with the sign of the database. */
export interface SignedLine { readonly line: EventLine; readonly negative: boolean }

/**
 * The lines of an event: one per row. Rows with the same line number that differ in their code only are one line with several codes
 * (a HIS that keeps one row per scanned pack); whether their quantities are one or add up, the table says.
 */
export function readLines(rows: readonly NumberedRow[], reader: RowReader, sameLine: 'once' | 'sum'): readonly SignedLine[] {
  const lines = new Map<string, { readonly key: string; readonly read: SignedLine; readonly codes: string[]; quantity: string }>();
  for (const numbered of rows) {
    const read = readLine(numbered, reader);
    if (read === undefined) continue;
    const { codes, quantity, ...rest } = read.line;
    const key = JSON.stringify([rest, read.negative, sameLine === 'once' ? quantity : '']);
    const known = lines.get(read.line.lineNo);
    if (known === undefined) lines.set(read.line.lineNo, { key, codes: [...codes], read, quantity });
    else if (known.key !== key || codes.length === 0) reader.refuse('line.no', read.line.lineNo, '同一事件中行号重复，而药品、数量等内容不同');
    else {
      known.codes.push(...codes);
      if (sameLine === 'sum') known.quantity = formatQuantity((parseQuantity(known.quantity) ?? 0n) + (parseQuantity(quantity) ?? 0n));
    }
  }
  return [...lines.values()].map(({ codes, read, quantity }) => ({ negative: read.negative, line: { ...read.line, quantity, codes: [...new Set(codes)] } }));
}

/** @returns the number of the line: the HIS's own, or the place of the row */
export function lineNoOf({ row, at }: NumberedRow, reader: RowReader): string {
  return reader.ofRow(row, 'line.no') ?? at;
}

function readLine(numbered: NumberedRow, reader: RowReader): SignedLine | undefined {
  const { row, at } = numbered;
  const read = (target: Parameters<RowReader['ofRow']>[1]): string | undefined => reader.ofRow(row, target, at);
  const lineNo = lineNoOf(numbered, reader);
  const drug = read('line.drug');
  if (drug === undefined) reader.refuse('line.drug', '', '缺少药品编码', at);
  const codes = (read('line.codes') ?? '').split('\n').filter((code) => code !== '');
  const amount = readAmount(numbered, codes.length, reader);
  const [drugName, lot, unitPrice, producedOn, expiresOn] = [read('line.drugName'), read('line.lot'), read('line.unitPrice'), read('line.producedOn'), read('line.expiresOn')];
  if (amount === undefined) return undefined;
  return {
    negative: amount.negative,
    line: {
      lineNo, drug: drug ?? '', ...(drugName === undefined ? {} : { drugName }), quantity: amount.quantity, unit: amount.unit, split: amount.split,
      ...(unitPrice === undefined ? {} : { unitPrice }), ...(lot === undefined ? {} : { lot }), ...(producedOn === undefined ? {} : { producedOn }), ...(expiresOn === undefined ? {} : { expiresOn }), codes,
    },
  };
}

function readAmount({ row, at }: NumberedRow, codes: number, reader: RowReader): { readonly negative: boolean; readonly quantity: string; readonly unit: string; readonly split: boolean } | undefined {
  const given = reader.ofRow(row, 'line.quantity', at);
  const split = reader.ofRow(row, 'line.split', at);
  const [unit, perUnit, smallestUnit] = [reader.ofRow(row, 'line.unit', at), reader.ofRow(row, 'line.unitsPerUnit', at), reader.ofRow(row, 'line.smallestUnit', at)];
  const smallest = reader.ofRow(row, 'line.counted', at) === 'smallest';
  // what is there but wrong has been refused already
  if (given === undefined) {
    if (reader.isEmpty(row, 'line.quantity')) reader.refuse('line.quantity', '', '缺少数量', at);
    if (unit === undefined && smallestUnit === undefined) reader.refuse('line.unit', '', '缺少单位', at);
    return undefined;
  }
  if (perUnit === undefined && !reader.isEmpty(row, 'line.unitsPerUnit')) return undefined;
  const negative = given.startsWith('-');
  const amount = amountOf({ quantity: negative ? given.slice(1) : given, smallest, unit, perUnit, smallestUnit, split: split === undefined ? undefined : split === 'yes', codes });
  if ('missing' in amount) {
    reader.refuse(amount.missing, '', amount.detail, at);
    return undefined;
  }
  return { negative, ...amount };
}
