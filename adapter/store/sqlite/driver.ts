import type { SqlDriver, SqlQuery } from '../../ports/sql-driver.ts';
import { TraceError } from '../../domain/error.ts';
import { connect, type Connection } from './connection.ts';
import { exec, Group, quietly, rollback, type Pending } from './group.ts';
import { GroupPace } from './group-pace.ts';
import { LogSync } from './log-sync.ts';
import { attempt, Work } from './work.ts';

export interface SqliteOptions {
  /** file name */
  readonly path: string;
  /** works that may share one transaction */
  readonly maxGroup?: number;
  /** how long a statement waits for another process that holds the file */
  readonly busyTimeoutMs?: number;
  /** how a commit is brought to the disk */
  readonly log?: Pick<LogSync, 'sync' | 'close'>;
}

/**
 * Embedded store. Nothing is answered before the log that holds it is on the disk: works that arrive together share one
 * transaction and one sync (group commit), and while a sync runs the next group's works already run in their transaction
 * (log-sync.ts, group-pace.ts, decision 0006). One connection writes, one reads snapshots.
 */
export function openSqlite(options: SqliteOptions): SqlDriver {
  const { path, busyTimeoutMs = 3_000 } = options;
  return new SqliteDriver(connect(path, { kind: 'writer', busyTimeoutMs }), connect(path, { kind: 'reader', busyTimeoutMs }), { log: options.log ?? new LogSync(path), maxGroup: options.maxGroup ?? 256 });
}

class SqliteDriver implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #maxGroup: number;
  readonly #log: Pick<LogSync, 'sync' | 'close'>;
  readonly #pace = new GroupPace();
  readonly #queue: Pending[] = [];
  #draining = false;
  /** the sync under way; never rejects */
  #syncing: { readonly works: number; readonly done: Promise<void> } | undefined;
  /** the disk refused a sync: what the log holds must be brought into the file before anything is built on it */
  #doubtful = false;
  #closing: Promise<void> | undefined;
  #lastRead: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(writer: Connection, reader: Connection, options: { readonly log: Pick<LogSync, 'sync' | 'close'>; readonly maxGroup: number }) {
    this.#writer = writer;
    this.#reader = reader;
    this.#maxGroup = options.maxGroup;
    this.#log = options.log;
  }

  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#pace.stir();
      if (this.#draining) return;
      this.#draining = true;
      // after the poll phase: whatever else arrived in this turn joins the group
      setImmediate(() => { void this.#drain(); });
    });
  }

  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    const run = async (): Promise<T> => {
      const query = new Work(this.#reader);
      exec(this.#reader, 'BEGIN');
      try {
        const value = await work(query);
        query.end();
        return value;
      } finally {
        query.close();
        exec(this.#reader, 'COMMIT');
      }
    };
    const result = this.#lastRead.then(run, run);
    this.#lastRead = result.catch(() => undefined);
    return result;
  }

  async script(sql: string): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    await this.#quiet();
    await attempt(() => {
      try {
        this.#writer.db.exec(sql);
      } catch (error) {
        // at once: a transaction that the script opened would keep every other process out
        rollback(this.#writer);
        throw error;
      }
    });
    await this.#log.sync(1);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#quiet();
    await this.#lastRead;
    clearTimeout(this.#idle);
    await this.#log.close();
    // the file alone is the whole store afterwards, for whoever copies it
    quietly(() => { this.#writer.db.exec('PRAGMA wal_checkpoint(TRUNCATE)'); });
    this.#reader.db.close();
    this.#writer.db.close();
  }

  async #quiet(): Promise<void> {
    while (this.#draining) await turn();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#commitNext();
      // let the event loop send what was just acknowledged and read what arrived meanwhile
      await turn();
      while (this.#queue.length === 0 && this.#syncing !== undefined) await this.#pace.rest(Infinity);
    }
    this.#draining = false;
    this.#planIdleCheckpoint();
  }

  async #commitNext(): Promise<void> {
    let group: Group | undefined;
    try {
      if (this.#doubtful) await this.#makeSure();
      group = new Group(this.#writer);
      await this.#gather(group);
      // it has read what the sync before it should have kept
      if (this.#doubtful) throw notSynced();
      await group.commit();
    } catch (error) {
      if (group === undefined) for (const pending of this.#queue.splice(0, this.#maxGroup)) pending.reject(error);
      else group.abandon(error);
      return;
    }
    this.#pace.committed();
    this.#pace.seen(group.size + this.#queue.length);
    if (group.wrote) this.#syncing = { works: group.size, done: this.#sync(group) };
    else group.answer();
  }

  async #sync(group: Group): Promise<void> {
    const began = performance.now();
    try {
      await this.#log.sync(group.size);
      group.answer();
    } catch (error) {
      this.#doubtful = true;
      group.fail(error);
    }
    this.#syncing = undefined;
    this.#pace.synced(performance.now() - began);
    this.#pace.stir();
  }

  /** Runs what waits in the group's transaction, and what arrives until the sync before it has ended and company is there. */
  async #gather(group: Group): Promise<void> {
    let free = performance.now();
    for (;;) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await group.add(next);
        if (group.size >= this.#maxGroup || (this.#syncing === undefined && this.#pace.enough(group.size))) break;
      }
      if (this.#syncing !== undefined) {
        const syncing = this.#syncing.works;
        await this.#pace.rest(Infinity);
        this.#pace.seen(syncing + group.size + this.#queue.length);
        free = performance.now();
        continue;
      }
      const patience = group.size >= this.#maxGroup ? 0 : this.#pace.patience(group.size, performance.now() - free);
      if (patience === 0) return;
      await this.#pace.rest(patience);
    }
  }

  /**
   * After a refused sync the log's pages may count as clean without being on the disk. A checkpoint writes them once more,
   * into the file, and syncs that; only then may anything be answered again.
   */
  async #makeSure(): Promise<void> {
    await this.#syncing?.done;
    const row = await new Work(this.#writer).get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (row?.busy !== 0) throw notSynced();
    this.#doubtful = false;
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

function closed(): TraceError {
  return new TraceError('STORE_UNAVAILABLE', 'the store is closed');
}

function notSynced(): TraceError {
  return new TraceError('STORE_UNAVAILABLE', 'the log could not be synced', { retryAfterMs: 1_000 });
}

function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
