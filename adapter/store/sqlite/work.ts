import type { SqlQuery, SqlValue } from '../../ports/sql-driver.ts';
import type { Connection } from './connection.ts';
import { storeFaultOf } from './fault.ts';

/** The statements of one work. A failure it swallows must not be committed: on PostgreSQL it cannot be, so nowhere. */
export class Work implements SqlQuery {
  #open = true;
  #failure: unknown;
  /** true when it may have changed something */
  wrote = false;

  constructor(readonly connection: Connection) {}

  get<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row | undefined> {
    this.wrote ||= !reads(sql);
    return this.#attempt(() => this.connection.prepare(sql, params).get(...params) as Row | undefined);
  }

  all<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    this.wrote ||= !reads(sql);
    return this.#attempt(() => this.connection.prepare(sql, params).all(...params) as Row[]);
  }

  run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    return this.#attempt(() => {
      const changes = Number(this.connection.prepare(sql, params).run(...params).changes);
      if (changes !== 0) this.wrote = true;
      return changes;
    });
  }

  /** Takes no more statements. @throws the first failure of a statement, swallowed or not */
  end(): void {
    this.#open = false;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  close(): void {
    this.#open = false;
  }

  #attempt<T>(call: () => T): Promise<T> {
    if (!this.#open) return Promise.reject(new Error('the transaction of this query has ended'));
    try {
      return Promise.resolve(call());
    } catch (error) {
      const failure = storeFaultOf(error) ?? (error as Error);
      this.#failure ??= failure;
      const rejected = Promise.reject<T>(failure);
      // a work that does not wait for a statement fails at its end; the failure is not lost before
      rejected.catch(() => undefined);
      return rejected;
    }
  }
}

/** A statement that can only read; one that does both (RETURNING, WITH) is taken for writing. */
function reads(sql: string): boolean {
  return /^\s*SELECT\b/i.test(sql);
}

/** @returns what the call gives, its faults translated */
export function attempt<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(storeFaultOf(error) ?? (error as Error));
  }
}
