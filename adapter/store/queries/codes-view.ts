import type { SqlQuery } from '../../ports/sql-driver.ts';

/** Reading of one trace code's life. */
export interface CodeLifeRow {
  readonly code: string; readonly scheme: string; readonly state: string; readonly drug: string | null; readonly lot: string | null;
  readonly produced_on: string | null; readonly expires_on: string | null; readonly level: number; readonly location: string | null;
  readonly units_total: string | null; readonly units_left: string | null; readonly opened_at: number | null; readonly updated_at: number;
  readonly drug_name: string | null;
}

export interface CodeMoveRow {
  readonly event_no: number; readonly line_no: string; readonly from_state: string; readonly to_state: string; readonly units: string;
  readonly first_opening: number; readonly source: string; readonly event_id: string; readonly kind: string; readonly occurred_at: number;
  readonly document_no: string | null; readonly visit_no: string | null;
}

/** Longest life shown; a pack has a few dozen events at most. */
export const MAX_MOVES = 500;

/** primary keys of code and drug */
export const SELECT_CODE_LIFE = `SELECT c.code, c.scheme, c.state, c.drug, c.lot, c.produced_on, c.expires_on, c.level, c.location, c.units_total, c.units_left,
  c.opened_at, c.updated_at, g.name AS drug_name
  FROM code c LEFT JOIN drug g ON g.institution = c.institution AND g.drug = c.drug WHERE c.institution = ? AND c.code = ?`;
/** primary keys of code_event and event */
export const SELECT_CODE_MOVES = `SELECT m.event_no, m.line_no, m.from_state, m.to_state, m.units, m.first_opening, e.source, e.event_id, e.kind, e.occurred_at,
  e.document_no, e.visit_no
  FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no
  WHERE m.institution = ? AND m.code = ? ORDER BY m.event_no, m.line_no LIMIT ${String(MAX_MOVES)}`;

/** @returns the code as the ledger knows it and every event that touched it, oldest first; undefined when it was never seen */
export async function readCodeLife(q: SqlQuery, institution: string, code: string): Promise<{ readonly code: CodeLifeRow; readonly moves: readonly CodeMoveRow[] } | undefined> {
  const row = await q.get<CodeLifeRow>(SELECT_CODE_LIFE, [institution, code]);
  if (row === undefined) return undefined;
  return { code: row, moves: await q.all<CodeMoveRow>(SELECT_CODE_MOVES, [institution, code]) };
}
