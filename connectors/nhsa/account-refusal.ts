import type { AnswerClass } from './answers.ts';
import type { CallFault } from './exchange.ts';
import type { Prepared } from './prepare.ts';
import { halve, transactionOf } from './send-run.ts';
import type { Run, Stop } from './send-run.ts';

/**
 * Refusals that speak of account, grant or address and yet may be caused by one row: a gateway that dislikes a character in it
 * (403, 400), a row too many (413), a drug or an area the account has no right to. The whole batch must not wait for that row,
 * and a real failure must not be asked about row by row: one row decides which of the two it is.
 */
const REASONS: ReadonlySet<string> = new Set(['AUTH', 'NOT_GRANTED', 'CONFIGURATION']);
const STATUSES: ReadonlySet<string> = new Set(['HTTP 400', 'HTTP 401', 'HTTP 403', 'HTTP 413']);
const TOO_LARGE = 'HTTP 413';

/** proven refusals of one row before it waits for a person */
const TRIES = 3;
/** rows in a row after which the account is doubted again: it may have been locked in the middle of a run */
const DOUBT_AFTER = 3;

/** @returns true for a refusal text of this kind */
export function isAccountText({ reason, then }: AnswerClass): boolean {
  return REASONS.has(reason) && (then === 'retry' || then === 'sign-in-again');
}

/** @returns true for an HTTP status of this kind; a sign-in that failed is never about the rows */
export function isAccountStatus(fault: CallFault): boolean {
  return fault.kind === 'unavailable' && fault.signIn !== true && STATUSES.has(fault.peerCode ?? '');
}

/** Puts one row in front of its batch when the account was refused last time. @returns whether it did */
export function probesFirst(run: Run, batch: readonly Prepared[]): boolean {
  const [first] = batch;
  if (first === undefined || batch.length < 2 || run.accountWell || !run.deps.memory.isDoubted(transactionOf(first))) return false;
  queueProbe(run, batch);
  return true;
}

/** Something was done for us, or refused for its content: account, signature and address are good. */
export function accountPassed(run: Run, row: Prepared): void {
  run.accountWell = true;
  run.refusedInARow = 0;
  run.deps.memory.passed(transactionOf(row));
}

/** A call was refused as if by the account: probe, halve, or say what becomes of the one row. */
export async function accountRefused(run: Run, batch: readonly Prepared[], fault: Stop): Promise<void> {
  const [row] = batch;
  if (row === undefined) return;
  if (batch.length > 1) {
    if (run.accountWell || fault.peerCode === TOO_LARGE) halve(run, batch);
    else queueProbe(run, batch);
    return;
  }
  const { memory, log } = run.deps;
  const transaction = transactionOf(row);
  const proven = run.accountWell || memory.othersPassed(row.key, transaction) || (await queryPasses(run, row, fault));
  const times = memory.refusedAlone(row.key, { transaction, proven });
  if (!proven) {
    memory.doubt(transaction);
    run.results.set(row.index, { kind: 'unavailable', ...fault });
    run.stopped = fault;
    return;
  }
  run.refusedInARow += 1;
  if (times < TRIES) run.results.set(row.index, { kind: 'unavailable', ...fault });
  else {
    const { retryAfterMs: _, ...known } = fault;
    run.results.set(row.index, { kind: 'rejected', ...known, peerText: `同类上报正常，仅本行连续 ${String(times)} 次被拒：${fault.peerText ?? fault.peerCode ?? ''}` });
    memory.settled(row.report.key, row.key);
    log.warn('nhsa row refused as if by the account while others pass', { infno: row.infno, reason: fault.reason });
  }
  if (run.refusedInARow < DOUBT_AFTER) return;
  memory.doubt(transaction);
  run.accountWell = false;
  run.stopped = fault;
}

/** The row that was refused least is the probe: next time it is another one, so that a bad row cannot pass for a bad account twice. */
function queueProbe(run: Run, batch: readonly Prepared[]): void {
  const { memory } = run.deps;
  const probe = batch.reduce((best, row) => (memory.refusals(row.key) < memory.refusals(best.key) ? row : best));
  run.probing = true;
  run.queue.unshift([probe], batch.filter((row) => row !== probe));
}

/**
 * A row without neighbours: where this transaction has passed before, an answered query under the same account shows that the
 * account is good. A grant is given per transaction, so a query proves nothing about one.
 */
async function queryPasses(run: Run, row: Prepared, fault: Stop): Promise<boolean> {
  if (run.probing || run.stopped !== undefined || fault.reason === 'NOT_GRANTED' || !run.deps.memory.hasPassed(transactionOf(row))) return false;
  const asked = await run.deps.readBack(row.report, run.signal);
  return asked.kind === 'absent';
}
