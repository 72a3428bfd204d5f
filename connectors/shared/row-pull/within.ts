import { RowFault } from './row-fault.ts';

/**
 * Runs one call against the database under a deadline of ours: the time-outs of drivers stack up and some of them fire only after
 * the statement ended (his.md i.1, i.8). The signal given to the work fires at the deadline or when we stop, and the promise settles
 * then even if the driver does not.
 * @throws RowFault `timeout` at the deadline, `stopped` when the outer signal fires, or what the work threw
 */
export async function within<T>(timeoutMs: number, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (stop.aborted) throw new RowFault('stopped', 'STOPPED', 'stopping');
  const control = new AbortController();
  let settle: ((fault: RowFault) => void) | undefined;
  const cut = new Promise<never>((_resolve, reject) => { settle = reject; });
  const end = (fault: RowFault): void => {
    settle?.(fault);
    control.abort(fault);
  };
  const timer = setTimeout(() => { end(new RowFault('timeout', 'DEADLINE', `no answer within ${String(timeoutMs)} ms`)); }, timeoutMs);
  const stopped = (): void => { end(new RowFault('stopped', 'STOPPED', 'stopping')); };
  stop.addEventListener('abort', stopped, { once: true });
  const running = work(control.signal);
  // when the deadline wins, what the driver says later is nobody's business
  running.catch(() => undefined);
  try {
    return await Promise.race([running, cut]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', stopped);
  }
}
