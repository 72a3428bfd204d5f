import type { EventLine } from '../../adapter/domain/event.ts';
import { parseQuantity } from '../../adapter/domain/quantity.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { isSplit } from '../hl7/split.ts';
import { SPLIT_WORDS } from './row-columns.ts';
import type { RowReader } from './row-values.ts';

const MILLION = 1_000_000n;
/** What separates several codes in one column. */
const BETWEEN_CODES = /[\s,;|，；、]+/;

/** A line, its quantity still with the sign of the database. */
export interface SignedLine { readonly line: EventLine; readonly negative: boolean }

/**
 * The lines of an event: one per row. Rows with the same LINE_NO that differ in their code only are one line with several codes
 * (a HIS that keeps one row per scanned pack); the quantity is that of the line, not of the row.
 */
export function readLines(rows: readonly HisRow[], reader: RowReader): readonly SignedLine[] {
  const lines = new Map<string, { readonly key: string; codes: string[]; readonly read: SignedLine }>();
  rows.forEach((row, at) => {
    const read = readLine(row, row['LINE_NO'] ?? String(at + 1), reader);
    if (read === undefined) return;
    const { codes, ...rest } = read.line;
    const key = JSON.stringify([rest, read.negative]);
    const known = lines.get(read.line.lineNo);
    if (known === undefined) lines.set(read.line.lineNo, { key, codes: [...codes], read });
    else if (known.key !== key || codes.length === 0) reader.refuse('LINE_NO', read.line.lineNo, '同一事件中行号重复，而药品、数量等内容不同');
    else known.codes.push(...codes);
  });
  return [...lines.values()].map(({ codes, read }) => ({ ...read, line: { ...read.line, codes: [...new Set(codes)] } }));
}

function readLine(row: HisRow, lineNo: string, reader: RowReader): SignedLine | undefined {
  const text = (column: string): string | undefined => row[column] ?? undefined;
  const required = (column: string): string => {
    const value = text(column);
    if (value === undefined) reader.refuse(column, '', `第 ${lineNo} 行缺少 ${column}`);
    return value ?? '';
  };
  const [drug, unit, given] = [required('DRUG_CODE'), required('UNIT'), required('QUANTITY')];
  const quantity = given === '' ? undefined : reader.decimal('QUANTITY', given);
  if (quantity === undefined) return undefined;
  const negative = quantity.startsWith('-');
  const absolute = negative ? quantity.slice(1) : quantity;
  const whole = (parseQuantity(absolute) ?? 0n) % MILLION === 0n;
  const said = reader.choice('IS_SPLIT', SPLIT_WORDS, text('IS_SPLIT'));
  const unitPrice = reader.decimal('UNIT_PRICE', text('UNIT_PRICE'));
  const producedOn = reader.day('PRODUCED_ON', text('PRODUCED_ON'));
  const expiresOn = reader.day('EXPIRES_ON', text('EXPIRES_ON'));
  const [drugName, lot] = [text('DRUG_NAME'), text('LOT')];
  return {
    negative,
    line: {
      lineNo, drug, ...(drugName === undefined ? {} : { drugName }), quantity: absolute, unit,
      split: said === undefined ? isSplit({ words: [], codes: { codes: [], marks: [], amounts: [] }, whole, unit }) : said === 'yes',
      ...(unitPrice === undefined ? {} : { unitPrice }), ...(lot === undefined ? {} : { lot }), ...(producedOn === undefined ? {} : { producedOn }), ...(expiresOn === undefined ? {} : { expiresOn }),
      codes: (text('TRACE_CODES') ?? '').split(BETWEEN_CODES).filter((code) => code !== ''),
    },
  };
}
