import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import { formatQuantity, parseQuantity } from '../../adapter/domain/quantity.ts';
import { dayOf, instantOf } from '../hl7/time.ts';
import { plainDecimal } from './decimal.ts';
import { splitCodes, unusableCode } from './trace-code-list.ts';

/** What is wrong with a value, in Chinese; `value` is the part at fault where that is not the whole. */
export interface Unreadable { readonly problem: string; readonly value?: string }

/** A named way from the text of a column to a value of an event. Values come without the padding of CHAR columns. */
export interface Converter {
  /** what it does, for the reader of a table */
  readonly meaning: string;
  readonly description: string;
  /** @returns the value; '' for none; or what is wrong with it, in Chinese */
  read(value: string): string | Unreadable;
}

type Words<Name extends string> = Readonly<Record<Name, readonly string[]>>;

/** What the contract calls them, and what HIS databases write. Capitals do not matter. */
const YES_NO: Words<'yes' | 'no'> = { yes: ['1', 'y', 'yes', 'true', 't', '是'], no: ['0', 'n', 'no', 'false', 'f', '否'] };
const SPLIT: Words<'yes' | 'no'> = { yes: [...YES_NO.yes, 'split', '拆零', '散'], no: [...YES_NO.no, 'whole', 'pack', '整', '整盒', '整包装'] };
const PATIENT_CLASSES: Words<string> = { outpatient: ['outpatient', 'o', '1', '门诊'], inpatient: ['inpatient', 'i', '2', '住院'], emergency: ['emergency', 'e', '3', '急诊'] };
const SETTLEMENT_TYPES: Words<string> = { 'insured': ['insured', '1', '医保'], 'self-pay': ['self-pay', 'selfpay', '0', '自费'] };
const SETTLEMENT_AREAS: Words<string> = { local: ['local', '0', '本地'], remote: ['remote', '1', '异地'] };
const KIND_WORDS: Words<string> = {
  'receipt': ['采购入库', '入库'], 'supplier-return': ['采购退货', '退供'], 'dispense': ['发药'], 'dispense-return': ['退药'], 'split-open': ['拆零', '开启拆零'],
  'stock-count': ['盘存', '盘点'], 'stock-gain': ['盘盈'], 'stock-loss': ['盘亏', '报损'], 'destroy': ['销毁'], 'transfer-out': ['调拨出', '调出'], 'transfer-in': ['调拨入', '调入'],
  'gift-in': ['捐赠入库'], 'gift-return': ['捐赠退回'], 'other-in': ['其他入库'], 'other-out': ['其他出库'], 'void': ['作废'], 'settlement': ['结算'],
};
const KINDS: Words<string> = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, [kind, ...KIND_WORDS[kind] ?? []]]));
/** psn_cert_type of the insurance platform (insurance.md, code lists) */
const ID_TYPES: Words<string> = {
  '01': ['居民身份证', '身份证', '居民身份证（户口簿）', '户口簿'], '02': ['军官证', '中国人民解放军军官证'], '03': ['警官证', '武装警察警官证'], '04': ['港澳居民来往内地通行证', '香港特区护照'],
  '06': ['台湾居民来往大陆通行证', '台胞证'], '07': ['外国人永久居留证'], '08': ['外国人护照', '护照'], '99': ['其他', '其他身份证件'],
};

/** What databases write for "no day". */
const NO_DAY = /^(1900-01-01|1899-12-30|0001-01-01|9999-12-31)/;

function oneOf(words: Words<string>): Converter['read'] {
  const known = new Map(Object.entries(words).flatMap(([name, all]) => all.map((word) => [word, name] as const)));
  const problem = `只能是 ${Object.keys(words).sort().join('、')}`;
  return (value) => known.get(value.toLowerCase()) ?? { problem };
}

function readDecimal(value: string): ReturnType<Converter['read']> {
  const plain = plainDecimal(value.replace(/^(-?\d{1,3})(,\d{3})+(?=\.|$)/, (grouped) => grouped.replaceAll(',', '')));
  const quantity = plain === undefined ? undefined : parseQuantity(plain);
  return quantity === undefined ? { problem: '须为数字，至多 14 位整数、6 位小数' } : formatQuantity(quantity);
}

