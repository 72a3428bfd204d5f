import { expect } from 'chai';
import { createServer, createConnection, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { refusal } from '../contracts/probe-table.ts';
import { postgresOrSkip, type TestDatabase, type TestPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

describe('store/postgres outage', () => {
  let postgres: TestPostgres;
  let database: TestDatabase;
  let driver: SqlDriver;
  before(async function () { postgres = await postgresOrSkip(this); });
  beforeEach(async () => {
    database = await postgres.createDatabase();
    driver = await openPostgres({ url: database.url, connectTimeoutMs: 2_000 });
    await driver.script('CREATE TABLE load (institution TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (institution, n))');
  });
  afterEach(async () => {
    await driver.close();
    await database.drop();
  });

  const put = (n: number): Promise<number> => driver.write((q) => q.run('INSERT INTO load VALUES (?, ?)', ['H1', n]));
  const numbers = async (): Promise<number[]> => (await driver.read((q) => q.all<{ n: number }>('SELECT n FROM load ORDER BY n'))).map((row) => row.n);
  const codeOf = async (promise: Promise<unknown>): Promise<string> => {
    const error = await refusal(promise);
    return error instanceof TraceError ? error.code : error.message;
  };

  for (const mode of ['fast', 'immediate'] as const) {
    it(`loses no confirmed row when the server is stopped (${mode}) under load, and heals when it is back`, async function () {
      this.timeout(60_000);
      const { server } = postgres;
      if (server === undefined) return this.skip();
      const confirmed: number[] = [];
      const refused: string[] = [];
      let next = 0;
      let loading = true;
      const lane = async (): Promise<void> => {
        while (loading) {
          const n = next;
          next += 1;
          try {
            await put(n);
            confirmed.push(n);
          } catch (error) {
            refused.push(error instanceof TraceError ? error.code : String(error));
          }
        }
      };
      const lanes = Array.from({ length: 8 }, lane);
      await waitFor('the load to run', () => confirmed.length > 100);
      await server.stop(mode);
      await waitFor('writes to be refused', () => refused.length > 20);
      await server.start();
      const soFar = confirmed.length;
      await waitFor('writes to go on', () => confirmed.length > soFar + 100);
      loading = false;
      await Promise.all(lanes);
      expect([...new Set(refused)]).to.deep.equal(['STORE_UNAVAILABLE']);
      const there = new Set(await numbers());
      expect(confirmed.filter((n) => !there.has(n))).to.deep.equal([]);
    });
  }

  it('says STORE_UNAVAILABLE, to be tried again, while the server is away', async function () {
    this.timeout(60_000);
    const { server } = postgres;
    if (server === undefined) return this.skip();
    await put(1);
    await server.stop('fast');
    try {
      const error = await refusal(put(2)) as TraceError;
      expect(error.code).to.equal('STORE_UNAVAILABLE');
      expect(error.retryAfterMs).to.be.greaterThan(0);
      expect(await codeOf(driver.read((q) => q.get('SELECT 1 AS one')))).to.equal('STORE_UNAVAILABLE');
      expect(await codeOf(openPostgres({ url: database.url, connectTimeoutMs: 2_000 }))).to.equal('STORE_UNAVAILABLE');
    } finally {
      await server.start();
    }
    await put(3);
    expect(await numbers()).to.deep.equal([1, 3]);
  });

  it('runs a work again, once, when its backend is killed before the commit', async () => {
    let runs = 0;
    await driver.write(async (q) => {
      runs += 1;
      await q.run('INSERT INTO load VALUES (?, ?)', ['H1', 1]);
      if (runs === 1) await kill((await q.get<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid ?? 0);
      await q.run('INSERT INTO load VALUES (?, ?)', ['H1', 2]);
    });
    expect(runs).to.equal(2);
    expect(await numbers()).to.deep.equal([1, 2]);
  });

  it('fails a work whose backend is killed each time, and whose process is busy with something else meanwhile', async () => {
    const code = await codeOf(driver.write(async (q) => {
      await q.run('INSERT INTO load VALUES (?, ?)', ['H1', 1]);
      await kill((await q.get<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid ?? 0);
      await new Promise(() => undefined);
    }));
    expect(code).to.equal('STORE_UNAVAILABLE');
    expect(await numbers()).to.deep.equal([]);
  });

  it('does not notice when its idle connections are killed', async () => {
    await Promise.all([1, 2, 3, 4].map(put));
    await postgres.admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}'`);
    await Promise.all([5, 6, 7, 8].map(put));
    expect(await numbers()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('runs works that lock each other again until both are done', async () => {
    await Promise.all([put(1), put(2)]);
    await driver.script('ALTER TABLE load ADD COLUMN times BIGINT NOT NULL DEFAULT 0');
    const touch = (first: number, second: number): Promise<void> => driver.write(async (q) => {
      for (const n of [first, second]) await q.run('UPDATE load SET times = times + 1 WHERE institution = ? AND n = ?', ['H1', n]);
    });
    await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? touch(1, 2) : touch(2, 1))));
    expect(await driver.read((q) => q.all('SELECT n, times FROM load ORDER BY n'))).to.deep.equal([{ n: 1, times: 20 }, { n: 2, times: 20 }]);
  });

  it('goes on when the columns behind a prepared statement change', async () => {
    await put(1);
    const all = (): Promise<unknown[]> => driver.read((q) => q.all('SELECT * FROM load'));
    for (let time = 0; time < 10; time += 1) await all();
    await driver.script('ALTER TABLE load ADD COLUMN more TEXT');
    for (let time = 0; time < 10; time += 1) expect(await all()).to.deep.equal([{ institution: 'H1', n: 1, more: null }]);
  });

  it('takes the codes that the server really gives', async () => {
    const raised = (state: string): Promise<unknown> => driver.write((q) => q.run(`DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '${state}'; END $$`));
    expect(await codeOf(raised('53100'))).to.equal('STORE_FULL');
    expect(await codeOf(raised('XX001'))).to.equal('STORE_CORRUPT');
    await put(1);
    await postgres.admin(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    const other = await openPostgres({ url: database.url });
    expect(await codeOf(other.write((q) => q.run('INSERT INTO load VALUES (?, ?)', ['H1', 2])))).to.equal('STORE_READ_ONLY');
    await postgres.admin(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`);
    await other.close();
    expect(await numbers()).to.deep.equal([1]);
  });

  it('ends a statement that runs too long, and waits for a lock no longer than it should', async () => {
    const hasty = await openPostgres({ url: database.url, statementTimeoutMs: 300, lockTimeoutMs: 100 });
    expect(await codeOf(hasty.read((q) => q.get('SELECT pg_sleep(10)')))).to.equal('STORE_UNAVAILABLE');
    await put(1);
    await driver.write(async (q) => {
      await q.get('SELECT n FROM load WHERE institution = ? FOR UPDATE', ['H1']);
      expect(await codeOf(hasty.write((w) => w.run('DELETE FROM load WHERE institution = ?', ['H1'])))).to.equal('STORE_UNAVAILABLE');
    });
    expect(await numbers()).to.deep.equal([1]);
    await hasty.close();
  });

  it('overrules a database that would confirm before the row is on disk', async () => {
    await postgres.admin(`ALTER DATABASE ${database.name} SET synchronous_commit = off`);
    const other = await openPostgres({ url: database.url });
    expect(await other.read((q) => q.get("SELECT current_setting('synchronous_commit') AS setting"))).to.deep.equal({ setting: 'on' });
    await other.close();
  });

  it('refuses a database that cannot hold Chinese', async () => {
    const name = `${database.name}_ascii`;
    await postgres.admin(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`);
    const error = await refusal(openPostgres({ url: database.url.replace(database.name, name) })) as TraceError;
    expect([error.code, error.detail]).to.deep.equal(['STORE_UNAVAILABLE', 'the encoding of the database must be UTF8, it is SQL_ASCII']);
    await postgres.admin(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  describe('behind a network that fails', () => {
    let network: Network;
    let distant: SqlDriver;
    beforeEach(async function () {
      const host = new URL(database.url).searchParams.get('host');
      if (host === null) return this.skip();
      network = await openNetwork(host);
      const url = database.url.replace(encodeURIComponent(host), encodeURIComponent(network.folder));
      distant = await openPostgres({ url, answerTimeoutMs: 400, connectTimeoutMs: 400 });
    });
    afterEach(async () => {
      network.cut();
      await distant.close();
      await network.close();
    });
    const putFar = (n: number): Promise<number> => distant.write((q) => q.run('INSERT INTO load VALUES (?, ?)', ['H1', n]));

    it('gives up on a server that takes everything and answers nothing', async () => {
      await putFar(1);
      network.onRequest = 'swallow';
      expect(await codeOf(putFar(2))).to.equal('STORE_UNAVAILABLE');
      network.onRequest = 'pass';
      await putFar(3);
      expect(await numbers()).to.deep.equal([1, 3]);
    });

    it('does not run a work again when the answer to its COMMIT is lost: it may have been kept', async () => {
      await putFar(1);
      network.onRequest = 'cut after commit';
      let runs = 0;
      expect(await codeOf(distant.write((q) => {
        runs += 1;
        return q.run('INSERT INTO load VALUES (?, ?)', ['H1', 2]);
      }))).to.equal('STORE_UNAVAILABLE');
      expect(runs).to.equal(1);
      network.onRequest = 'pass';
      await waitFor('the commit to arrive', async () => (await numbers()).length === 2);
      await putFar(3);
      expect(await numbers()).to.deep.equal([1, 2, 3]);
    });
  });

  async function kill(pid: number): Promise<void> {
    await postgres.admin(`SELECT pg_terminate_backend(${String(pid)}, 2000)`);
  }
});

interface Network {
  /** folder with the socket to connect to instead of the server's */
  readonly folder: string;
  onRequest: 'pass' | 'swallow' | 'cut after commit';
  cut(): void;
  close(): Promise<void>;
}

/** A way to the server that can be told to fail. */
async function openNetwork(host: string): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-net-'));
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = createConnection(join(host, '.s.PGSQL.5432'));
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    inside.on('data', (data) => {
      if (network.onRequest === 'swallow') return;
      outside.write(data);
      if (network.onRequest === 'cut after commit' && data.includes('COMMIT')) {
        outside.end();
        inside.destroy();
      }
    });
    outside.on('data', (data) => { if (!inside.destroyed) inside.write(data); });
    inside.on('close', () => outside.end());
    outside.on('close', () => inside.destroy());
  });
  const network: Network = {
    folder,
    onRequest: 'pass',
    cut: () => { for (const socket of sockets) socket.destroy(); },
    close: async () => {
      await new Promise((resolve) => { server.close(resolve); });
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => { server.listen(join(folder, '.s.PGSQL.5432'), resolve); });
  return network;
}
