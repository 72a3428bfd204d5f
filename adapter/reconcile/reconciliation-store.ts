import type { SqlQuery } from '../ports/sql-driver.ts';

export const DIFFERENCE_KINDS = ['missing', 'unknown-here', 'different', 'late', 'not-accepted-here'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One difference between what we reported and what the platform has. No patient data. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly operation: string;
  readonly key: string;
  /** HIS drug id, or the platform's name of the drug where the report is not ours */
  readonly drug: string;
  readonly deliveryNo?: number;
  /** Chinese */
  readonly detail?: string;
}

/** A comparison of one day (对账结果). */
export interface Reconciliation {
  readonly institution: string;
  readonly day: string;
  readonly destination: string;
  readonly ranAt: number;
  /** everything could be read */
  readonly complete: boolean;
  readonly ours: number;
  readonly matched: number;
  readonly missing: number;
  readonly unknownHere: number;
  /** other quantity or codes there, or on record there although not accepted here */
  readonly different: number;
  /** on record, but reported after the day of the business */
  readonly late: number;
  readonly unread: number;
  /** at most MOST_ITEMS, the gravest kinds first */
  readonly items: readonly Difference[];
}

export const MOST_ITEMS = 500;

const COLUMNS = 'institution, day, destination, ran_at, complete, ours, matched, missing, unknown_here, different, late, unread, items';
const UPSERT = `INSERT INTO reconciliation (${COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (institution, day, destination) DO UPDATE SET ran_at = excluded.ran_at, complete = excluded.complete, ours = excluded.ours, matched = excluded.matched, missing = excluded.missing,
  unknown_here = excluded.unknown_here, different = excluded.different, late = excluded.late, unread = excluded.unread, items = excluded.items`;
/** primary key of reconciliation */
export const SELECT_DAYS = `SELECT ${COLUMNS} FROM reconciliation WHERE institution = ? AND day >= ? AND day <= ? ORDER BY day DESC, destination`;

interface StoredReconciliation {
  readonly institution: string; readonly day: string; readonly destination: string; readonly ran_at: number; readonly complete: number; readonly ours: number; readonly matched: number; readonly missing: number;
  readonly unknown_here: number; readonly different: number; readonly late: number; readonly unread: number; readonly items: string;
}

export async function saveReconciliation(q: SqlQuery, one: Reconciliation): Promise<void> {
  await q.run(UPSERT, [one.institution, one.day, one.destination, one.ranAt, one.complete ? 1 : 0, one.ours, one.matched, one.missing, one.unknownHere, one.different, one.late, one.unread, JSON.stringify(one.items)]);
}

/** @returns the comparisons of the days, the latest day first */
export async function readReconciliations(q: SqlQuery, institution: string, days: { readonly from: string; readonly to: string }): Promise<readonly Reconciliation[]> {
  return (await q.all<StoredReconciliation>(SELECT_DAYS, [institution, days.from, days.to])).map((row) => ({
    institution: row.institution, day: row.day, destination: row.destination, ranAt: row.ran_at, complete: row.complete === 1, ours: row.ours, matched: row.matched, missing: row.missing,
    unknownHere: row.unknown_here, different: row.different, late: row.late, unread: row.unread, items: JSON.parse(row.items) as Difference[],
  }));
}
