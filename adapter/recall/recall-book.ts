import type { SqlQuery } from '../ports/sql-driver.ts';
import { NO_RECALLS, recalledLots, type RecalledLots } from './recalled-lots.ts';

/** primary keys of recall_lot and recall; a lot stays recalled after the notice was dealt with, unless it was withdrawn */
export const SELECT_RECALLED_LOTS = `SELECT l.approval_key, l.lot_key, r.notice_no, r.level FROM recall_lot l
  JOIN recall r ON r.institution = l.institution AND r.recall_no = l.recall_no WHERE l.institution = ? AND r.state <> 'withdrawn' ORDER BY l.recall_no`;

/** A recall is in force in every process this long after it was imported. */
const FRESH_MS = 1_000;
const MAX_INSTITUTIONS = 500;

/**
 * The lots under recall, in memory: one statement a second and institution however many lines are judged. A scan and a dispense ask it
 * about each code, so asking costs no statement.
 */
export class RecallBook {
  readonly #read = new Map<string, { readonly atMs: number; readonly lots: RecalledLots }>();

  async lots(q: SqlQuery, institution: string, nowMs: number): Promise<RecalledLots> {
    const known = this.#read.get(institution);
    if (known !== undefined && nowMs >= known.atMs && nowMs - known.atMs < FRESH_MS) return known.lots;
    const rows = await q.all<{ approval_key: string; lot_key: string; notice_no: string; level: number | null }>(SELECT_RECALLED_LOTS, [institution]);
    const lots = rows.length === 0 ? NO_RECALLS : recalledLots(rows.map((row) => ({
      approvalKey: row.approval_key, lotKey: row.lot_key, recall: { noticeNo: row.notice_no, ...(row.level === null ? {} : { level: row.level }) },
    })));
    if (this.#read.size >= MAX_INSTITUTIONS) this.#read.clear();
    this.#read.set(institution, { atMs: nowMs, lots });
    return lots;
  }
}
