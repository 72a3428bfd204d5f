import type { HisRow } from '../../adapter/ports/row.ts';
import { plainDecimal } from './decimal.ts';
import type { Condition } from './row-mapping.ts';

/** Values that are compared by their sign. */
const SIGNS: Readonly<Record<string, (plain: string) => boolean>> = {
  '>0': (plain) => !plain.startsWith('-') && /[1-9]/.test(plain), '<0': (plain) => plain.startsWith('-') && /[1-9]/.test(plain), '=0': (plain) => !/[1-9]/.test(plain),
};

/** @returns the value as it is compared: small letters, `1.0000` as `1` */
export function canonical(value: string): string {
  const decimal = /[.eE]/.test(value) ? plainDecimal(value) : undefined;
  return decimal ?? value.toLowerCase();
}

/** @returns whether a row fulfils every part of the condition */
export function fulfils(row: HisRow, condition: Condition | undefined): boolean {
  return condition === undefined || Object.entries(condition).every(([column, wanted]) => (typeof wanted === 'string' ? [wanted] : wanted).some((one) => matches(row[column] ?? '', one)));
}

function matches(value: string, wanted: string): boolean {
  if (wanted === '*') return value !== '';
  const sign = Object.hasOwn(SIGNS, wanted) ? SIGNS[wanted] : undefined;
  if (sign !== undefined) {
    const plain = plainDecimal(value);
    return plain !== undefined && sign(plain);
  }
  return canonical(value) === canonical(wanted);
}
