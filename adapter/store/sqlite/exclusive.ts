import { TraceError } from '../../domain/error.ts';
import { openDatabase, type Database } from './database.ts';

/**
 * Makes sure that one service works on an embedded store at a time: two would each take the other's reports under way for
 * leftovers of a crash. The lock is one of the operating system on a file beside the store, so a crash frees it.
 * Command-line tools do not take it; they only write what the service will find.
 */
export interface ExclusiveLock { release(): void }

/** @throws TraceError STORE_UNAVAILABLE when another service runs on the store */
export function lockStore(path: string): ExclusiveLock {
  let db: Database | undefined;
  try {
    db = openDatabase(`${path}.lock`);
    db.exec('PRAGMA busy_timeout=1500');
    db.exec('PRAGMA journal_mode=DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw new TraceError('STORE_UNAVAILABLE', `另一个 his-trace 服务正在使用 ${path}`, { cause: error });
  }
  const held = db;
  return {
    release: () => {
      held.exec('ROLLBACK');
      held.close();
    },
  };
}
