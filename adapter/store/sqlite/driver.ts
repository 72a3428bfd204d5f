import type { SqlDriver, SqlQuery } from '../../ports/sql-driver.ts';
import { TraceError } from '../../domain/error.ts';
import { connect, type Connection } from './connection.ts';
import { storeFaultOf } from './fault.ts';
import { GroupPace } from './group-pace.ts';
import { attempt, Work } from './work.ts';

export interface SqliteOptions {
  /** file name */
  readonly path: string;
  /** works that may share one transaction */
  readonly maxGroup?: number;
  /** how long a statement waits for another process that holds the file */
  readonly busyTimeoutMs?: number;
}

interface Pending {
  readonly work: (q: SqlQuery) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/**
 * Embedded store. WAL with synchronous=FULL: a commit returns after the fsync of the log. Everything that arrives in one
 * turn of the event loop shares one transaction and one fsync (group commit); works waiting while the fsync runs form the
 * next group (how large, and whether more are waited for: group-pace.ts). One connection writes, one reads snapshots.
 */
export function openSqlite(options: SqliteOptions): SqlDriver {
  const { path, busyTimeoutMs = 3_000 } = options;
  return new SqliteDriver(connect(path, { kind: 'writer', busyTimeoutMs }), connect(path, { kind: 'reader', busyTimeoutMs }), options.maxGroup ?? 256);
}

class SqliteDriver implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #maxGroup: number;
  #queue: Pending[] = [];
  #draining = false;
  readonly #pace = new GroupPace();
  #closing: Promise<void> | undefined;
  #lastRead: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(writer: Connection, reader: Connection, maxGroup: number) {
    this.#writer = writer;
    this.#reader = reader;
    this.#maxGroup = maxGroup;
  }

  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new TraceError('STORE_UNAVAILABLE', 'the store is closed'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#pace.arrived(this.#queue.length);
      if (this.#draining) return;
      this.#draining = true;
      // after the poll phase: whatever else arrived in this turn joins the group
      setImmediate(() => { void this.#drain(); });
    });
  }

  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new TraceError('STORE_UNAVAILABLE', 'the store is closed'));
    const run = async (): Promise<T> => {
      const query = new Work(this.#reader);
      this.#exec(this.#reader, 'BEGIN');
      try {
        const value = await work(query);
        query.end();
        return value;
      } finally {
        query.close();
        this.#exec(this.#reader, 'COMMIT');
      }
    };
    const result = this.#lastRead.then(run, run);
    this.#lastRead = result.catch(() => undefined);
    return result;
  }

  script(sql: string): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new TraceError('STORE_UNAVAILABLE', 'the store is closed'));
    return attempt(() => {
      try {
        this.#writer.db.exec(sql);
      } catch (error) {
        // at once: a transaction that the script opened would keep every other process out
        if (this.#writer.db.isTransaction !== false && !this.#draining) quietly(() => { this.#writer.db.exec('ROLLBACK'); });
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#draining) await new Promise((resolve) => setImmediate(resolve));
    await this.#lastRead;
    clearTimeout(this.#idle);
    // the file alone is the whole store afterwards, for whoever copies it
    quietly(() => { this.#writer.db.exec('PRAGMA wal_checkpoint(TRUNCATE)'); });
    this.#reader.db.close();
    this.#writer.db.close();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#pace.sizeOf(Math.min(this.#queue.length, this.#maxGroup)));
      const began = performance.now();
      await this.#commit(group);
      const took = performance.now() - began;
      this.#pace.committed();
      // let the event loop send what was just acknowledged and read what arrived meanwhile
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#queue.length > 0) await this.#pace.gather(this.#queue.length, { size: group.length, ms: took });
    }
    this.#draining = false;
    this.#planIdleCheckpoint();
  }

  /**
   * Runs the group in one transaction. Almost always every work succeeds, so the first try pays for no savepoints; when one
   * fails, the transaction is rolled back and the group runs again with a savepoint each, so that it fails alone.
   */
  async #commit(group: readonly Pending[]): Promise<void> {
    if (group.length > 1 && await this.#commitAll(group)) return;
    const outcomes: Settled[] = [];
    try {
      this.#exec(this.#writer, 'BEGIN IMMEDIATE');
      for (const pending of group) outcomes.push(await this.#runOne(pending, group.length > 1));
      this.#exec(this.#writer, 'COMMIT');
    } catch (error) {
      this.#rollback();
      for (const pending of group) pending.reject(error);
      return;
    }
    group.forEach((pending, at) => {
      const outcome = outcomes[at];
      if (outcome?.ok === true) pending.resolve(outcome.value);
      else pending.reject(outcome?.error);
    });
  }

  /** @returns false when a work failed by itself and nothing was committed; a fault of the store has answered everybody */
  async #commitAll(group: readonly Pending[]): Promise<boolean> {
    const values: unknown[] = [];
    try {
      this.#exec(this.#writer, 'BEGIN IMMEDIATE');
      for (const pending of group) {
        const query = new Work(this.#writer);
        try {
          values.push(await pending.work(query));
          query.end();
        } finally {
          query.close();
        }
      }
      this.#exec(this.#writer, 'COMMIT');
    } catch (error) {
      this.#rollback();
      if (storeFaultOf(error) === undefined) return false;
      for (const pending of group) pending.reject(storeFaultOf(error));
      return true;
    }
    group.forEach((pending, at) => { pending.resolve(values[at]); });
    return true;
  }

  #rollback(): void {
    if (this.#writer.db.isTransaction !== false) quietly(() => { this.#writer.db.exec('ROLLBACK'); });
  }

  async #runOne(pending: Pending, shared: boolean): Promise<Settled> {
    if (shared) this.#exec(this.#writer, 'SAVEPOINT work');
    const query = new Work(this.#writer);
    try {
      const value = await pending.work(query);
      query.end();
      if (shared) this.#exec(this.#writer, 'RELEASE work');
      return { ok: true, value };
    } catch (error) {
      query.close();
      // a fault of the store (disk full, file damaged) may have ended the whole transaction: nobody in the group is safe
      const fault = storeFaultOf(error);
      if (fault !== undefined) throw fault;
      if (shared) {
        this.#exec(this.#writer, 'ROLLBACK TO work');
        this.#exec(this.#writer, 'RELEASE work');
        return { ok: false, error };
      }
      throw error;
    }
  }

  #exec(connection: Connection, sql: string): void {
    try {
      connection.db.exec(sql);
    } catch (error) {
      throw storeFaultOf(error) ?? error;
    }
  }

  /** Moves the log into the file when nothing has been written for a while, so that the p99 of a busy minute does not pay for it. */
  #planIdleCheckpoint(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#closing === undefined && !this.#draining) quietly(() => { this.#writer.db.exec('PRAGMA wal_checkpoint(PASSIVE)'); });
    }, 250);
    this.#idle.unref();
  }
}

function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // a rollback or checkpoint that fails leaves nothing behind that the next statement would not report itself
  }
}
