import { readTraceCode, unusableText } from '../../adapter/domain/trace-code.ts';

/** What separates several codes in one column. `|` only between whole codes: some scanners type it for FNC1 inside one. */
const BETWEEN_CODES = /[\s,;，；、]+/;

/** @returns the codes of one column, each as it was scanned */
export function splitCodes(value: string): readonly string[] {
  return value.split(BETWEEN_CODES).flatMap((part) => {
    const pieces = part.split('|').filter((piece) => piece !== '');
    return pieces.every((piece) => /^\d{20}$/.test(piece)) ? pieces : [part];
  }).filter((code) => code !== '');
}

/** What float columns print; SQL Server and Oracle give the exponent three digits. */
const FLOAT = /^\d(?:\.\d*)?E[+-]?\d{1,3}$/i;

/** @returns why it is no usable code and what to do, in Chinese; undefined when it can be used */
export function unusableCode(code: string): string | undefined {
  if (FLOAT.test(code)) return unusableText('number-mangled');
  const reading = readTraceCode(code);
  return reading.kind === 'unusable' ? unusableText(reading.reason) : undefined;
}
