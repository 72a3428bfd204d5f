import { isCalendarDate } from '../../../adapter/domain/china-time.ts';
import { formatFixed, parseQuantity } from '../../../adapter/domain/quantity.ts';
import { FillFault, isList, Moment, type Value } from './value.ts';

export interface FormatCall { readonly name: string; readonly argument: string | undefined }

interface Format {
  readonly argument: 'none' | 'optional' | 'required';
  readonly example?: string;
  readonly check?: (argument: string, maps: Readonly<Record<string, unknown>>) => boolean;
}

/** Everything that may stand behind a `|`. What each does is in the README's table. */
export const FORMATS: Readonly<Record<string, Format>> = {
  'date': { argument: 'optional', example: '"yyyy-MM-dd HH:mm:ss"', check: (text) => text.length <= 40 && /[yMdHms]/.test(text) },
  'decimal': { argument: 'required', example: '2', check: (text) => /^[0-6]$/.test(text) },
  'integer': { argument: 'none' },
  'max': { argument: 'required', example: '20', check: (text) => /^[1-9]\d{0,4}$/.test(text) },
  'upper': { argument: 'none' }, 'lower': { argument: 'none' },
  'default': { argument: 'required', example: '"-"' },
  'map': { argument: 'required', example: 'levels', check: (text, maps) => Object.hasOwn(maps, text) },
  'base64': { argument: 'none' },
  'join': { argument: 'required', example: '","' },
  'required': { argument: 'none' },
  /** leaves out the JSON member, or the XML element, that holds nothing but this placeholder, when it is empty */
  'omit': { argument: 'none' },
  /** JSON: written without quotes */
  'number': { argument: 'none' }, 'boolean': { argument: 'none' },
  /** JSON frames: the payload as structure, byte for byte as it was signed */
  'json': { argument: 'none' },
};

/** @returns the value written as the formats ask. @throws FillFault */
export function formatText(value: Value, { path, formats }: { readonly path: readonly string[]; readonly formats: readonly FormatCall[] }, maps: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const name = path.join('.');
  let current: Value = value;
  for (const call of formats) current = applyFormat(current, call, name, maps);
  return plainText(current);
}

function applyFormat(value: Value, { name: format, argument = '' }: FormatCall, name: string, maps: Readonly<Record<string, Readonly<Record<string, string>>>>): Value {
  const text = plainText(value);
  switch (format) {
    case 'required':
      if (text.trim() === '') throw new FillFault(`缺少必填内容 ${name}`);
      return value;
    case 'default': return text === '' ? argument : value;
    case 'join': return isList(value) ? value.map((item) => plainText(item['code'])).join(argument) : text;
    default:
  }
  if (text === '') return text;
  switch (format) {
    case 'date': return dateText(value, argument === '' ? 'yyyy-MM-dd' : argument, name);
    case 'decimal': return decimalText(text, Number(argument), name);
    case 'integer': return wholeText(text, name);
    case 'number': return decimalShape(text, name);
    case 'max': return [...text].slice(0, Number(argument)).join('');
    case 'upper': return text.toUpperCase();
    case 'lower': return text.toLowerCase();
    case 'base64': return Buffer.from(text, 'utf8').toString('base64');
    case 'map': {
      const map = maps[argument] ?? {};
      const mapped = Object.hasOwn(map, text) ? map[text] : map['*'];
      if (mapped === undefined) throw new FillFault(`${name} 的值在对照表 ${argument} 中没有对应项`);
      return mapped;
    }
    default: return value;
  }
}

/** @returns a value as it stands without any format: moments as 2026-11-22 09:31:05 */
export function plainText(value: Value): string {
  if (value instanceof Moment) return pattern(value, 'yyyy-MM-dd HH:mm:ss');
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

const CHINA_OFFSET_MS = 8 * 3_600_000;

function pattern({ ms }: Moment, mask: string): string {
  const iso = new Date(ms + CHINA_OFFSET_MS).toISOString();
  const parts: Readonly<Record<string, string>> = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13), mm: iso.slice(14, 16), ss: iso.slice(17, 19), SSS: iso.slice(20, 23), ZZ: '+08:00' };
  return mask.replace(/yyyy|MM|dd|HH|mm|SSS|ss|ZZ/g, (token) => parts[token] ?? token);
}

/** A moment, or a day such as 2026-01-02; `unix` = milliseconds, `unix-s` = seconds. */
function dateText(value: Value, mask: string, name: string): string {
  const text = plainText(value);
  const moment = value instanceof Moment ? value : isCalendarDate(text) ? new Moment(Date.parse(`${text}T00:00:00+08:00`)) : undefined;
  if (moment === undefined) throw new FillFault(`${name} 不是日期`);
  if (mask === 'unix') return String(moment.ms);
  return mask === 'unix-s' ? String(Math.floor(moment.ms / 1_000)) : pattern(moment, mask);
}

function decimalText(text: string, places: number, name: string): string {
  const value = parseQuantity(text);
  if (value === undefined) throw new FillFault(`${name} 不是数`);
  return formatFixed(value, places);
}

function wholeText(text: string, name: string): string {
  const value = parseQuantity(text);
  if (value === undefined || value % 1_000_000n !== 0n) throw new FillFault(`${name} 不是整数，平台只收整数`);
  return formatFixed(value, 0);
}

/** A JSON number keeps every digit of the text; leading zeros would be no JSON. */
function decimalShape(text: string, name: string): string {
  if (!/^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text)) throw new FillFault(`${name} 不能写成数字`);
  return text;
}
