import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { SqlDriver, SqlQuery } from '../../ports/sql-driver.ts';
import { TraceError } from '../../domain/error.ts';
import { storeFault, storeFaultOf } from './fault.ts';
import { Gate } from './gate.ts';
import { Session } from './session.ts';
import { Statements } from './statements.ts';
import { inTransaction, type Ended, type TransactionDeps } from './transaction.ts';
import { columnTypes } from './values.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** connections at most; a share of them is kept for reads */
  readonly poolSize?: number;
  readonly connectTimeoutMs?: number;
  /** one statement, on the server */
  readonly statementTimeoutMs?: number;
  /** one statement, seen from here: for a server that does not answer at all; default 5 s more than on the server */
  readonly answerTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** how long a read or write waits for a free connection */
  readonly waitTimeoutMs?: number;
}

/**
 * A row that somebody else changed since this work began is never overwritten unseen, inserted-at-the-same-time rows
 * included: the work runs again on the new state. SERIALIZABLE was measured and refused: it locks index pages, so that works
 * on neighbouring keys of a young table starve each other. What is left (two works that each read what the other writes,
 * and write different rows) is closed by passGate in store/gate.ts.
 */
const BEGIN_WRITE = 'BEGIN ISOLATION LEVEL REPEATABLE READ';
const BEGIN_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const MAX_CONFLICTS = 40;
const MAX_LOST_CONNECTIONS = 2;
const MAX_DUPLICATES = 2;
const LONGEST_PAUSE_MS = 100;
const LONGEST_SCRIPT_MS = 24 * 3_600_000;

/**
 * Connects to PostgreSQL.
 * @throws TraceError STORE_UNAVAILABLE when the server cannot be reached or the database is not in UTF-8
 */
export async function openPostgres(options: PostgresOptions): Promise<SqlDriver> {
  const poolSize = Math.max(2, options.poolSize ?? 10);
  const pool = new pg.Pool(poolConfig(options, poolSize));
  // connections that break while idle leave the pool by themselves; the listener keeps that from ending the process
  pool.on('error', () => undefined);
  const driver = new PostgresDriver({ pool, statements: new Statements() }, poolSize, options.waitTimeoutMs ?? 10_000);
  try {
    const row = await driver.read((q) => q.get<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding"));
    if (row?.encoding !== 'UTF8') throw new TraceError('STORE_UNAVAILABLE', `the encoding of the database must be UTF8, it is ${String(row?.encoding)}`);
    return driver;
  } catch (error) {
    await driver.close();
    throw error;
  }
}

function poolConfig(options: PostgresOptions, poolSize: number): pg.PoolConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const settings = [
    "SET TIME ZONE 'UTC'",
    // acknowledged means on disk, whatever the server's default; a stronger setting of the site (remote_apply) stays
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')",
    `SET statement_timeout = ${String(statementTimeoutMs)}`,
    `SET lock_timeout = ${String(options.lockTimeoutMs ?? 10_000)}`,
    `SET idle_in_transaction_session_timeout = ${String(2 * statementTimeoutMs)}`,
  ].join('; ');
  return {
    connectionString: options.url,
    max: poolSize,
    application_name: 'his-trace-adapter',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    query_timeout: options.answerTimeoutMs ?? statementTimeoutMs + 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: columnTypes,
    // the pool waits for what it returns, though its types do not say so
    onConnect: (client): unknown => client.query(settings),
  };
}

class PostgresDriver implements SqlDriver {
  readonly dialect = 'postgres';
  readonly #deps: TransactionDeps;
  readonly #writes: Gate;
  readonly #reads: Gate;
  #closing: Promise<void> | undefined;

  constructor(deps: TransactionDeps, poolSize: number, waitTimeoutMs: number) {
    this.#deps = deps;
    const writers = Math.ceil(poolSize * 0.6);
    this.#writes = new Gate(writers, waitTimeoutMs);
    this.#reads = new Gate(poolSize - writers, waitTimeoutMs);
  }

  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    return this.#enter(this.#writes, BEGIN_WRITE, work);
  }

  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    return this.#enter(this.#reads, BEGIN_READ, work);
  }

  async script(sql: string): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    const session = await this.#session();
    try {
      // building an index takes as long as it takes; waiting for the locks of others does not
      await session.control('SET statement_timeout = 0; SET lock_timeout = 60000');
      await session.control(sql, LONGEST_SCRIPT_MS);
    } finally {
      // its settings, and a transaction that the script may have left open, end with the connection
      session.leave(false);
    }
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#writes.empty(), this.#reads.empty()]).then(() => this.#deps.pool.end());
    return this.#closing;
  }

  async #enter<T>(gate: Gate, begin: string, work: (q: SqlQuery) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    return await gate.pass(() => untilSettled(() => inTransaction(this.#deps, begin, work)));
  }

  async #session(): Promise<Session> {
    try {
      return new Session(await this.#deps.pool.connect(), this.#deps.statements);
    } catch (error) {
      throw storeFaultOf(error) ?? storeFault('STORE_UNAVAILABLE', (error as Error).message, error);
    }
  }
}

/** Runs a transaction again, a bounded number of times for each reason; conflicts after a growing, random pause. */
async function untilSettled<T>(attempt: () => Promise<Ended<T>>): Promise<T> {
  const seen = { conflict: 0, connection: 0, duplicate: 0 };
  for (;;) {
    const ended = await attempt();
    if (ended.kind === 'done') return ended.value;
    if (ended.kind === 'failed') throw ended.error;
    seen[ended.why] += 1;
    if (seen.connection > MAX_LOST_CONNECTIONS || seen.duplicate > MAX_DUPLICATES) throw ended.error;
    if (seen.conflict > MAX_CONFLICTS) throw storeFault('STORE_UNAVAILABLE', 'too many conflicting transactions', ended.error);
    if (ended.why === 'conflict') await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** seen.conflict));
  }
}

function closed(): TraceError {
  return new TraceError('STORE_UNAVAILABLE', 'the store is closed');
}
