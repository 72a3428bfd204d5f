import type { Counters } from '../ports/counters.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';

/** primary key of counter */
export const RESERVE = `INSERT INTO counter (institution, name, next_value) VALUES (?, ?, ?)
  ON CONFLICT (institution, name) DO UPDATE SET next_value = counter.next_value + ? RETURNING next_value`;
export const RECALL = 'SELECT text_value FROM counter WHERE institution = ? AND name = ?';
export const REMEMBER = `INSERT INTO counter (institution, name, text_value) VALUES (?, ?, ?)
  ON CONFLICT (institution, name) DO UPDATE SET text_value = excluded.text_value`;

/** @returns counters on the table `counter`; two processes never get the same number, numbers may have gaps */
export function createCounters(driver: SqlDriver): Counters {
  return {
    reserve: async (institution, name, size) => {
      if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('a block of numbers has at least one');
      const row = await driver.write((q) => q.get<{ next_value: number }>(RESERVE, [institution, name, size + 1, size]));
      if (row === undefined) throw new Error('the counter gave no number');
      return row.next_value - size;
    },
    recall: async (institution, name) => {
      const row = await driver.read((q) => q.get<{ text_value: string | null }>(RECALL, [institution, name]));
      return row?.text_value ?? undefined;
    },
    remember: async (institution, name, value) => {
      await driver.write((q) => q.run(REMEMBER, [institution, name, value]));
    },
  };
}
