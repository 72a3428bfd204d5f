import { isCalendarDate } from './china-time.ts';
import { GROUP_SEPARATOR } from './scan-cleaning.ts';

/** One GS1 element: application identifier and its value. */
export interface Gs1Element {
  readonly ai: string;
  readonly value: string;
  /** ended by FNC1, or of fixed length: what follows it cannot be part of it */
  readonly closed: boolean;
}

/** Fixed lengths of the value, by the first two digits (GS1 General Specifications, pre-defined lengths). */
const FIXED: Readonly<Record<string, number>> = {
  '00': 18, '01': 14, '02': 14, '03': 14, '04': 16, '11': 6, '12': 6, '13': 6, '14': 6, '15': 6, '16': 6, '17': 6, '18': 6, '19': 6, '20': 2,
  '31': 6, '32': 6, '33': 6, '34': 6, '35': 6, '36': 6, '41': 13,
};

/** Longest value of variable length, by application identifier; `x` stands for any digit. */
const VARIABLE: readonly (readonly [RegExp, number])[] = [
  [/^(?:10|21|22)$/, 20], [/^(?:30|37)$/, 8], [/^90$/, 30], [/^9[1-9]$/, 90],
  [/^235$/, 28], [/^24[01]$/, 30], [/^242$/, 6], [/^243$/, 20], [/^25[013]$/, 30], [/^254$/, 20], [/^255$/, 25],
  [/^40[013]$/, 30], [/^402$/, 17], [/^420$/, 20], [/^421$/, 12], [/^42[2-7]$/, 15], [/^71\d$/, 20],
  [/^39[0-5]\d$/, 18], [/^43\d\d$/, 90], [/^70\d\d$/, 30], [/^72\d\d$/, 90], [/^80\d\d$/, 90], [/^81\d\d$/, 70], [/^8200$/, 70],
];

/** Characters allowed in alphanumeric values (GS1 AI encodable character set 82). */
const CHARSET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;
const MAX_ELEMENTS = 100;

/** @returns length of the identifier at the front and how long its value may be, or undefined when it is none we know. */
export function identifierAt(text: string): { readonly ai: string; readonly fixed: boolean; readonly length: number } | undefined {
  const two = text.slice(0, 2);
  const fixed = FIXED[two];
  if (fixed !== undefined) {
    const digits = two === '41' ? 3 : two.startsWith('3') ? 4 : 2;
    const ai = text.slice(0, digits);
    return ai.length === digits && /^\d+$/.test(ai) ? { ai, fixed: true, length: fixed } : undefined;
  }
  for (const digits of [2, 3, 4]) {
    const ai = text.slice(0, digits);
    const entry = VARIABLE.find(([pattern]) => pattern.test(ai));
    if (entry !== undefined) return { ai, fixed: false, length: entry[1] };
  }
  return undefined;
}

/** @returns whether the value is one this identifier can have: digits and length of fixed ones, character set and length of others. */
export function isValueOf(ai: string, value: string): boolean {
  const known = identifierAt(ai);
  if (known?.ai !== ai) return false;
  if (known.fixed) return value.length === known.length && /^\d+$/.test(value);
  return value.length <= known.length && CHARSET_82.test(value);
}

/**
 * Reads an element string: fixed-length elements follow each other directly, others end at FNC1 or at the end.
 * @returns the elements in order, or undefined when it is no element string
 */
export function parseElementString(text: string): readonly Gs1Element[] | undefined {
  const elements: Gs1Element[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === GROUP_SEPARATOR) { at += 1; continue; }
    const known = identifierAt(text.slice(at, at + 4));
    if (known === undefined || elements.length >= MAX_ELEMENTS) return undefined;
    const from = at + known.ai.length;
    const separator = text.indexOf(GROUP_SEPARATOR, from);
    const end = known.fixed ? from + known.length : separator < 0 ? text.length : separator;
    const value = text.slice(from, end);
    if (!isValueOf(known.ai, value)) return undefined;
    elements.push({ ai: known.ai, value, closed: known.fixed || separator >= 0 });
    at = end;
  }
  return elements.length === 0 ? undefined : elements;
}

/** @returns whether the last digit is the GS1 modulo-10 check digit of the others; false for anything but digits. */
export function hasCheckDigit(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (let at = digits.length - 2, weight = 3; at >= 0; at -= 1, weight = 4 - weight) sum += Number(digits[at]) * weight;
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

/** @returns the 14-digit form of a GTIN-8, -12, -13 or -14, or undefined when it is none. */
export function gtin14(digits: string): string | undefined {
  return /^(?:\d{8}|\d{12,14})$/.test(digits) ? digits.padStart(14, '0') : undefined;
}

/**
 * @param yymmdd six digits; day 00 means the last day of the month (mah.md 10.3)
 * @returns yyyy-MM-dd in this century, or undefined when there is no such day. `270200` → `2027-02-28`
 */
export function gs1Date(yymmdd: string): string | undefined {
  if (!/^\d{6}$/.test(yymmdd)) return undefined;
  const year = `20${yymmdd.slice(0, 2)}`;
  const month = yymmdd.slice(2, 4);
  if (yymmdd.slice(4) !== '00') {
    const day = `${year}-${month}-${yymmdd.slice(4)}`;
    return isCalendarDate(day) ? day : undefined;
  }
  for (const last of ['31', '30', '29', '28']) {
    if (isCalendarDate(`${year}-${month}-${last}`)) return `${year}-${month}-${last}`;
  }
  return undefined;
}
