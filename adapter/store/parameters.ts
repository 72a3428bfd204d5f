/** What must be skipped (literals, quoted names, comments) comes before the placeholder itself. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g;

export interface Numbered {
  readonly text: string;
  /** how many parameters the statement takes */
  readonly count: number;
}

/**
 * Turns the `?` of the shared statements into PostgreSQL's `$1…$n`; a question mark inside a literal, a quoted name or a
 * comment stays. Escape strings (`E'…'`) and dollar quotes are not portable and do not occur in shared statements.
 * @example numberPlaceholders("SELECT '?' WHERE a = ?") // { text: "SELECT '?' WHERE a = $1", count: 1 }
 */
export function numberPlaceholders(sql: string): Numbered {
  let count = 0;
  const text = sql.replace(TOKEN, (token) => {
    if (token !== '?') return token;
    count += 1;
    return `$${String(count)}`;
  });
  return { text, count };
}

/**
 * Checks parameters before they are sent: both databases must refuse the same values, and neither may round or store NULL
 * for what it cannot hold.
 * @throws TypeError for undefined, boolean, bigint, objects; RangeError for numbers that are no integer within 2^53
 */
export function checkParameters(params: readonly unknown[], expected: number): void {
  if (params.length !== expected) {
    throw new TypeError(`the statement takes ${String(expected)} parameters, ${String(params.length)} were given`);
  }
  for (let at = 0; at < params.length; at += 1) {
    const value = params[at];
    if (typeof value === 'string' || value === null || value instanceof Uint8Array) continue;
    if (typeof value !== 'number') throw new TypeError(`parameter ${String(at + 1)} is of type ${typeof value}`);
    if (!Number.isSafeInteger(value)) throw new RangeError(`parameter ${String(at + 1)} is no integer within 2^53`);
  }
}
