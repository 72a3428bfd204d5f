import type { SqlQuery } from '../ports/sql-driver.ts';
import { listDiscrepancies, moveDiscrepancy, type Discrepancy, type DiscrepancyFilter, type DiscrepancyState } from './discrepancy-store.ts';

/** Which way a person, or the supplier's answer, may move a discrepancy. */
const NEXT: Readonly<Record<DiscrepancyState, readonly DiscrepancyState[]>> = {
  'open': ['fed-back', 'answered', 'settled'], 'fed-back': ['fed-back', 'answered', 'settled'], 'answered': ['fed-back', 'answered', 'settled'], 'settled': ['open'],
};
const MAX_MOVED = 5_000;

export interface DiscrepancyMove {
  readonly to: DiscrepancyState;
  /** what was fed back or answered, or why it is settled */
  readonly note: string;
  readonly by: string;
  readonly atMs: number;
  readonly owner?: string | undefined;
}

/** @returns whether a discrepancy may be moved so */
export function mayMove(from: DiscrepancyState, to: DiscrepancyState): boolean {
  return NEXT[from].includes(to);
}

/** Moves the discrepancies of the filter on, at most 5,000; those that cannot be moved so are counted, not touched. */
export async function moveDiscrepancies(q: SqlQuery, filter: Omit<DiscrepancyFilter, 'limit' | 'after'>, move: DiscrepancyMove): Promise<{ readonly matched: number; readonly changed: number; readonly moved: readonly Discrepancy[] }> {
  const found = await listDiscrepancies(q, { ...filter, limit: MAX_MOVED });
  const movable = found.filter(({ state }) => mayMove(state, move.to));
  for (const one of movable) await moveDiscrepancy(q, filter.institution, one, { state: move.to, by: move.by, at: move.atMs, note: move.note, ...(move.owner === undefined ? {} : { owner: move.owner }) });
  return { matched: found.length, changed: movable.length, moved: movable };
}
