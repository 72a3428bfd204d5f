/**
 * Exact decimals. A quantity is a bigint of millionths, so that packs, fractions of packs and prices with up to six decimals
 * add up without rounding. Trace codes never pass through here: they are text.
 */
export type Quantity = bigint;

const SCALE = 1_000_000n;
const DECIMAL = /^([+-]?)(\d{1,14})(?:\.(\d{1,6})0*)?$/;

/** @returns the quantity in millionths, or undefined when the text is no plain decimal with at most six decimals. `'2'` → 2000000n */
export function parseQuantity(text: string): Quantity | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const value = BigInt(match[2] ?? '0') * SCALE + BigInt((match[3] ?? '').padEnd(6, '0'));
  return match[1] === '-' ? -value : value;
}

/** @returns plain decimal text without trailing zeros: 2500000n → `2.5` */
export function formatQuantity(value: Quantity): string {
  const negative = value < 0n;
  const absolute = negative ? -value : value;
  const fraction = (absolute % SCALE).toString().padStart(6, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${(absolute / SCALE).toString()}${fraction === '' ? '' : `.${fraction}`}`;
}

/** @returns plain decimal text with exactly `decimals` decimals, halves away from zero: (333333n, 4) → `0.3333` */
export function formatFixed(value: Quantity, decimals: number): string {
  const step = 10n ** BigInt(6 - decimals);
  const negative = value < 0n;
  const rounded = ((negative ? -value : value) + step / 2n) / step;
  const digits = rounded.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
  return negative && rounded !== 0n ? `-${text}` : text;
}

export function wholeQuantity(count: number): Quantity {
  return BigInt(count) * SCALE;
}

/** @returns value × count, exact */
export function timesWhole(value: Quantity, count: number): Quantity {
  return value * BigInt(count);
}

/** @returns value ÷ count in millionths, or undefined when it does not come out even */
export function divideEvenly(value: Quantity, count: number): Quantity | undefined {
  const divisor = BigInt(count);
  return divisor !== 0n && value % divisor === 0n ? value / divisor : undefined;
}

/** @returns value ÷ count in millionths, rounded half away from zero */
export function divideRounded(value: Quantity, count: number): Quantity {
  const divisor = BigInt(count);
  const negative = value < 0n;
  const rounded = ((negative ? -value : value) + divisor / 2n) / divisor;
  return negative ? -rounded : rounded;
}
