import type { AskResult, SendResult } from '../../../adapter/domain/outcome.ts';
import type { Destination, Report } from '../../../adapter/ports/destination.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import { mahAlihealth } from '../../../connectors/mah-alihealth/index.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { HOSPITAL, mahSettings, MemoryCounters } from './fixtures.ts';

export interface OpenDestination {
  readonly destination: Destination;
  readonly counters: MemoryCounters;
  readonly clock: MovableClock;
  send(report: Report, signal?: AbortSignal): Promise<SendResult>;
  ask(report: Report, signal?: AbortSignal): Promise<AskResult>;
}

/** The real time with an offset that a test moves; waiting moves it too, so that nothing really waits. */
export class MovableClock {
  offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.offset += ms;
    return Promise.resolve();
  }
}

/** @returns the connector as the product makes it, with quick rates and everything a test may change */
export function openDestination(url: string, change: Partial<MahSettings> = {}, options: { readonly institutions?: readonly Institution[]; readonly counters?: MemoryCounters } = {}): OpenDestination {
  const counters = options.counters ?? new MemoryCounters();
  const clock = new MovableClock();
  const destination = mahAlihealth.create({
    name: 'mah', settings: mahSettings({ gateway: url, rate: { uploadsPerSecond: 1_000, queriesPerSecond: 1_000 }, uploadTimeout: 300, queryTimeout: 300, ...change }),
    institutions: options.institutions ?? [HOSPITAL], clock, log: silentLog, counters, count: () => undefined,
  });
  const never = new AbortController().signal;
  return {
    destination, counters, clock,
    send: async (report, signal = never) => first(await destination.send([report], { signal })),
    ask: async (report, signal = never) => first(await destination.ask([report], { signal })),
  };
}

function first<T>(list: readonly T[]): T {
  const [only] = list;
  if (only === undefined) throw new Error('no result');
  return only;
}
