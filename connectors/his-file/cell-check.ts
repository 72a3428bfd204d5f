import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import { noteText, readTraceCode, unusableText } from '../../adapter/domain/trace-code.ts';
import type { FileCell, FileRow } from './file-rows.ts';

/** Columns compared character by character: a spreadsheet must not have touched them. */
const IDENTIFIERS = new Set([
  'EVENT_ID', 'ROW_ID', 'INSTITUTION', 'DOCUMENT_NO', 'PRESCRIPTION_NO', 'INVOICE_NO', 'DELIVERY_NOTE_NO', 'REFERS', 'VISIT_NO', 'PATIENT_ID_NO', 'PERSON_NO', 'SETTLEMENT_ID', 'DRUG_CODE', 'LOT',
  'TRACE_CODES', 'OPERATOR_LICENSE_NO', 'OPERATOR_ID_NO', 'PRESCRIBER_LICENSE_NO', 'PRESCRIBER_ID_NO', 'COUNTERPARTY_CODE', 'COUNTERPARTY_LICENSE_NO',
]);
const NUMBERS = new Set(['QUANTITY', 'UNIT_PRICE']);
const PERSONAL = /^(?:PATIENT_|OPERATOR_ID|PRESCRIBER_ID|PERSON_NO|.*_NAME$)/;
/** What a spreadsheet makes of a long number: digits are lost for good. */
const SCIENTIFIC = /^\d(?:[.,]\d+)?E[+]?\d{1,3}$/i;
/** a double holds no more */
const SAFE_DIGITS = 15;
const BETWEEN_CODES = /[\s,;|，；、]+/;

/** @returns why a cell of the row cannot be used, naming it; undefined when all can. Nothing is put right by guessing. */
export function checkCells(row: FileRow): Refusal | undefined {
  for (const [column, cell] of Object.entries(row.cells)) {
    const wrong = wrongWith(column, cell) ?? (column === 'TRACE_CODES' ? wrongCodes(cell) : undefined);
    if (wrong !== undefined) {
      return refusal(column === 'TRACE_CODES' ? 'CODE_UNUSABLE' : 'EVENT_INVALID', { field: cell.at, ...(PERSONAL.test(column) ? {} : { value: cell.text }), detail: `${column}：${wrong}` });
    }
  }
  return undefined;
}

function wrongWith(column: string, cell: FileCell): string | undefined {
  if (cell.kind === 'error') return '单元格是错误值。请在 Excel 中改正后重新导出';
  if (cell.text.includes('\uFFFD')) return '含有无法还原的汉字。请核对文件的字符集';
  if (!IDENTIFIERS.has(column)) return cell.kind === 'formula' && cell.text === '' ? '公式没有计算结果。请粘贴为数值后重新导出' : undefined;
  if (cell.kind === 'formula') return '是公式，不是值。请在 Excel 中复制该列并“选择性粘贴—数值”，设为文本格式后重新导出';
  if (cell.kind === 'date') return '被 Excel 当作日期。请把该列设为文本格式，从 HIS 重新导出';
  const plain = toAscii(cell.text);
  if (SCIENTIFIC.test(plain)) return '被表格软件变成了科学计数，末尾数字已丢失，无法还原。请把该列设为文本格式，从 HIS 重新导出';
  if (cell.kind === 'number' && plain.replace(/\D/g, '').length > SAFE_DIGITS) return '是数字格式，超过 15 位的数字已被表格软件改动，无法还原。请把该列设为文本格式，从 HIS 重新导出';
  return undefined;
}

function wrongCodes(cell: FileCell): string | undefined {
  for (const scanned of toAscii(cell.text).split(BETWEEN_CODES)) {
    if (scanned === '') continue;
    const reading = readTraceCode(scanned);
    if (reading.kind === 'unusable') return unusableText(reading.reason);
    if (reading.notes.includes('looks-rounded')) return `${noteText('looks-rounded')}。请把该列设为文本格式，从 HIS 重新导出`;
  }
  return undefined;
}

/** @returns the value as the mapping reads it: full-width letters and digits plain, a number without the noise of its binary form */
export function cellValue(column: string, cell: FileCell): string {
  const plain = toAscii(cell.text);
  if (!NUMBERS.has(column)) return column.endsWith('_NAME') ? cell.text : plain;
  const bare = plain.replace(/,(?=\d{3}(?:\D|$))/g, '');
  // 0.1+0.2 stands in the sheet as 0.30000000000000004
  if (cell.kind !== 'text' && /^-?\d{1,9}\.\d{12,}$/.test(bare)) return Number(bare).toFixed(6).replace(/\.?0+$/, '');
  return bare;
}

function toAscii(text: string): string {
  return text.replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xFEE0)).replaceAll('\u3000', ' ').replaceAll('\u00a0', ' ').trim();
}
