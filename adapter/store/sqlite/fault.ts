import { TraceError, type ErrorCode } from '../../domain/error.ts';

/** Primary result codes of SQLite that mean "the store", not "this statement". */
const STORE_FAULTS: Readonly<Record<number, ErrorCode>> = {
  5: 'STORE_UNAVAILABLE', // BUSY: another process holds the file longer than we wait
  6: 'STORE_UNAVAILABLE', // LOCKED
  7: 'STORE_UNAVAILABLE', // NOMEM
  8: 'STORE_READ_ONLY',
  10: 'STORE_UNAVAILABLE', // IOERR; the full-disk kinds are told apart below
  11: 'STORE_CORRUPT',
  13: 'STORE_FULL',
  14: 'STORE_UNAVAILABLE', // CANTOPEN
  26: 'STORE_CORRUPT', // NOTADB
};

/** @returns the published error for a fault of the store itself, or undefined when the fault is the statement's own */
export function storeFaultOf(error: unknown): TraceError | undefined {
  if (error instanceof TraceError) return error.code.startsWith('STORE_') ? error : undefined;
  const errcode = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof errcode !== 'number') return undefined;
  const code = STORE_FAULTS[errcode & 0xff];
  if (code === undefined) return undefined;
  return new TraceError(code, (error as Error).message, { cause: error, retryAfterMs: 5_000 });
}
