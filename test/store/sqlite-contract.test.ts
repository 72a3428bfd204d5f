import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { sqlDriverContract } from '../contracts/sql-driver.contract.ts';

describe('store/sqlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-sqlite-'));
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  let files = 0;
  sqlDriverContract('SQLite', { open: () => Promise.resolve(openSqlite({ path: join(folder, `${String(files += 1)}.db`) })) });
});
