import type { AskResult, SendResult } from '../domain/outcome.ts';
import type { Clock } from '../ports/clock.ts';
import type { Report } from '../ports/destination.ts';
import type { DeliveryRow } from './delivery-store.ts';

/** Batches of one batch key each, in the order of the rows. */
export function batches(rows: readonly DeliveryRow[], size: number): DeliveryRow[][] {
  const groups: DeliveryRow[][] = [];
  const open = new Map<string, DeliveryRow[]>();
  for (const row of rows) {
    let group = open.get(row.batchKey);
    if (group === undefined || group.length >= size) {
      group = [];
      open.set(row.batchKey, group);
      groups.push(group);
    }
    group.push(row);
  }
  return groups;
}

/** A result that could not be written because the store was full or away is worth some patience: writing it saves a question. */
export async function retryingStore(write: () => Promise<void>, stopping: AbortSignal, clock: Clock): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries >= 5 || stopping.aborted) throw error;
      await clock.sleep(500 * tries);
    }
  }
}

/** no call may take longer, whatever the connector does */
const CALL_LIMIT_MS = 240_000;

/** What is made of a call that gave no results of its own. */
export type ConnectorFault<R> = (reason: 'FAULT_IN_CONNECTOR' | 'TIMEOUT', text: string) => R;

export interface ConnectorCall<R> {
  readonly reports: readonly Report[];
  readonly rows: readonly DeliveryRow[];
  readonly call: (signal: AbortSignal) => Promise<readonly R[]>;
  readonly fault: ConnectorFault<R>;
  /** breaks the call off */
  readonly breakOff: AbortSignal;
  readonly faulty: (error: Error) => void;
}

/** Calls the connector; a throw, a wrong number of results or a call that never ends is taken as not known. */
export async function callConnector<R>({ reports, rows, call, fault, breakOff, faulty }: ConnectorCall<R>): Promise<readonly R[]> {
  const limit = AbortSignal.timeout(CALL_LIMIT_MS);
  try {
    const results = await Promise.race([call(AbortSignal.any([limit, breakOff])), rejectWhen(limit)]);
    if (results.length === reports.length && reports.length === rows.length) return results;
    return rows.map(() => fault('FAULT_IN_CONNECTOR', `${String(results.length)} results for ${String(rows.length)} reports`));
  } catch (error) {
    faulty(error as Error);
    return rows.map(() => fault(limit.aborted ? 'TIMEOUT' : 'FAULT_IN_CONNECTOR', (error as Error).message));
  }
}

/** Rejects when the signal is aborted; never resolves. */
function rejectWhen(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(new Error('the call took too long')); }, { once: true }); });
}

/** @returns what an attempt gave, in one word */
export function describeResult(result: SendResult | AskResult): string {
  return result.kind === 'settled' ? result.outcome.kind : result.kind;
}
