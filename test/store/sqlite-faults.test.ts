import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, fstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync, closeSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { refusal } from '../contracts/probe-table.ts';

interface FullDiskResult {
  readonly whenFull: number; readonly refused: readonly string[]; readonly refusals: number; readonly readWhileFull: number;
  readonly recovered: number; readonly confirmed: readonly number[]; readonly there: readonly number[]; readonly integrity: unknown;
}

describe('store/sqlite faults', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-fault-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  const opened = async (rows: number): Promise<SqlDriver> => {
    const driver = openSqlite({ path: join(folder, 'store.db') });
    await driver.script('CREATE TABLE load (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT');
    for (let n = 0; n < rows; n += 1) await driver.write((q) => q.run('INSERT INTO load VALUES (?, ?)', [n, 'x'.repeat(3_000)]));
    return driver;
  };
  const put = (driver: SqlDriver, n: number, size = 10): Promise<number> => driver.write((q) => q.run('INSERT INTO load VALUES (?, ?)', [n, 'x'.repeat(size)]));
  const count = async (driver: SqlDriver): Promise<unknown> => await driver.read((q) => q.get('SELECT COUNT(*) AS found FROM load'));

  it('refuses with STORE_FULL when the file may not grow, keeps what it confirmed, and goes on when it may', async () => {
    const driver = await opened(5);
    await driver.script('PRAGMA max_page_count = 30');
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => put(driver, 100 + n, 3_000)));
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.length).to.be.greaterThan(50);
    for (const outcome of failed) expect((outcome.reason as TraceError).code).to.equal('STORE_FULL');
    const confirmed = outcomes.length - failed.length;
    expect(await count(driver)).to.deep.equal({ found: 5 + confirmed });
    await driver.script('PRAGMA max_page_count = 4294967294');
    await put(driver, 999, 3_000);
    expect(await count(driver)).to.deep.equal({ found: 6 + confirmed });
    await driver.close();
  });

  it('refuses on a disk that is really full, loses nothing it confirmed, and recovers when space returns', function () {
    this.timeout(60_000);
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const probe = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    if (probe.status !== 0) this.skip();
    const child = `mount -t tmpfs -o size=4m tmpfs '${disk}' && exec '${process.execPath}' --import tsx test/store/sqlite-full-child.ts '${disk}'`;
    const done = spawnSync('unshare', ['-m', 'sh', '-c', child], { encoding: 'utf8', timeout: 50_000 });
    expect(done.status, done.stderr).to.equal(0);
    const result = JSON.parse(done.stdout) as FullDiskResult;
    expect(result.refused).to.deep.equal(['STORE_FULL true']);
    expect(result.refusals).to.be.greaterThanOrEqual(10);
    expect(result.whenFull).to.be.greaterThan(10);
    expect(result.readWhileFull).to.equal(result.whenFull);
    expect(result.recovered).to.equal(20);
    expect(result.there).to.deep.equal(result.confirmed);
    expect(result.integrity).to.deep.equal({ integrity_check: 'ok' });
  });

  it('says STORE_READ_ONLY for a file that the service may not write', async () => {
    await (await opened(3)).close();
    chmodSync(join(folder, 'store.db'), 0o444);
    chmodSync(folder, 0o555);
    const error = await withoutRights(async () => {
      const driver = openSqlite({ path: join(folder, 'store.db') });
      try {
        return await refusal(put(driver, 10));
      } finally {
        await driver.close();
      }
    });
    expect(error.code).to.equal('STORE_READ_ONLY');
  });

  it('says STORE_READ_ONLY for a file in a folder that may be written', async () => {
    await (await opened(3)).close();
    chmodSync(join(folder, 'store.db'), 0o444);
    chmodSync(folder, 0o777);
    if (process.getuid?.() === 0) chownSync(folder, 65_534, 65_534);
    const error = await withoutRights(async () => {
      const driver = openSqlite({ path: join(folder, 'store.db') });
      try {
        return await refusal(put(driver, 10));
      } finally {
        await driver.close();
      }
    });
    expect(error.code).to.equal('STORE_READ_ONLY');
  });

  it('says STORE_CORRUPT for a file that is no database', () => {
    const path = join(folder, 'store.db');
    writeFileSync(path, 'this is a text that somebody saved under the name of the store'.repeat(100));
    expect(() => openSqlite({ path })).to.throw(TraceError).with.property('code', 'STORE_CORRUPT');
    expect(readFileSync(path, 'utf8')).to.match(/^this is a text/);
  });

  it('says STORE_CORRUPT for damaged pages, and does not confirm what touches them', async () => {
    const whole = await opened(200);
    await whole.script('PRAGMA wal_checkpoint(TRUNCATE)');
    await whole.close();
    const file = openSync(join(folder, 'store.db'), 'r+');
    // everything behind the first two pages: the schema is whole, the rows are not
    const size = fstatSync(file).size - 8_192;
    writeSync(file, new Uint8Array(size).fill(0x5a), 0, size, 8_192);
    closeSync(file);
    const driver = openSqlite({ path: join(folder, 'store.db') });
    expect((await refusal(driver.read((q) => q.all('SELECT * FROM load'))) as TraceError).code).to.equal('STORE_CORRUPT');
    expect((await refusal(put(driver, 1_000)) as TraceError).code).to.equal('STORE_CORRUPT');
    await driver.close();
  });

  it('says STORE_UNAVAILABLE for a folder that does not exist', () => {
    expect(() => openSqlite({ path: join(folder, 'nowhere', 'store.db') })).to.throw(TraceError).with.property('code', 'STORE_UNAVAILABLE');
  });

  it('says STORE_UNAVAILABLE while another program holds the file, and goes on afterwards', async () => {
    await (await opened(1)).close();
    const path = join(folder, 'store.db');
    const other = openSqlite({ path });
    const driver = openSqlite({ path, busyTimeoutMs: 50 });
    await other.script('BEGIN IMMEDIATE');
    expect((await refusal(put(driver, 10)) as TraceError).code).to.equal('STORE_UNAVAILABLE');
    await other.script('ROLLBACK');
    await put(driver, 10);
    expect(await count(other)).to.deep.equal({ found: 2 });
    await driver.close();
    await other.close();
  });
});

/** Runs as an account that may not write what is not its own; root may write everything. */
async function withoutRights(work: () => Promise<Error>): Promise<TraceError> {
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return await work() as TraceError;
  } catch (error) {
    return error as TraceError;
  } finally {
    if (root) process.seteuid?.(0);
  }
}
