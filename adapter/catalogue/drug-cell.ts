import type { Exemption } from '../domain/drug.ts';
import { formatQuantity, parseQuantity } from '../domain/quantity.ts';
import type { DrugColumn } from './drug-columns.ts';
import type { Cell } from './table.ts';

/** A cell's value for the catalogue, nothing to keep (`undefined`), or what is wrong and what to do. */
export type CellValue = { readonly value: string | number | undefined } | { readonly wrong: string };

const EXEMPTION_WORDS: Readonly<Record<string, Exemption | undefined>> = {
  slices: 'slices', 中药饮片: 'slices', 饮片: 'slices', inhouse: 'inhouse', 院内制剂: 'inhouse', 医院制剂: 'inhouse', 医疗机构制剂: 'inhouse',
  oxygen: 'oxygen', 医用氧: 'oxygen', 医用氧气: 'oxygen', granules: 'granules', 中药配方颗粒: 'granules', 配方颗粒: 'granules',
};
const NOT_EXEMPT: ReadonlySet<string> = new Set(['无', '否', '0', 'no', 'none', '-', '/', '追溯', '不除外']);
const RX_WORDS: Readonly<Record<string, string | undefined>> = {
  0: '0', 1: '1', 2: '2', 非处方药: '0', otc: '0', 甲类otc: '0', 乙类otc: '0', 否: '0', n: '0', 处方药: '1', rx: '1', 是: '1', y: '1', 双跨: '2', 双跨药品: '2',
};
/** What a spreadsheet makes of a long number: digits are lost for good. */
const MANGLED = /^\d(?:[.,]\d+)?E[+]?\d{1,2}$/i;
const CONTROL = /[\u0000-\u001F\u007F-\u009F\uFFFD\p{Cs}]/u;

/** Reads one cell of a known column. Pure. */
export function readDrugCell(cell: Cell, column: DrugColumn): CellValue {
  if (cell.kind === 'formula') return { wrong: '是公式，不是值。请在 Excel 中复制该列并“选择性粘贴—数值”后重新导入' };
  if (cell.kind === 'error') return { wrong: '是错误值。请在 Excel 中改正后重新导入' };
  if (cell.kind === 'date' && column.kind !== 'price') return { wrong: '被 Excel 当作日期。请把该列设为文本格式并重新填写' };
  const text = cell.text;
  switch (column.kind) {
    case 'count': return readCount(text);
    case 'price': return readPrice(cell);
    case 'prefix': return readPrefix(text);
    case 'gtin': return readGtin(text);
    case 'rx': return readChoice(text, RX_WORDS, '应为 0（非处方药）、1（处方药）或 2（双跨）');
    case 'exemption': return NOT_EXEMPT.has(text.toLowerCase()) ? { value: undefined } : readChoice(text, EXEMPTION_WORDS, '应为 中药饮片、院内制剂、医用氧、中药配方颗粒 之一，需要追溯的留空');
    default: return readText(text, column);
  }
}

function readText(text: string, column: DrugColumn): CellValue {
  if (column.kind === 'identifier' && MANGLED.test(text)) return { wrong: '编码被表格软件变成了科学计数，末尾数字已丢失。请把该列设为文本格式，从 HIS 重新导出' };
  const plain = column.kind === 'identifier' ? text.replace(/^(\d+)\.0+$/, '$1') : text.replace(/\s+/g, ' ');
  if (CONTROL.test(plain)) return { wrong: '含有不能保存的字符（控制字符或乱码）。请删除后重新导入' };
  if (plain.length > column.longest) return { wrong: `超过 ${String(column.longest)} 个字符。请缩短` };
  return { value: plain };
}

function readCount(text: string): CellValue {
  const plain = text.normalize('NFKC').replaceAll(',', '').replace(/^(\d+)\.0+$/, '$1');
  const count = /^\d{1,7}$/.test(plain) ? Number(plain) : 0;
  return count > 0 && count <= 1_000_000 ? { value: count } : { wrong: '应为大于 0 的整数（一个包装里有几个最小单位或小包装），例如 24' };
}

function readPrice(cell: Cell): CellValue {
  const plain = cell.text.normalize('NFKC').replace(/^[¥￥$]|元$/g, '').replace(/,(?=\d{3}(?:\D|$))/g, '').trim();
  // a spreadsheet stores 12.3 as the nearest binary number and may write it out with 17 digits
  const noisy = cell.kind === 'number' && /^\d+(?:\.\d+)?(?:E-?\d+)?$/i.test(plain) && parseQuantity(plain) === undefined;
  const price = parseQuantity(noisy ? Number(plain).toFixed(6) : plain);
  return price === undefined || price < 0n ? { wrong: '应为不小于 0 的金额，至多 6 位小数，例如 12.50' } : { value: formatQuantity(price) };
}

function readPrefix(text: string): CellValue {
  const plain = text.normalize('NFKC').replace(/\s/g, '').replace(/\.0+$/, '');
  if (/^\d{7}$/.test(plain)) return { value: plain };
  if (/^\d{20}$/.test(plain)) return { wrong: `应为 7 位数字，这里是整个追溯码。请只填前 7 位 ${plain.slice(0, 7)}` };
  if (MANGLED.test(plain)) return { wrong: '被表格软件变成了科学计数。请把该列设为文本格式，填 7 位标识码' };
  return { wrong: '应为 7 位数字（追溯码的前 7 位）。前面的 0 丢失时请把该列设为文本格式' };
}

function readGtin(text: string): CellValue {
  const plain = text.normalize('NFKC').replace(/[\s-]/g, '').replace(/\.0+$/, '');
  if (/^(?:\d{8}|\d{12,14})$/.test(plain)) return { value: plain.padStart(14, '0') };
  return { wrong: MANGLED.test(plain) ? '被表格软件变成了科学计数。请把该列设为文本格式，从 HIS 重新导出' : '应为 8、12、13 或 14 位数字' };
}

function readChoice(text: string, words: Readonly<Record<string, string | undefined>>, expected: string): CellValue {
  const key = text.normalize('NFKC').replace(/\s/g, '').toLowerCase().replace(/^(\d)\.0+$/, '$1');
  const value = Object.hasOwn(words, key) ? words[key] : undefined;
  return value === undefined ? { wrong: expected } : { value };
}
