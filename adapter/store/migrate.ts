import { join } from 'node:path';
import { TraceError } from '../domain/error.ts';
import { packageRoot } from '../ops/package-root.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { readMigrations, type MigrationFile } from './migration-files.ts';

export interface MigrateOptions {
  /** folder with the numbered files; default sql/<dialect>/ of the package */
  readonly folder?: string;
  /** milliseconds since 1970, for applied_at */
  readonly now?: () => number;
}
export interface MigrationPlan {
  /** what would run, in order */
  readonly pending: readonly MigrationFile[];
  /** number of the last one applied; 0 for an empty store */
  readonly version: number;
}
export interface MigrationReport {
  /** what this call applied, in order; another process may have applied some of the plan */
  readonly applied: readonly MigrationFile[];
  /** number of the store now */
  readonly version: number;
}

interface Applied { readonly version: number; readonly name: string; readonly sha256: string }

/** The columns are alike in both databases; one number per row, so no distribution is needed. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migration (
  version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)`;
const SELECT_APPLIED = 'SELECT version, name, sha256 FROM schema_migration ORDER BY version';
const TABLE_EXISTS = {
  sqlite: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'",
  postgres: "SELECT 1 AS found FROM pg_catalog.pg_class WHERE oid = to_regclass('schema_migration')",
};
/** Takes the right to change the schema until COMMIT; processes that start at the same time wait here. */
const BEGIN = {
  sqlite: 'BEGIN IMMEDIATE;',
  // the number is ours alone among the advisory locks of the database
  postgres: 'BEGIN; SELECT pg_advisory_xact_lock(7204913386);',
};
/** rounds of: read what is applied, apply the next */
const MAX_ROUNDS = 1_000;

/**
 * Brings the store to the version of the program: each file in a transaction of its own, together with its row in
 * schema_migration. Forward only. Safe when several processes start at once.
 * @throws TraceError STORE_MIGRATION when an applied file was changed, is missing, or the store is newer than the program;
 *   the faults of the driver; or what the database said about a statement
 */
export async function migrate(driver: SqlDriver, options: MigrateOptions = {}): Promise<MigrationReport> {
  const applied: MigrationFile[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const plan = await planMigrations(driver, options);
    const [next] = plan.pending;
    if (next === undefined) return { applied, version: plan.version };
    if (plan.version === 0) await ensureTable(driver);
    if (await apply(driver, next, (options.now ?? Date.now)())) applied.push(next);
  }
  throw new TraceError('STORE_MIGRATION', 'too many migrations');
}

/** @returns what migrate would run; reads only. Throws as migrate does where the store does not fit the files. */
export async function planMigrations(driver: SqlDriver, options: MigrateOptions = {}): Promise<MigrationPlan> {
  const files = readMigrations(options.folder ?? join(packageRoot(), 'sql', driver.dialect));
  const applied = await readApplied(driver);
  const last = applied.at(-1)?.version ?? 0;
  checkApplied(files, applied);
  const pending = files.filter((file) => !applied.some((row) => row.version === file.version));
  const late = pending.find((file) => file.version < last);
  if (late !== undefined) throw new TraceError('STORE_MIGRATION', `${late.name} was never applied, but later ones were`);
  return { pending, version: last };
}

function checkApplied(files: readonly MigrationFile[], applied: readonly Applied[]): void {
  const newest = files.at(-1)?.version ?? 0;
  for (const row of applied) {
    if (row.version > newest) {
      throw new TraceError('STORE_MIGRATION', `the store is at ${row.name}, newer than this program (${String(newest)})`);
    }
    const file = files.find((candidate) => candidate.version === row.version);
    if (file === undefined) throw new TraceError('STORE_MIGRATION', `${row.name} was applied, but the program does not have it`);
    if (file.sha256 !== row.sha256) throw new TraceError('STORE_MIGRATION', `${file.name} was changed after it had been applied`);
  }
}

async function readApplied(driver: SqlDriver): Promise<Applied[]> {
  return await driver.read(async (q) => {
    if (await q.get(TABLE_EXISTS[driver.dialect]) === undefined) return [];
    return await q.all<Applied>(SELECT_APPLIED);
  });
}

async function ensureTable(driver: SqlDriver): Promise<void> {
  await transaction(driver, CREATE_TABLE);
}

/** @returns false when another process was faster */
async function apply(driver: SqlDriver, file: MigrationFile, at: number): Promise<boolean> {
  // the row first: a second process stops at its key before it touches a table. Names and hashes hold no quotes
  const row = `INSERT INTO schema_migration (version, name, sha256, applied_at) VALUES (${String(file.version)}, '${file.name}', '${file.sha256}', ${String(at)})`;
  try {
    await transaction(driver, `${row};\n${file.sql}`);
    return true;
  } catch (error) {
    const rows = await readApplied(driver);
    if (rows.some((applied) => applied.version === file.version)) return false;
    throw error;
  }
}

async function transaction(driver: SqlDriver, statements: string): Promise<void> {
  try {
    await driver.script(`${BEGIN[driver.dialect]}\n${statements}\n;\nCOMMIT;`);
  } catch (error) {
    // SQLite keeps the transaction of a script that failed; on PostgreSQL it ended with its connection
    if (driver.dialect === 'sqlite') await driver.script('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
