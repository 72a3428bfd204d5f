/** How long a lease has to stand still before its holder is taken for dead; a living one renews it every 30 s (lane.ts). */
export const LEASE_WATCH_MS = 120_000;

interface Lease { readonly delivery_no: number; readonly claimed_by: string | null; readonly lease_until: number | null }

/**
 * Watches the leases of reports that are being sent, on this process's own steady clock: whether a holder lives is judged by
 * whether its lease changes, never by comparing clocks of two hosts or of one host before and after it was set.
 */
export class LeaseWatch {
  readonly #lanes = new Map<string, Map<number, { readonly lease: string; readonly since: number }>>();

  /**
   * @param lane names the lane; only what the last look at it saw is remembered
   * @returns those that have not changed for LEASE_WATCH_MS
   */
  standingStill<L extends Lease>(lane: string, leases: readonly L[], steadyNow: number): L[] {
    const before = this.#lanes.get(lane);
    const seen = new Map<number, { readonly lease: string; readonly since: number }>();
    const still: L[] = [];
    for (const row of leases) {
      const lease = `${row.claimed_by ?? ''} ${String(row.lease_until)}`;
      const known = before?.get(row.delivery_no);
      const since = known?.lease === lease ? known.since : steadyNow;
      seen.set(row.delivery_no, { lease, since });
      if (steadyNow - since >= LEASE_WATCH_MS) still.push(row);
    }
    this.#lanes.set(lane, seen);
    return still;
  }
}
