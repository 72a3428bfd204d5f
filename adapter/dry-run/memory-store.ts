import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { migrate } from '../store/migrate.ts';
import { Connection } from '../store/sqlite/connection.ts';
import { openDatabase, type Database } from '../store/sqlite/database.ts';
import { attempt, Work } from '../store/sqlite/work.ts';

/**
 * A store that lives in memory only and is gone when it is closed: what a dry run computes touches no disk, so no patient data is left
 * anywhere. One work after another on one connection; nothing is ever durable.
 */
class MemoryStore implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly db: Database) {
    this.#connection = new Connection(db);
  }

  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    return this.#next(work);
  }

  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    return this.#next(work);
  }

  async script(sql: string): Promise<void> {
    await this.#last;
    await attempt(() => { this.db.exec(sql); });
  }

  async close(): Promise<void> {
    await this.#last;
    this.db.close();
  }

  #next<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const query = new Work(this.#connection);
      this.db.exec('BEGIN');
      try {
        const value = await work(query);
        query.end();
        this.db.exec('COMMIT');
        return value;
      } catch (error) {
        this.db.exec('ROLLBACK');
        throw error;
      } finally {
        query.close();
      }
    };
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** @returns an empty store in memory at the version of this program */
export async function openMemoryStore(): Promise<SqlDriver> {
  const store = new MemoryStore(openDatabase(':memory:'));
  await migrate(store);
  return store;
}
