import type { SqlValue } from '../../ports/sql-driver.ts';
import { TraceError } from '../../domain/error.ts';
import { checkParameters, numberPlaceholders } from '../parameters.ts';
import { openDatabase, type Database, type Statement } from './database.ts';
import { storeFaultOf } from './fault.ts';

/** @returns a connection set up for durable writing, or for reading only. @throws TraceError STORE_* */
export function connect(path: string, options: { readonly kind: 'writer' | 'reader'; readonly busyTimeoutMs: number }): Connection {
  try {
    const db = openDatabase(path);
    db.exec(`PRAGMA busy_timeout=${String(options.busyTimeoutMs)}`);
    db.exec('PRAGMA journal_mode=WAL');
    // Said aloud: bindings are compiled with different defaults. NORMAL syncs the log's header and every checkpoint; the sync of
    // each commit, which FULL would do inside the commit, is the driver's own and comes before any answer (log-sync.ts)
    db.exec('PRAGMA synchronous=NORMAL');
    db.exec('PRAGMA foreign_keys=ON');
    db.exec('PRAGMA cache_size=-64000');
    // 128 MB: a checkpoint on the acknowledgement path holds up one group in some thousands of messages, and writes a page that
    // changed often only once; quiet moments take it off the path altogether (see planIdleCheckpoint)
    db.exec('PRAGMA wal_autocheckpoint=32000');
    if (options.kind === 'reader') db.exec('PRAGMA query_only=ON');
    return new Connection(db);
  } catch (error) {
    throw storeFaultOf(error) ?? new TraceError('STORE_UNAVAILABLE', (error as Error).message, { cause: error });
  }
}

/** One connection with its cached statements. */
export class Connection {
  readonly #statements = new Map<string, { readonly statement: Statement; readonly count: number }>();

  constructor(readonly db: Database) {}

  /** @returns the statement, its parameters checked: a binding would store NULL for NaN and for what is missing */
  prepare(sql: string, params: readonly SqlValue[]): Statement {
    let cached = this.#statements.get(sql);
    if (cached === undefined) {
      // SQLite has one writer: the row locks that PostgreSQL needs are implied
      cached = { statement: this.db.prepare(sql.replace(/\bFOR UPDATE( SKIP LOCKED)?/g, '')), count: numberPlaceholders(sql).count };
      if (this.#statements.size >= 500) this.#statements.clear();
      this.#statements.set(sql, cached);
    }
    checkParameters(params, cached.count);
    return cached.statement;
  }
}
