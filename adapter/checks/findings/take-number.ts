import type { SqlQuery } from '../../ports/sql-driver.ts';
import { RESERVE } from '../../store/counters.ts';

/** @returns the next number under the name, taken in the caller's transaction: two of them never get the same */
export async function takeNumber(q: SqlQuery, institution: string, name: string): Promise<number> {
  const row = await q.get<{ next_value: number }>(RESERVE, [institution, name, 2, 1]);
  if (row === undefined) throw new Error('the counter gave no number');
  return row.next_value - 1;
}
