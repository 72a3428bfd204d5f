import { existsSync } from 'node:fs';
import { TraceError } from '../domain/error.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { planMigrations } from '../store/migrate.ts';
import { storeFile } from '../store/open-store.ts';
import { openPostgres } from '../store/postgres/driver.ts';
import { Connection } from '../store/sqlite/connection.ts';
import { openDatabase, type Database } from '../store/sqlite/database.ts';
import { storeFaultOf } from '../store/sqlite/fault.ts';
import { Work } from '../store/sqlite/work.ts';

/** The store, looked at and never changed. */
export type ReadOnlyStore = Pick<SqlDriver, 'dialect' | 'read' | 'close'>;

/**
 * Opens the store for reading only: the embedded one read-only at the file system, PostgreSQL in read-only transactions. Migrates
 * nothing; the service may run meanwhile.
 * @throws TraceError STORE_UNAVAILABLE when there is none, STORE_MIGRATION when it is of another version of the program
 */
export async function openReadOnly(url: string): Promise<ReadOnlyStore> {
  const driver = url.startsWith('file:') ? openFile(storeFile(url)) : await openPostgres({ url });
  try {
    const { pending } = await planMigrations(driver);
    if (pending.length > 0) throw new TraceError('STORE_MIGRATION', `the store lacks ${pending.map(({ name }) => name).join(', ')}`);
    return driver;
  } catch (error) {
    await driver.close();
    throw error;
  }
}

function openFile(path: string): SqlDriver {
  if (!existsSync(path)) throw new TraceError('STORE_UNAVAILABLE', `${path}: ENOENT`);
  try {
    return new ReadOnlyFile(openDatabase(path, { readOnly: true }));
  } catch (error) {
    throw storeFaultOf(error) ?? new TraceError('STORE_UNAVAILABLE', (error as Error).message, { cause: error });
  }
}

class ReadOnlyFile implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly db: Database) {
    db.exec('PRAGMA busy_timeout=3000');
    db.exec('PRAGMA query_only=ON');
    this.#connection = new Connection(db);
  }

  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const query = new Work(this.#connection);
      this.db.exec('BEGIN');
      try {
        const value = await work(query);
        query.end();
        return value;
      } finally {
        query.close();
        this.db.exec('COMMIT');
      }
    };
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  write<T>(): Promise<T> {
    return Promise.reject(new TraceError('STORE_READ_ONLY'));
  }

  script(): Promise<void> {
    return Promise.reject(new TraceError('STORE_READ_ONLY'));
  }

  async close(): Promise<void> {
    await this.#last;
    this.db.close();
  }
}
