import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceError, type ErrorCode } from '../domain/error.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres/driver.ts';
import { openSqlite } from './sqlite/driver.ts';

/**
 * Opens the store of the configuration (`store.url`) and brings it to the version of the program.
 * @param url `file:data/his-trace.db` (embedded; the folder is made) or `postgres://…`
 * @throws TraceError CONFIG_INVALID for another kind of address, STORE_* when it cannot be opened or does not fit
 */
export async function openStore(url: string, deps: { readonly log: Log }): Promise<SqlDriver> {
  const driver = await connect(url, deps.log);
  try {
    if (driver.dialect === 'postgres') await warnWhenNotDurable(driver, deps.log);
    const report = await migrate(driver);
    for (const file of report.applied) deps.log.info('store migrated', { migration: file.name, breaking: file.breaking });
    return driver;
  } catch (error) {
    await driver.close();
    throw error;
  }
}

/** @returns the file of a `file:` address; relative ones count from the working directory */
export function storeFile(url: string): string {
  const path = url.startsWith('file://') ? pathOfUrl(url) : url.slice('file:'.length);
  if (path === '' || path.includes('\0') || path === ':memory:') throw new TraceError('CONFIG_INVALID', 'store.url: file: needs the name of a file');
  return path;
}

async function connect(url: string, log: Log): Promise<SqlDriver> {
  if (/^postgres(ql)?:\/\//.test(url)) return await openPostgres({ url });
  if (!url.startsWith('file:')) throw new TraceError('CONFIG_INVALID', 'store.url: must begin with file: or postgres://');
  const path = storeFile(url);
  makeFile(path, log);
  return openSqlite({ path });
}

/** The store holds patient data: folder and file are for the account of the service only. SQLite gives its log the mode of the file. */
function makeFile(path: string, log: Log): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw fileFault(error, path);
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    log.warn('store file is open to other accounts', { path, remedy: `chmod 600 ${path}` });
  }
}

const FILE_FAULTS: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'STORE_FULL', EDQUOT: 'STORE_FULL', EROFS: 'STORE_READ_ONLY', EACCES: 'STORE_READ_ONLY', EPERM: 'STORE_READ_ONLY',
};

function fileFault(error: unknown, path: string): TraceError {
  const code = (error as { code?: unknown }).code;
  return new TraceError((typeof code === 'string' ? FILE_FAULTS[code] : undefined) ?? 'STORE_UNAVAILABLE', `${path}: ${String(code)}`, { cause: error });
}

/** A server set to forget at a power cut makes every acknowledgement a guess; it is the site's to decide, but not unseen. */
async function warnWhenNotDurable(driver: SqlDriver, log: Log): Promise<void> {
  const off = await driver.read((q) => q.all<{ name: string }>(
    "SELECT name FROM pg_catalog.pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name"));
  if (off.length > 0) log.warn('the database server does not keep what it confirms through a power cut', { off: off.map((row) => row.name) });
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', 'store.url: not a file address', { cause: error });
  }
}
