import { chinaCompact } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';

/** Counter of leased seconds, counted from this instant; shared by all destinations of an institution. */
const COUNTER = 'nhsa-msgid-second';
const EPOCH_S = Date.parse('2020-01-01T00:00:00+08:00') / 1000;

/** four digits, 0001 to 9999 */
const LAST = 9_999;
/** seconds leased at once: 1, doubled while leases follow each other, so that a crash loop does not run ahead of the clock */
const LONGEST_LEASE_S = 16;
/** a gap up to this is skipped at once, a longer one by halves: several processes may be skipping the same gap */
const SMALL_GAP_S = 64;
const RESERVE_ATTEMPTS = 64;

interface Lease {
  /** seconds since EPOCH_S that belong to us alone, both included */
  readonly from: number;
  readonly to: number;
  /** second and number used last */
  second: number;
  used: number;
}

/**
 * msgid (发送方报文ID): institution code (12) + yyyyMMddHHmmss + 4-digit number, never the same twice.
 *
 * The seconds themselves are leased from a durable counter before use: a leased second belongs to one process and is never leased
 * again, so no restart, no second process and no clock that is set back can repeat an id, and a durable write is needed per lease
 * only. The time in the id is the present second as long as the clock moves forward; right after a restart, with a clock set back,
 * or beyond 9,999 ids a second it runs ahead of the clock.
 */
export class MessageIds {
  readonly #leases = new Map<string, Lease>();
  readonly #leasing = new Map<string, Promise<void>>();

  constructor(private readonly deps: { readonly clock: Clock; readonly counters: Counters }) {}

  /** @throws Error when the counter cannot be written; nothing has been sent then */
  async next(institution: string): Promise<string> {
    for (let attempt = 0; attempt < RESERVE_ATTEMPTS; attempt += 1) {
      const lease = this.#leases.get(institution);
      const id = lease === undefined ? undefined : this.#take(institution, lease);
      if (id !== undefined) return id;
      await this.#renew(institution);
    }
    throw new Error('no message id could be leased');
  }

  /** @returns the next id of the lease, or undefined when another lease is needed */
  #take(institution: string, lease: Lease): string | undefined {
    const now = this.#now();
    if (now > lease.to) return undefined;
    if (now > lease.second) {
      lease.second = now;
      lease.used = 0;
    }
    if (lease.used >= LAST) {
      if (lease.second >= lease.to) return undefined;
      lease.second += 1;
      lease.used = 0;
    }
    lease.used += 1;
    return institution.padEnd(12, '0').slice(0, 12) + chinaCompact((lease.second + EPOCH_S) * 1000) + String(lease.used).padStart(4, '0');
  }

  /** Concurrent callers share one lease. */
  async #renew(institution: string): Promise<void> {
    const underWay = this.#leasing.get(institution);
    if (underWay !== undefined) {
      await underWay;
      return;
    }
    const leasing = this.#lease(institution).finally(() => this.#leasing.delete(institution));
    this.#leasing.set(institution, leasing);
    await leasing;
  }

  async #lease(institution: string): Promise<void> {
    const before = this.#leases.get(institution);
    const idle = before === undefined ? Infinity : this.#now() - before.to;
    const wanted = before === undefined || idle > SMALL_GAP_S ? 1 : Math.min((before.to - before.from + 1) * 2, LONGEST_LEASE_S);
    let size = idle > 0 && idle <= SMALL_GAP_S ? idle + wanted - 1 : wanted;
    for (let attempt = 0; attempt < RESERVE_ATTEMPTS; attempt += 1) {
      const first = await this.deps.counters.reserve(institution, COUNTER, size);
      const to = first + size - 1;
      const gap = this.#now() - to;
      if (gap <= 0) {
        const from = Math.max(first, Math.min(this.#now(), to));
        this.#leases.set(institution, { from, to, second: from, used: 0 });
        return;
      }
      size = gap > SMALL_GAP_S ? Math.ceil(gap / 2) : gap + wanted - 1;
    }
    throw new Error('the counter of message ids does not catch up with the clock');
  }

  #now(): number {
    return Math.floor(this.deps.clock.now() / 1000) - EPOCH_S;
  }
}
