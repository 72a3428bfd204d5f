import { TraceError, type ErrorCode } from '../../domain/error.ts';

/** SQLSTATE codes (PostgreSQL manual, appendix A) that mean "the store", not "this statement". */
const STORE_FAULTS: Readonly<Record<string, ErrorCode>> = {
  '53100': 'STORE_FULL', // disk_full
  '25006': 'STORE_READ_ONLY', // read_only_sql_transaction: a standby, or default_transaction_read_only
  '42501': 'STORE_READ_ONLY', // insufficient_privilege: an account that may only read
  XX001: 'STORE_CORRUPT', // data_corrupted
  XX002: 'STORE_CORRUPT', // index_corrupted
  '53000': 'STORE_UNAVAILABLE',
  '53200': 'STORE_UNAVAILABLE', // out_of_memory
  '53300': 'STORE_UNAVAILABLE', // too_many_connections
  '53400': 'STORE_UNAVAILABLE',
  '55P03': 'STORE_UNAVAILABLE', // lock_not_available: lock_timeout
  '57014': 'STORE_UNAVAILABLE', // query_canceled: statement_timeout
  '58000': 'STORE_UNAVAILABLE',
  '58030': 'STORE_UNAVAILABLE', // io_error
  '28000': 'STORE_UNAVAILABLE', // invalid_authorization_specification
  '28P01': 'STORE_UNAVAILABLE', // invalid_password
  '3D000': 'STORE_UNAVAILABLE', // no such database
};

/** The session is gone with these: server stopped, backend killed, idle too long in a transaction. */
const SESSION_LOST = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '08000', '08001', '08003', '08004', '08006', '08007']);
const SOCKET_LOST = new Set(['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES']);
/** The client library has no codes for these. */
const LOST_MESSAGE = /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed) and is not queryable|timeout expired|Cannot use a pool after)/;

/** serialization_failure and deadlock_detected: the same work, run again, will do */
const CONFLICTS = new Set(['40001', '40P01']);
/** A prepared statement that the server no longer accepts: columns changed under it, or a pooler switched servers. */
const STALE_STATEMENT = new Set(['26000', '0A000']);

export function isDuplicateKey(error: unknown): boolean {
  return stateOf(error) === '23505';
}

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(stateOf(error));
}

/** @returns true when the connection cannot be used any more */
export function isConnectionLost(error: unknown): boolean {
  const state = stateOf(error);
  if (SESSION_LOST.has(state) || SOCKET_LOST.has(state)) return true;
  return error instanceof Error && LOST_MESSAGE.test(error.message);
}

/** @returns true when the same statement will do on a new connection */
export function isStaleStatement(error: unknown): boolean {
  const state = stateOf(error);
  return state === '0A000' ? messageOf(error).includes('cached plan') : STALE_STATEMENT.has(state);
}

/** @returns the published error for a fault of the store itself, or undefined when the fault is the statement's own */
export function storeFaultOf(error: unknown): TraceError | undefined {
  if (error instanceof TraceError) return error.code.startsWith('STORE_') ? error : undefined;
  const code = isConnectionLost(error) ? 'STORE_UNAVAILABLE' : codeOf(error);
  return code === undefined ? undefined : storeFault(code, messageOf(error), error);
}

/** @returns an error that the caller may try again after a while */
export function storeFault(code: ErrorCode, detail: string, cause?: unknown): TraceError {
  return new TraceError(code, detail, { ...(cause === undefined ? {} : { cause }), retryAfterMs: 5_000 });
}

function codeOf(error: unknown): ErrorCode | undefined {
  // a full disk under the log or a sort file may come as a plain input/output error
  if (stateOf(error) !== '' && messageOf(error).includes('No space left on device')) return 'STORE_FULL';
  return STORE_FAULTS[stateOf(error)];
}

function stateOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
