import type { SqlQuery } from '../../ports/sql-driver.ts';

/** One opened pack. Units are millionths of the smallest unit, as text. */
export interface OpenedPackRow {
  readonly code: string; readonly drug: string | null; readonly lot: string | null; readonly expires_on: string | null; readonly location: string | null;
  readonly units_total: string | null; readonly units_left: string | null; readonly opened_at: number | null; readonly name: string | null; readonly body: string | null;
}

/** A hospital has some hundred opened packs. */
export const MAX_OPENED = 5_000;

const SELECT = `SELECT c.code, c.drug, c.lot, c.expires_on, c.location, c.units_total, c.units_left, c.opened_at, g.name, g.body
  FROM code c LEFT JOIN drug g ON g.institution = c.institution AND g.drug = c.drug WHERE c.institution = ? AND c.state = 'opened'`;
const ORDER = `ORDER BY c.drug, c.expires_on NULLS LAST, c.opened_at, c.code LIMIT ${String(MAX_OPENED)}`;
/** index code_opened, primary key of drug */
export const SELECT_ALL_OPENED = `${SELECT} ${ORDER}`;
export const SELECT_OPENED_OF_DRUG = `${SELECT} AND c.drug = ? ${ORDER}`;

/** @returns the opened packs in the order in which they are used up, of one drug or of all */
export async function listOpenedPacks(q: SqlQuery, institution: string, drug: string | undefined): Promise<OpenedPackRow[]> {
  return drug === undefined ? q.all<OpenedPackRow>(SELECT_ALL_OPENED, [institution]) : q.all<OpenedPackRow>(SELECT_OPENED_OF_DRUG, [institution, drug]);
}
