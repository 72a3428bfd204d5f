import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'mocha';
import pg from 'pg';
import { accountToRun, prepareBinaries, processRuns, reachableByAll, type Account, type Binaries } from './postgres-binaries.ts';

/**
 * A real PostgreSQL for tests, from an npm package, without a system service. One server per test process, reached through
 * a socket in its own folder; a watcher ends it and removes the folder when the test process ends, however that happens.
 * With HIS_TRACE_TEST_POSTGRES=postgres://… an outside server is used (the tests that stop the server are skipped then).
 */
export interface TestPostgres {
  /** An empty database of its own; `drop` ends its connections. */
  createDatabase(): Promise<TestDatabase>;
  /** Runs statements as administrator, each outside any transaction. */
  admin(sql: string): Promise<pg.QueryResult>;
  /** undefined when the server is not ours */
  readonly server: TestServer | undefined;
}
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}
export interface TestServer {
  start(): Promise<void>;
  /** `fast` rolls back what runs; `immediate` is a crash of the server */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
}

let shared: Promise<TestPostgres | string> | undefined;

/** @returns the server shared by this process; skips the suite, saying why, where PostgreSQL cannot run. Call it in `before`. */
export async function postgresOrSkip(context: Context): Promise<TestPostgres> {
  context.timeout(60_000);
  shared ??= launch();
  const found = await shared;
  if (typeof found === 'string') {
    process.stderr.write(`  PostgreSQL tests skipped: ${found}\n`);
    return context.skip();
  }
  return found;
}

async function launch(): Promise<TestPostgres | string> {
  const outside = process.env['HIS_TRACE_TEST_POSTGRES'];
  if (outside !== undefined && outside !== '') return testPostgres((database) => withDatabase(outside, database), undefined);
  const account = accountToRun();
  if (typeof account === 'string') return account;
  const parent = [tmpdir(), '/tmp', '/var/tmp'].find((folder) => account === undefined || reachableByAll(join(folder, 'x')));
  if (parent === undefined) return 'no folder for temporary files that the account nobody can reach';
  const folder = mkdtempSync(join(parent, 'his-trace-pg-'));
  watch(folder);
  chmodSync(folder, 0o755);
  const binaries = prepareBinaries(folder, account);
  if (typeof binaries === 'string') return binaries;
  const server = new Server(folder, binaries, account);
  const fault = server.initialise();
  if (fault !== undefined) return fault;
  await server.start();
  return testPostgres((database) => `postgres://postgres@localhost/${database}?host=${encodeURIComponent(server.socketFolder)}`, server);
}

/** Ends the server and removes its folder when we end: its input is a pipe that closes with this process, even at SIGKILL. */
function watch(folder: string): void {
  const script = 'cat >/dev/null; pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null); [ -n "$pid" ] && kill -QUIT "$pid"; '
    + 'for i in 1 2 3 4 5 6 7 8 9 10; do [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && sleep 0.2; done; rm -rf "$0"';
  const watcher = spawn('sh', ['-c', script, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
}

class Server implements TestServer {
  readonly socketFolder: string;
  readonly #data: string;
  readonly #log: string;
  readonly #binaries: Binaries;
  readonly #options: SpawnOptions;
  #pid = 0;

  constructor(folder: string, binaries: Binaries, account: Account | undefined) {
    this.#data = join(folder, 'data');
    this.#log = join(folder, 'log.txt');
    this.socketFolder = join(folder, 'socket');
    this.#binaries = binaries;
    for (const path of [this.#data, this.socketFolder]) {
      mkdirSync(path, { mode: 0o700 });
      if (account !== undefined) chownSync(path, account.uid, account.gid);
    }
    this.#options = { ...account, cwd: this.#data, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', LD_LIBRARY_PATH: binaries.libraries } };
  }

  /** @returns why it failed */
  initialise(): string | undefined {
    // a database whose default order is Chinese: keys sort by bytes only where the schema says so
    const done = spawnSync(this.#binaries.initdb, ['-D', this.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8',
      '--locale-provider=icu', '--icu-locale=zh-Hans-CN', '--no-sync', '--no-instructions'], { ...this.#options, timeout: 60_000, encoding: 'utf8' });
    return done.status === 0 ? undefined : `initdb: ${done.error?.message ?? done.stderr.trim()}`;
  }

  async start(): Promise<void> {
    const log = openSync(this.#log, 'a');
    const child = spawn(this.#binaries.postgres, ['-D', this.#data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${this.socketFolder}`,
      '-c', 'shared_buffers=32MB', '-c', 'max_connections=100', '-c', 'deadlock_timeout=100ms'], { ...this.#options, stdio: ['ignore', log, log] });
    closeSync(log);
    child.unref();
    this.#pid = child.pid ?? 0;
    await until(async () => {
      if (!processRuns(this.#pid)) throw new Error(`postgres ended: ${readFileSync(this.#log, 'utf8').slice(-500)}`);
      return await connects(this.socketFolder);
    });
  }

  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    process.kill(this.#pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await until(() => Promise.resolve(!processRuns(this.#pid)));
    // an immediate stop leaves its note behind; the next start would have to find out that the process is gone
    rmSync(join(this.#data, 'postmaster.pid'), { force: true });
  }
}

function testPostgres(urlOf: (database: string) => string, server: TestServer | undefined): TestPostgres {
  let made = 0;
  const admin = async (sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: urlOf('postgres') });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    admin,
    server,
    createDatabase: async () => {
      made += 1;
      const name = `trace_${String(process.pid)}_${String(made)}`;
      await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin(`CREATE DATABASE ${name}`);
      return { name, url: urlOf(name), drop: async () => { await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`); } };
    },
  };
}

function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.toString();
}

async function connects(host: string): Promise<boolean> {
  const client = new pg.Client({ host, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('PostgreSQL did not get there in 30 s');
    await sleep(20);
  }
}
