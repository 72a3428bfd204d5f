/**
 * States of a delivery (上报任务). Who sets them, what start-up does with them and what the pharmacist sees: adapter/README.md.
 */
export const DELIVERY_STATES = [
  'held', 'queued', 'claimed', 'sent', 'processing', 'unknown', 'accepted', 'duplicate', 'not-owed', 'withdrawn', 'rejected', 'needs-attention',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Nothing more will happen: the platform has it, or it is not owed. */
export const SETTLED_STATES: readonly DeliveryState[] = ['accepted', 'duplicate', 'not-owed', 'withdrawn'];

/** Somebody has to act. */
export const ATTENTION_STATES: readonly DeliveryState[] = ['rejected', 'needs-attention'];

/** Still on its way by itself. */
export const PENDING_STATES: readonly DeliveryState[] = ['held', 'queued', 'claimed', 'sent', 'processing', 'unknown'];

export function isSettled(state: DeliveryState): boolean {
  return SETTLED_STATES.includes(state);
}

export function isPending(state: DeliveryState): boolean {
  return PENDING_STATES.includes(state);
}

/** The condition of the partial index delivery_due, in its own words: SQLite uses the index only for a query that repeats them. */
export const OPEN_STATES_SQL = "state IN ('queued', 'claimed', 'sent', 'processing', 'unknown', 'held')";
/** The condition of the partial index delivery_attention. */
export const ATTENTION_STATES_SQL = "state IN ('rejected', 'needs-attention')";

/**
 * @param row alias of the delivery
 * @returns the condition that a row goes no further by itself, and the platform has nothing of it: it waits for a settlement or a person
 */
export function waitsForSomebody(row: string): string {
  return `(${row}.state IN ('held', 'needs-attention') OR (${row}.state = 'rejected' AND COALESCE(${row}.reason, '') <> 'PARTLY_REJECTED'))`;
}
