import type { SqlValue } from '../../ports/sql-driver.ts';

/** Object identifiers of pg_type that are read as something else than text. */
const PARSERS: Readonly<Record<number, (text: string) => SqlValue>> = {
  16: (text) => (text === 't' ? 1 : 0), // bool: SQLite has none, comparisons give 1 and 0 there
  17: bytesOf,
  20: integerOf,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
};

/**
 * Reads the columns of a row: integers as numbers (an error beyond 2^53, never a rounded one), bytes as Uint8Array,
 * everything else, numeric included, as text.
 */
export const columnTypes = {
  getTypeParser: (oid: number): ((text: string) => SqlValue) => PARSERS[oid] ?? textOf,
};

function integerOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('the store holds an integer beyond 2^53');
  return value;
}

/** bytea comes as `\x` and hexadecimal digits */
function bytesOf(text: string): Uint8Array {
  // a copy: small buffers are windows on memory shared with others
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

function textOf(text: string): string {
  return text;
}
