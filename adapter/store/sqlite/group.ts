import type { SqlQuery } from '../../ports/sql-driver.ts';
import type { Connection } from './connection.ts';
import { storeFaultOf } from './fault.ts';
import { Work } from './work.ts';

/** A work that waits for its transaction, and whoever waits for its value. */
export interface Pending {
  readonly work: (q: SqlQuery) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/**
 * Works that share one transaction and one sync. Almost always every work succeeds, so the first try pays for no savepoints;
 * when one fails, the transaction is rolled back and the group runs again with a savepoint each, so that it fails alone.
 */
export class Group {
  readonly #writer: Connection;
  readonly #members: Pending[] = [];
  #outcomes: Settled[] = [];
  #wrote = false;
  #failed = false;

  /** Opens the transaction. @throws TraceError STORE_* */
  constructor(writer: Connection) {
    this.#writer = writer;
    exec(writer, 'BEGIN IMMEDIATE');
  }

  get size(): number {
    return this.#members.length;
  }

  /** false when nothing was changed: there is nothing to sync */
  get wrote(): boolean {
    return this.#wrote;
  }

  /** Runs one more work. @throws TraceError STORE_* a fault of the store: nobody in the group is safe */
  async add(pending: Pending): Promise<void> {
    this.#members.push(pending);
    if (this.#failed) return; // all run again anyway
    const query = new Work(this.#writer);
    try {
      const value = await pending.work(query);
      query.end();
      this.#outcomes.push({ ok: true, value });
    } catch (error) {
      const fault = storeFaultOf(error);
      if (fault !== undefined) throw fault;
      this.#failed = true;
    } finally {
      query.close();
      this.#wrote ||= query.wrote;
    }
  }

  /** @throws TraceError STORE_* nothing was committed then */
  async commit(): Promise<void> {
    if (this.#failed) await this.#runAgain();
    exec(this.#writer, 'COMMIT');
  }

  /** Gives every member what its own work came to; after the sync. */
  answer(): void {
    this.#members.forEach((pending, at) => {
      const outcome = this.#outcomes[at];
      if (outcome?.ok === true) pending.resolve(outcome.value);
      else pending.reject(outcome?.error);
    });
  }

  /** Takes everything back and tells every member why; before the commit. */
  abandon(error: unknown): void {
    rollback(this.#writer);
    this.fail(error);
  }

  /** Tells every member that its work cannot be relied on. */
  fail(error: unknown): void {
    for (const pending of this.#members) pending.reject(error);
  }

  async #runAgain(): Promise<void> {
    rollback(this.#writer);
    this.#outcomes = [];
    this.#wrote = false;
    exec(this.#writer, 'BEGIN IMMEDIATE');
    for (const pending of this.#members) this.#outcomes.push(await this.#runAlone(pending));
  }

  async #runAlone(pending: Pending): Promise<Settled> {
    exec(this.#writer, 'SAVEPOINT work');
    const query = new Work(this.#writer);
    try {
      const value = await pending.work(query);
      query.end();
      this.#wrote ||= query.wrote;
      exec(this.#writer, 'RELEASE work');
      return { ok: true, value };
    } catch (error) {
      query.close();
      // a fault of the store (disk full, file damaged) may have ended the whole transaction
      const fault = storeFaultOf(error);
      if (fault !== undefined) throw fault;
      exec(this.#writer, 'ROLLBACK TO work');
      exec(this.#writer, 'RELEASE work');
      return { ok: false, error };
    }
  }
}

/** @throws TraceError STORE_* for a fault of the store; the statement's own error otherwise */
export function exec(connection: Connection, sql: string): void {
  try {
    connection.db.exec(sql);
  } catch (error) {
    throw storeFaultOf(error) ?? error;
  }
}

export function rollback(connection: Connection): void {
  if (connection.db.isTransaction !== false) quietly(() => { connection.db.exec('ROLLBACK'); });
}

export function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // a rollback or checkpoint that fails leaves nothing behind that the next statement would not report itself
  }
}