function readFactor(value: string): ReturnType<Converter['read']> {
  const plain = plainDecimal(value) ?? '';
  return /^[1-9]\d{0,6}$/.test(plain) ? plain : { problem: '须为正整数：一个单位含多少最小单位' };
}

function readIdType(value: string): ReturnType<Converter['read']> {
  const number = /^\d{1,2}$/.test(value) ? value.padStart(2, '0') : undefined;
  return number ?? oneOf(ID_TYPES)(value);
}

/** One bad code makes the line refused, in the words of its column: nobody can guess the digits that are gone. */
function readTraceCodes(value: string): ReturnType<Converter['read']> {
  const codes = splitCodes(value);
  for (const code of codes) {
    const unusable = unusableCode(code);
    if (unusable !== undefined) return { problem: unusable, value: code };
  }
  return codes.join('\n');
}

/** Every converter a table or an override may name. */
export const CONVERTERS = {
  'text': { meaning: '文字，去掉首尾空格（CHAR 列的补位）', description: 'text without padding', read: (value) => value },
  'time': { meaning: '业务时间；不写时区即北京时间 +08:00；不存在的时间被拒绝', description: 'instant; +08:00 where the HIS gives no zone; impossible times are refused', read: (value) => instantOf(value) ?? { problem: '不是真实的时间' } },
  'day': {
    meaning: '日期；1900-01-01 一类占位日期视为空；只有年月的为当月最后一天', description: 'day; placeholders such as 1900-01-01 count as empty; a month means its last day',
    read: (value) => (NO_DAY.test(value) ? '' : dayOf(value) ?? dayOf(value.slice(0, 10)) ?? { problem: '不是真实的日期' }),
  },
  'decimal': { meaning: '十进制数，不经过浮点数；.5、2.0000、2.0E+001 都可', description: 'exact decimal as databases print it', read: readDecimal },
  'factor': { meaning: '转换因子，正整数', description: 'positive integer: smallest units in one unit', read: readFactor },
  'counted': { meaning: '数量列的单位制：unit＝按“单位”列计，smallest＝按最小单位计', description: 'what the quantity counts: the named unit, or smallest units', read: oneOf({ unit: ['unit'], smallest: ['smallest'] }) },
  'yes-no': { meaning: '是否：1/0、Y/N、是/否、true/false', description: 'flag', read: oneOf(YES_NO) },
  'split': { meaning: '拆零：是否的各种写法，以及 拆零/散、整/整盒/整包装', description: 'split flag', read: oneOf(SPLIT) },
  'kind': { meaning: '事件类型：接口规范的类型名，或 发药、退药、入库 等', description: 'event kind, in the words of the contract or in Chinese', read: oneOf(KINDS) },
  'patient-class': { meaning: '就诊类别：门诊/1/O、住院/2/I、急诊/3/E', description: 'patient class', read: oneOf(PATIENT_CLASSES) },
  'settlement-type': { meaning: '结算类型：医保/1、自费/0', description: 'settlement type', read: oneOf(SETTLEMENT_TYPES) },
  'settlement-area': { meaning: '结算地：本地/0、异地/1', description: 'settlement area', read: oneOf(SETTLEMENT_AREAS) },
  'id-type': { meaning: '证件类型：医保编码 01–99，或 居民身份证、护照 等名称', description: 'identity document type: the code of the insurance platform, or its name', read: readIdType },
  'trace-codes': { meaning: '追溯码，一列可有多个（逗号、分号、顿号、空白、换行分隔）；不能用的码（位数不对、变成数字）整行拒绝', description: 'trace codes, several in one column; an unusable one is refused here', read: readTraceCodes },
  'codes': { meaning: '追溯码，同上，但是否可用由入库检查判断', description: 'trace codes, judged by the intake', read: (value) => splitCodes(value).join('\n') },
} as const satisfies Readonly<Record<string, Converter>>;

export type ConverterName = keyof typeof CONVERTERS;
export const CONVERTER_NAMES = Object.keys(CONVERTERS) as readonly ConverterName[];

export function isConverter(name: string): name is ConverterName {
  return Object.hasOwn(CONVERTERS, name);
}

export function converterOf(name: ConverterName): Converter {
  return CONVERTERS[name];
}
