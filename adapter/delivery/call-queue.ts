import type { DeliveryRow } from './delivery-store.ts';
import { batches } from './lane-call.ts';

/** Rows of one call. */
export interface CallGroup { readonly act: 'send' | 'ask'; readonly rows: readonly DeliveryRow[] }

/** How many calls of each kind may begin, `free` of both together, and whose turn it is where both want the same place. */
export type Room = Readonly<Record<CallGroup['act'] | 'free', number>> & { readonly first: CallGroup['act'] };

/**
 * Calls of a lane that are under way, and claimed rows whose call has no place yet: the rows of one claim may belong to as many
 * calls as there are rows, and a platform bears only so many at once, in an outage one.
 */
export class CallQueue {
  #waiting: CallGroup[] = [];
  readonly #under: Record<CallGroup['act'], number> = { send: 0, ask: 0 };
  readonly #calling = new Set<CallGroup>();
  readonly #inHand = new Set<number>();
  #asksTurn = false;

  /** deliveries that are claimed, waiting or under way; only their leases are renewed */
  get inHand(): ReadonlySet<number> { return this.#inHand; }
  /** calls that are claimed and have no place yet */
  get waiting(): number { return this.#waiting.length; }

  /** Questions get at most half of the places and go first, so that neither starves; a place nobody asks in is used to send. */
  room(limit: number): Room {
    const free = Math.max(0, limit - this.#under.send - this.#under.ask);
    const ask = Math.min(free, Math.max(0, Math.max(1, Math.floor(limit / 2)) - this.#under.ask));
    // with room for one call only, take turns
    if (free === 1 && ask === 1) this.#asksTurn = !this.#asksTurn;
    return { free, ask, send: free, first: free === 1 && !this.#asksTurn ? 'send' : 'ask' };
  }

  /** Takes claimed rows, in calls of at most `size` rows of one batch key. */
  add(act: CallGroup['act'], rows: readonly DeliveryRow[], size: number): void {
    for (const row of rows) this.#inHand.add(row.deliveryNo);
    for (const group of batches(rows, size)) this.#waiting.push({ act, rows: group });
  }

  /** @returns the first call for which there is room, now under way; `end` has to be called for it */
  begin(room: Room): CallGroup | undefined {
    const group = this.#waiting.find(({ act }) => room[act] > 0);
    if (group === undefined) return undefined;
    this.#waiting = this.#waiting.filter((other) => other !== group);
    this.#under[group.act] += 1;
    this.#calling.add(group);
    return group;
  }

  /** The platform has answered, or will not be asked: the place is free while the result is written. */
  answered(group: CallGroup): void {
    if (this.#calling.delete(group)) this.#under[group.act] -= 1;
  }

  end(group: CallGroup): void {
    this.answered(group);
    for (const row of group.rows) this.#inHand.delete(row.deliveryNo);
  }

  /** @returns the rows that were waiting; they are no longer in hand */
  giveBack(): DeliveryRow[] {
    const rows = this.#waiting.splice(0).flatMap((group) => group.rows);
    for (const row of rows) this.#inHand.delete(row.deliveryNo);
    return rows;
  }
}
