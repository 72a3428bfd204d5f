import { expect } from 'chai';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate, planMigrations } from '../../adapter/store/migrate.ts';
import { refusal } from '../contracts/probe-table.ts';
import { onEachStore } from '../support/stores.ts';

const FIRST = "-- first; with a ' in the comment\nCREATE TABLE a (x TEXT NOT NULL);\nINSERT INTO a VALUES ('one; ?');\n";
const SECOND = "--! breaking\nCREATE TABLE b (x TEXT NOT NULL);\nINSERT INTO b SELECT x FROM a;\n-- the end, without a line end";

describe('store/migrate', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'his-trace-sql-'));
    put('000001-first.sql', FIRST);
    put('000002-second.sql', SECOND);
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const put = (file: string, sql: string): void => { writeFileSync(join(folder, file), sql); };
  const faultOf = async (promise: Promise<unknown>): Promise<TraceError> => {
    const error = await refusal(promise);
    expect(error).to.be.instanceOf(TraceError);
    return error as TraceError;
  };
  const rowsOf = (driver: SqlDriver, sql: string): Promise<unknown[]> => driver.read((q) => q.all(sql));

  onEachStore((open) => {
    it('applies every file in order, once', async () => {
      const driver = await open();
      const report = await migrate(driver, { folder, now: () => 1_234 });
      expect(report.applied.map((file) => [file.name, file.breaking])).to.deep.equal([['000001-first', false], ['000002-second', true]]);
      expect(report.version).to.equal(2);
      expect(await rowsOf(driver, 'SELECT x FROM b')).to.deep.equal([{ x: 'one; ?' }]);
      expect(await rowsOf(driver, 'SELECT version, name, applied_at FROM schema_migration ORDER BY version')).to.deep.equal([
        { version: 1, name: '000001-first', applied_at: 1_234 }, { version: 2, name: '000002-second', applied_at: 1_234 }]);
      expect(await migrate(driver, { folder })).to.deep.equal({ applied: [], version: 2 });
    });

    it('plans without touching the store', async () => {
      const driver = await open();
      const plan = await planMigrations(driver, { folder });
      expect(plan.version).to.equal(0);
      expect(plan.pending.map((file) => file.sql)).to.deep.equal([FIRST, SECOND]);
      expect((await planMigrations(driver, { folder })).pending.length).to.equal(2);
      await migrate(driver, { folder });
      expect(await planMigrations(driver, { folder })).to.deep.equal({ pending: [], version: 2 });
    });

    it('continues where an earlier version of the program stopped', async () => {
      const driver = await open();
      await migrate(driver, { folder });
      put('000003-third.sql', 'CREATE TABLE c (x TEXT)');
      expect((await migrate(driver, { folder })).applied.map((file) => file.name)).to.deep.equal(['000003-third']);
    });

    it('keeps nothing of a file that fails, and goes on once it is mended', async () => {
      const driver = await open();
      put('000002-second.sql', "CREATE TABLE b (x TEXT);\nINSERT INTO b VALUES ('kept?');\nINSERT INTO nowhere VALUES (1);\n");
      await refusal(migrate(driver, { folder }));
      expect((await planMigrations(driver, { folder })).version).to.equal(1);
      put('000002-second.sql', SECOND);
      expect((await migrate(driver, { folder })).version).to.equal(2);
      expect(await rowsOf(driver, 'SELECT x FROM b')).to.deep.equal([{ x: 'one; ?' }]);
    });

    it('does not mind line ends of another system', async () => {
      const driver = await open();
      await migrate(driver, { folder });
      put('000001-first.sql', `\uFEFF${FIRST.replaceAll('\n', '\r\n')}`);
      put('000002-second.sql', SECOND.replaceAll('\n', '\r\n'));
      expect((await migrate(driver, { folder })).applied).to.deep.equal([]);
    });

    it('refuses when an applied file was changed', async () => {
      const driver = await open();
      await migrate(driver, { folder });
      put('000001-first.sql', `${FIRST}-- only a comment`);
      const error = await faultOf(migrate(driver, { folder }));
      expect([error.code, error.detail]).to.deep.equal(['STORE_MIGRATION', '000001-first was changed after it had been applied']);
    });

    it('refuses a store that is newer than the program', async () => {
      const driver = await open();
      await migrate(driver, { folder });
      rmSync(join(folder, '000002-second.sql'));
      const error = await faultOf(planMigrations(driver, { folder }));
      expect(error.code).to.equal('STORE_MIGRATION');
      expect(error.detail).to.contain('000002-second, newer than this program');
    });

    it('refuses when a file in the middle is gone, or was slipped in', async () => {
      const driver = await open();
      put('000004-fourth.sql', 'CREATE TABLE d (x TEXT)');
      await migrate(driver, { folder });
      put('000003-third.sql', 'CREATE TABLE c (x TEXT)');
      expect((await faultOf(migrate(driver, { folder }))).detail).to.contain('000003-third was never applied');
      renameSync(join(folder, '000003-third.sql'), join(folder, 'third.txt'));
      rmSync(join(folder, '000002-second.sql'));
      expect((await faultOf(migrate(driver, { folder }))).detail).to.contain('000002-second was applied, but');
    });

    it('refuses file names that are none of ours and numbers given twice', async () => {
      const driver = await open();
      put('3-third.sql', 'CREATE TABLE c (x TEXT)');
      expect((await faultOf(migrate(driver, { folder }))).code).to.equal('STORE_MIGRATION');
      rmSync(join(folder, '3-third.sql'));
      put('000002-again.sql', 'CREATE TABLE c (x TEXT)');
      expect((await faultOf(migrate(driver, { folder }))).detail).to.contain('two files have the number 2');
      expect((await faultOf(migrate(driver, { folder: join(folder, 'nowhere') }))).code).to.equal('STORE_MIGRATION');
    });

    it('lets several processes start at once: each file is applied by one of them', async () => {
      const drivers = await Promise.all(Array.from({ length: 4 }, () => open()));
      const reports = await Promise.all(drivers.map((driver) => migrate(driver, { folder })));
      expect(reports.map((report) => report.version)).to.deep.equal([2, 2, 2, 2]);
      expect(reports.flatMap((report) => report.applied.map((file) => file.name)).sort()).to.deep.equal(['000001-first', '000002-second']);
      const [driver] = drivers;
      if (driver !== undefined) expect(await rowsOf(driver, 'SELECT x FROM b')).to.deep.equal([{ x: 'one; ?' }]);
    });

    it("applies the product's own files", async () => {
      const driver = await open();
      expect((await migrate(driver)).applied[0]?.name).to.equal('000001-spine');
      expect(await rowsOf(driver, 'SELECT event_no FROM event')).to.deep.equal([]);
    });
  });
});
