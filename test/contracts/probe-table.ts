import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import type { DriverUnderTest } from './sql-driver.contract.ts';

/** Column types under the name that each database gives them in sql/. */
const TYPES = {
  sqlite: { text: 'TEXT', integer: 'INTEGER', bytes: 'BLOB', end: ' WITHOUT ROWID, STRICT' },
  postgres: { text: 'TEXT COLLATE "C"', integer: 'BIGINT', bytes: 'BYTEA', end: '' },
};

/** A table like ours: `probe (institution, k, n, v, b)`, key institution and k, `v` unique per institution. */
export async function createProbe(driver: SqlDriver): Promise<void> {
  const type = TYPES[driver.dialect];
  await driver.script(`
    CREATE TABLE probe (
      institution ${type.text} NOT NULL, -- a ; and a ? in a comment
      k ${type.text} NOT NULL,
      n ${type.integer},
      v ${type.text},
      b ${type.bytes},
      PRIMARY KEY (institution, k)
    )${type.end};
    CREATE UNIQUE INDEX probe_v ON probe (institution, v);`);
}

export const PUT = 'INSERT INTO probe (institution, k, n, v, b) VALUES (?, ?, ?, ?, ?)';
export const GET = 'SELECT n, v, b FROM probe WHERE institution = ? AND k = ?';
export const KEYS = 'SELECT k FROM probe WHERE institution = ? ORDER BY k';

/** Opens a driver with the probe table before each test and closes it afterwards. */
export function withProbe(subject: DriverUnderTest): () => SqlDriver {
  let driver: SqlDriver | undefined;
  beforeEach(async () => {
    driver = await subject.open();
    await createProbe(driver);
  });
  afterEach(async () => {
    await driver?.close();
    driver = undefined;
  });
  return () => {
    if (driver === undefined) throw new Error('no driver');
    return driver;
  };
}

/** @returns the keys that a fresh snapshot sees */
export async function keysOf(driver: SqlDriver, institution = 'H1'): Promise<string[]> {
  const rows = await driver.read((q) => q.all<{ k: string }>(KEYS, [institution]));
  return rows.map((row) => row.k);
}

/** @returns what the promise was rejected with; throws when it was not */
export async function refusal(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not refused');
}
