import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';

/** Rows of one statement: an event rarely has more than eight, and few lengths mean few prepared statements. */
const FEW_ROWS = 8;
/** a receipt of thousands of codes goes in blocks of these */
const MANY_ROWS = 64;
/** blocks after which other work of the process gets its turn: nobody else waits for one large receipt */
const BLOCKS_A_TURN = 8;

/**
 * An INSERT of several rows in as few statements as possible: each statement costs a round trip on PostgreSQL and a good
 * part of a row's own work on SQLite.
 * @param head up to and without VALUES, for example `INSERT INTO code (institution, code)`
 * @param columns how many values a row has
 * @param tail what follows the rows, for example `ON CONFLICT … DO NOTHING`
 */
export function manyRows(head: string, columns: number, tail = ''): (q: SqlQuery, rows: readonly (readonly SqlValue[])[]) => Promise<unknown> {
  const row = `(${Array.from({ length: columns }, () => '?').join(',')})`;
  const texts = ofLengths((length) => `${head} VALUES ${Array.from({ length }, () => row).join(',')} ${tail}`);
  const insert = (q: SqlQuery, rows: readonly (readonly SqlValue[])[]): Promise<unknown> => q.run(texts.get(rows.length) ?? '', joined(rows, columns));
  return (q, rows) => {
    if (rows.length === 0) return Promise.resolve();
    return rows.length <= FEW_ROWS ? insert(q, rows) : inParts(rows, async (some) => { await insert(q, some); });
  };
}

/** Texts of the lengths that are used: up to the few, and the block. */
function ofLengths(textOf: (length: number) => string): ReadonlyMap<number, string> {
  return new Map([...Array.from({ length: FEW_ROWS }, (_, at) => at + 1), MANY_ROWS].map((length) => [length, textOf(length)]));
}

async function inParts<T>(items: readonly T[], each: (some: readonly T[]) => Promise<void>): Promise<void> {
  let blocks = 0;
  for (let at = 0; at < items.length;) {
    const size = items.length - at >= MANY_ROWS ? MANY_ROWS : Math.min(FEW_ROWS, items.length - at);
    await each(items.slice(at, at + size));
    at += size;
    blocks += 1;
    if (blocks % BLOCKS_A_TURN === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
}

function joined(rows: readonly (readonly SqlValue[])[], columns: number): readonly SqlValue[] {
  const [first = []] = rows;
  if (rows.length === 1) return first;
  const values = new Array<SqlValue>(rows.length * columns);
  let at = 0;
  for (const row of rows) for (const value of row) values[at++] = value;
  return values;
}

/**
 * A SELECT with a list of keys, `… IN (…)`, for any number of them.
 * @param head up to and without the list
 * @param tail what follows it
 * @returns reads the rows of all keys; several statements where there are many, in the order of the keys
 */
export function byKeys(head: string, tail = ''): <Row>(q: SqlQuery, before: readonly SqlValue[], keys: readonly string[]) => Promise<Row[]> {
  const texts = ofLengths((length) => `${head} (${Array.from({ length }, () => '?').join(',')}) ${tail}`);
  return async <Row>(q: SqlQuery, before: readonly SqlValue[], keys: readonly string[]): Promise<Row[]> => {
    if (keys.length <= FEW_ROWS) return keys.length === 0 ? [] : await q.all<Row>(texts.get(keys.length) ?? '', [...before, ...keys]);
    const rows: Row[] = [];
    await inParts(keys, async (some) => {
      for (const row of await q.all<Row>(texts.get(some.length) ?? '', [...before, ...some])) rows.push(row);
    });
    return rows;
  };
}
