import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { postgresOrSkip, type TestDatabase } from './postgres.ts';

/** Runs the suite on each database: `open` opens one more connection (pool) to the same, at first empty, store. */
export function onEachStore(suite: (open: () => Promise<SqlDriver>) => void): void {
  describe('on SQLite', () => {
    let folder = '';
    const opened: SqlDriver[] = [];
    beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-store-')); });
    afterEach(async () => {
      for (const driver of opened.splice(0)) await driver.close().catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });
    suite(() => {
      const driver = openSqlite({ path: join(folder, 'store.db') });
      opened.push(driver);
      return Promise.resolve(driver);
    });
  });

  describe('on PostgreSQL', () => {
    let database: TestDatabase | undefined;
    const opened: SqlDriver[] = [];
    beforeEach(async function () { database = await (await postgresOrSkip(this)).createDatabase(); });
    afterEach(async () => {
      for (const driver of opened.splice(0)) await driver.close();
      await database?.drop();
    });
    suite(async () => {
      const driver = await openPostgres({ url: database?.url ?? '' });
      opened.push(driver);
      return driver;
    });
  });
}
