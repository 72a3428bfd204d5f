import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { OPEN_STATES_SQL } from '../../adapter/store/queries/delivery-states.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { refusal } from '../contracts/probe-table.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { postgresOrSkip, type TestDatabase } from '../support/postgres.ts';
import { printSchema, readSchema, type Schema } from './schema-reader.ts';

const HERE = 'test/store';

/** What a store looks like after all migrations. With UPDATE_SNAPSHOTS=1 the files are written anew, for a reviewer to read. */
function expectSnapshot(dialect: string, schema: Schema): void {
  const file = join(HERE, `schema.${dialect}.txt`);
  const printed = printSchema(schema);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, printed);
  expect(existsSync(file), `${file} is missing: run once with UPDATE_SNAPSHOTS=1`).to.equal(true);
  expect(printed).to.equal(readFileSync(file, 'utf8').replace(/\r\n/g, '\n'));
}

async function refusesUpdateOfEvents(driver: SqlDriver): Promise<void> {
  await driver.write((q) => q.run(`INSERT INTO event (institution, event_no, source, event_id, kind, occurred_at, occurred_on, received_at, content_sha, record_no, body)
    VALUES ('H1', 1, 'his', 'E1', 'dispense', 1, '2026-11-22', 1, 'ab', 1, '{}')`));
  const error = await refusal(driver.write((q) => q.run("UPDATE event SET body = '{\"a\":1}' WHERE institution = 'H1'")));
  expect(error.message).to.contain('event rows are immutable');
  expect(await driver.read((q) => q.get("SELECT body FROM event WHERE institution = 'H1'"))).to.deep.equal({ body: '{}' });
}

async function usesIndexes(driver: SqlDriver): Promise<void> {
  await assertUsesIndex(driver, 'SELECT event_no FROM event WHERE institution = ? AND source = ? AND event_id = ?', ['H1', 'his', 'E1'], 'event_key');
  await assertUsesIndex(driver, 'SELECT * FROM code WHERE institution = ? AND code = ? FOR UPDATE', ['H1', '89990010000000011234'], 'code_pkey');
  // SQLite takes a partial index only where the query repeats its condition word for word
  const due = `SELECT delivery_no FROM delivery WHERE institution = ? AND destination = ? AND state = 'queued' AND ${OPEN_STATES_SQL}
    ORDER BY priority, delivery_no LIMIT 50 FOR UPDATE SKIP LOCKED`;
  await assertUsesIndex(driver, due, ['H1', 'insurance'], 'delivery_due');
  await assertUsesIndex(driver, 'SELECT * FROM api_token WHERE token_sha = ?', ['ab'], 'api_token_sha');
  const refused = await refusal(assertUsesIndex(driver, 'SELECT * FROM event WHERE institution = ? AND location = ?', ['H1', 'x'], 'event_key'));
  expect(refused.message).to.contain('does not use event_key');
}

describe('store/schema', () => {
  let folder = '';
  let sqlite: SqlDriver | undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'his-trace-schema-'));
    sqlite = openSqlite({ path: join(folder, 'store.db') });
    await migrate(sqlite);
  });
  after(async () => {
    await sqlite?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const sqliteStore = (): SqlDriver => {
    if (sqlite === undefined) throw new Error('not opened');
    return sqlite;
  };

  it('has migrations of the same numbers and names for both databases', () => {
    expect(readdirSync('sql/postgres').sort()).to.deep.equal(readdirSync('sql/sqlite').sort());
  });
  it('is the one in git (SQLite)', async () => { expectSnapshot('sqlite', await readSchema(sqliteStore())); });
  it('begins the primary key of every table with the institution', async () => {
    const schema = await readSchema(sqliteStore());
    for (const table of schema.tables.keys()) {
      if (table !== 'schema_migration') expect(schema.indexes.get(`${table}_pkey`), table).to.match(/unique \(institution[,)]/);
    }
  });
  it('refuses to change an event row (SQLite)', () => refusesUpdateOfEvents(sqliteStore()));
  it('is asked for an index by name (SQLite)', () => usesIndexes(sqliteStore()));

  describe('on PostgreSQL', () => {
    let database: TestDatabase | undefined;
    let postgres: SqlDriver | undefined;
    before(async function () {
      database = await (await postgresOrSkip(this)).createDatabase();
      postgres = await openPostgres({ url: database.url });
      await migrate(postgres);
    });
    after(async () => {
      await postgres?.close();
      await database?.drop();
    });
    const postgresStore = (): SqlDriver => {
      if (postgres === undefined) throw new Error('not opened');
      return postgres;
    };

    it('is the one in git', async () => { expectSnapshot('postgres', await readSchema(postgresStore())); });
    it('has the same tables, columns, indexes and triggers as on SQLite', async () => {
      const here = await readSchema(postgresStore());
      const there = await readSchema(sqliteStore());
      expect([...here.tables.keys()]).to.deep.equal([...there.tables.keys()]);
      for (const [table, columns] of here.tables) expect(columns, table).to.deep.equal(there.tables.get(table));
      expect(here.triggers).to.deep.equal(there.triggers);
      expect([...here.indexes.keys()].sort()).to.deep.equal([...there.indexes.keys()].sort());
      for (const [name, what] of here.indexes) {
        // a distributed table is unique only within its distribution column (see sql/postgres/000001-spine.sql)
        if (name !== 'api_token_sha') expect(what, name).to.equal(there.indexes.get(name));
      }
    });
    it('holds the institution in every unique index, so that tables can be distributed by it', async () => {
      for (const [name, what] of (await readSchema(postgresStore())).indexes) {
        if (what.includes('unique') && name !== 'schema_migration_pkey') expect(what, name).to.match(/\binstitution\b/);
      }
    });
    it('compares all text by its bytes', async () => {
      const others = await postgresStore().read((q) => q.all(`SELECT c.relname || '.' || a.attname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_collation l ON l.oid = a.attcollation
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND l.collname <> 'C' AND c.relname <> 'schema_migration'`));
      expect(others).to.deep.equal([]);
    });
    it('refuses to change an event row', () => refusesUpdateOfEvents(postgresStore()));
    it('is asked for an index by name', () => usesIndexes(postgresStore()));
  });
});
