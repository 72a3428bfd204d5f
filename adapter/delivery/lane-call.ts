import type { AskResult, SendResult } from '../domain/outcome.ts';
import type { Clock } from '../ports/clock.ts';
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

/** Rejects when the signal is aborted; never resolves. */
export function rejectWhen(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(new Error('the call took too long')); }, { once: true }); });
}

/** @returns what an attempt gave, in one word */
export function describeResult(result: SendResult | AskResult): string {
  return result.kind === 'settled' ? result.outcome.kind : result.kind;
}
