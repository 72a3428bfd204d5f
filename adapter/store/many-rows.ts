import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';

/** Rows of one statement at most: an event rarely has more, and few lengths mean few prepared statements. */
const MOST_ROWS = 8;

/**
 * An INSERT of several rows in as few statements as possible: each statement costs a round trip on PostgreSQL and a good
 * part of a row's own work on SQLite.
 * @param head up to and without VALUES, for example `INSERT INTO code (institution, code)`
 * @param columns how many values a row has
 * @param tail what follows the rows, for example `ON CONFLICT … DO NOTHING`
 */
export function manyRows(head: string, columns: number, tail = ''): (q: SqlQuery, rows: readonly (readonly SqlValue[])[]) => Promise<unknown> {
  const row = `(${Array.from({ length: columns }, () => '?').join(',')})`;
  const texts = Array.from({ length: MOST_ROWS }, (_, at) => `${head} VALUES ${Array.from({ length: at + 1 }, () => row).join(',')} ${tail}`);
  const insert = (q: SqlQuery, rows: readonly (readonly SqlValue[])[]): Promise<unknown> => q.run(texts[rows.length - 1] ?? '', joined(rows, columns));
  return (q, rows) => {
    if (rows.length === 0) return Promise.resolve();
    return rows.length <= MOST_ROWS ? insert(q, rows) : inParts(q, rows, insert);
  };
}

async function inParts(q: SqlQuery, rows: readonly (readonly SqlValue[])[], insert: (q: SqlQuery, rows: readonly (readonly SqlValue[])[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += MOST_ROWS) await insert(q, rows.slice(at, at + MOST_ROWS));
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
  const texts = Array.from({ length: MOST_ROWS }, (_, at) => `${head} (${Array.from({ length: at + 1 }, () => '?').join(',')}) ${tail}`);
  return async <Row>(q: SqlQuery, before: readonly SqlValue[], keys: readonly string[]): Promise<Row[]> => {
    if (keys.length <= MOST_ROWS) return keys.length === 0 ? [] : await q.all<Row>(texts[keys.length - 1] ?? '', [...before, ...keys]);
    const rows: Row[] = [];
    for (let at = 0; at < keys.length; at += MOST_ROWS) {
      const some = keys.slice(at, at + MOST_ROWS);
      for (const row of await q.all<Row>(texts[some.length - 1] ?? '', [...before, ...some])) rows.push(row);
    }
    return rows;
  };
}
