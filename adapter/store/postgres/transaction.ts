import type { Pool } from 'pg';
import type { SqlQuery } from '../../ports/sql-driver.ts';
import { isConflict, isConnectionLost, isDuplicateKey, isStaleStatement, storeFault, storeFaultOf } from './fault.ts';
import { Session } from './session.ts';
import type { Statements } from './statements.ts';

/** How a transaction went. `again`: nothing was kept and the same work may run once more. */
export type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'again'; readonly why: 'conflict' | 'connection' | 'duplicate'; readonly error: unknown };

export interface TransactionDeps {
  readonly pool: Pool;
  readonly statements: Statements;
}

/** Runs the work in one transaction. Resolves `done` only after the server has confirmed COMMIT. */
export async function inTransaction<T>(deps: TransactionDeps, begin: string, work: (q: SqlQuery) => Promise<T>): Promise<Ended<T>> {
  let session: Session;
  try {
    session = new Session(await deps.pool.connect(), deps.statements);
  } catch (error) {
    return { kind: 'failed', error: storeFaultOf(error) ?? storeFault('STORE_UNAVAILABLE', (error as Error).message, error) };
  }
  let committing = false;
  try {
    await session.control(begin);
    const value = await Promise.race([work(session), session.lost]);
    await session.finish();
    if (session.failure !== undefined) throw storeFaultOf(session.failure) ?? (session.failure as Error);
    committing = true;
    const done = await session.control('COMMIT');
    // a transaction that the server had given up answers COMMIT with ROLLBACK, and no error
    if (done !== 'COMMIT') throw storeFault('STORE_UNAVAILABLE', `COMMIT was answered with ${done}`);
    session.leave(true);
    return { kind: 'done', value };
  } catch (error) {
    return await ended(session, error, committing);
  }
}

async function ended(session: Session, error: unknown, committing: boolean): Promise<Ended<never>> {
  const failure = session.failure;
  if (isConnectionLost(failure)) {
    session.leave(false);
    // lost in the middle of COMMIT: it may have been kept, so running it again could do it twice
    return committing ? { kind: 'failed', error } : { kind: 'again', why: 'connection', error };
  }
  // after a fault of the store the connection goes too: behind the same address there may be another server by now
  const sound = failure === undefined || (storeFaultOf(failure) === undefined && !isStaleStatement(failure));
  session.leave(sound && await rolledBack(session));
  if (isConflict(failure)) return { kind: 'again', why: 'conflict', error };
  // two works at once may both have found a key free; run again, the second finds the row of the first, as on SQLite
  if (isDuplicateKey(failure)) return { kind: 'again', why: 'duplicate', error };
  if (isStaleStatement(failure)) return { kind: 'again', why: 'connection', error };
  return { kind: 'failed', error };
}

async function rolledBack(session: Session): Promise<boolean> {
  try {
    await session.finish();
    await session.control('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
