import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';
import { DEVIATIONS, type Deviation, type DeviationKind } from './deviation.ts';

/** open 待反馈 → fed-back 已反馈供应商 → answered 供应商已答复 → settled 已了结 */
export const DISCREPANCY_STATES = ['open', 'fed-back', 'answered', 'settled'] as const;
export type DiscrepancyState = (typeof DISCREPANCY_STATES)[number];

/** 不一致信息: one difference between a receipt and its upstream bill, with its own life. */
export interface Discrepancy extends Omit<Deviation, 'holds'> {
  readonly documentNo: string;
  readonly supplier?: string;
  readonly state: DiscrepancyState;
  readonly owner: string;
  readonly reason?: string;
  readonly vanished: boolean;
  readonly firmAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface DiscrepancyStep { readonly at: number; readonly by: string; readonly from: string; readonly to: string; readonly note?: string }
export interface DiscrepancyKey { readonly documentNo: string; readonly kind: DeviationKind; readonly subject: string }

interface Stored {
  document_no: string; kind: DeviationKind; subject: string; supplier: string | null; bill_no: string | null; line_no: string | null; drug: string | null; lot: string | null; expected: string | null; actual: string | null;
  codes: string; state: DiscrepancyState; owner: string; reason: string | null; vanished: number; firm_at: number; created_at: number; updated_at: number;
}

const COLUMNS = 'document_no, kind, subject, supplier, bill_no, line_no, drug, lot, expected, actual, codes, state, owner, reason, vanished, firm_at, created_at, updated_at';
/** primary key of discrepancy */
export const SELECT_OF_DOCUMENT = `SELECT ${COLUMNS} FROM discrepancy WHERE institution = ? AND document_no = ? ORDER BY kind, subject`;
const INSERT = `INSERT INTO discrepancy (institution, ${COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;
const RENEW = `UPDATE discrepancy SET supplier = ?, bill_no = ?, line_no = ?, drug = ?, lot = ?, expected = ?, actual = ?, codes = ?, updated_at = ? WHERE institution = ? AND document_no = ? AND kind = ? AND subject = ?`;
const MOVE = `UPDATE discrepancy SET state = ?, owner = ?, reason = ?, vanished = ?, updated_at = ? WHERE institution = ? AND document_no = ? AND kind = ? AND subject = ?`;
const INSERT_STEP = `INSERT INTO discrepancy_step (institution, document_no, kind, subject, step_no, at, by_whom, from_state, to_state, note)
  SELECT ?, ?, ?, ?, COALESCE(MAX(step_no), 0) + 1, ?, ?, ?, ?, ? FROM discrepancy_step WHERE institution = ? AND document_no = ? AND kind = ? AND subject = ?`;
/** primary key of discrepancy_step */
export const SELECT_STEPS = 'SELECT kind, subject, at, by_whom, from_state, to_state, note FROM discrepancy_step WHERE institution = ? AND document_no = ? ORDER BY kind, subject, step_no';

export async function discrepanciesOf(q: SqlQuery, institution: string, documentNo: string): Promise<readonly Discrepancy[]> {
  return (await q.all<Stored>(SELECT_OF_DOCUMENT, [institution, documentNo])).map(toDiscrepancy);
}

/** @returns steps of every discrepancy of the document by `kind subject`, oldest first */
export async function stepsOf(q: SqlQuery, institution: string, documentNo: string): Promise<ReadonlyMap<string, readonly DiscrepancyStep[]>> {
  const steps = new Map<string, DiscrepancyStep[]>();
  for (const row of await q.all<{ kind: string; subject: string; at: number; by_whom: string; from_state: string; to_state: string; note: string | null }>(SELECT_STEPS, [institution, documentNo])) {
    const key = `${row.kind} ${row.subject}`;
    steps.set(key, [...(steps.get(key) ?? []), { at: row.at, by: row.by_whom, from: row.from_state, to: row.to_state, ...(row.note === null ? {} : { note: row.note }) }]);
  }
  return steps;
}

export async function insertDiscrepancy(q: SqlQuery, institution: string, one: Discrepancy): Promise<void> {
  await q.run(INSERT, [institution, one.documentNo, one.kind, one.subject, ...membersOf(one), one.state, one.owner, one.reason ?? null, one.vanished ? 1 : 0, one.firmAt, one.createdAt, one.updatedAt]);
  await addStep(q, institution, one, { at: one.createdAt, by: 'adapter', from: '', to: one.state });
}

/** What is known about a difference may grow: another code of the same line, a corrected bill. */
export async function renewDiscrepancy(q: SqlQuery, institution: string, one: Discrepancy): Promise<void> {
  await q.run(RENEW, [...membersOf(one), one.updatedAt, institution, one.documentNo, one.kind, one.subject]);
}

/** Moves a discrepancy on and keeps who did it and why. */
export async function moveDiscrepancy(q: SqlQuery, institution: string, one: Discrepancy, to: { readonly state: DiscrepancyState; readonly by: string; readonly at: number; readonly note?: string; readonly owner?: string; readonly vanished?: boolean }): Promise<void> {
  const reason = to.state === 'settled' ? to.note ?? null : null;
  await q.run(MOVE, [to.state, to.owner ?? one.owner, reason, to.vanished === true ? 1 : 0, to.at, institution, one.documentNo, one.kind, one.subject]);
  await addStep(q, institution, one, { at: to.at, by: to.by, from: one.state, to: to.state, ...(to.note === undefined ? {} : { note: to.note }) });
}

async function addStep(q: SqlQuery, institution: string, key: DiscrepancyKey, step: DiscrepancyStep): Promise<void> {
  const at = [institution, key.documentNo, key.kind, key.subject];
  await q.run(INSERT_STEP, [...at, step.at, step.by, step.from, step.to, step.note ?? null, ...at]);
}

export interface DiscrepancyFilter {
  readonly institution: string;
  readonly documentNo?: string | undefined;
  readonly kind?: DeviationKind | undefined;
  readonly subject?: string | undefined;
  readonly supplier?: string | undefined;
  readonly states: readonly DiscrepancyState[];
  /** last one of the page before */
  readonly after?: DiscrepancyKey | undefined;
  readonly limit: number;
}

/** Reads by document, or by state; ordered by document, kind and subject. Indexes: primary key, discrepancy_unsettled. */
export async function listDiscrepancies(q: SqlQuery, filter: DiscrepancyFilter): Promise<readonly Discrepancy[]> {
  const where = ['institution = ?', `state IN (${filter.states.map(() => '?').join(',')})`];
  const params: SqlValue[] = [filter.institution, ...filter.states];
  if (!filter.states.includes('settled')) where.push("state <> 'settled'");
  for (const [column, value] of [['document_no', filter.documentNo], ['kind', filter.kind], ['subject', filter.subject], ['supplier', filter.supplier]] as const) {
    if (value === undefined) continue;
    where.push(`${column} = ?`);
    params.push(value);
  }
  if (filter.after !== undefined) {
    where.push('(document_no, kind, subject) > (?, ?, ?)');
    params.push(filter.after.documentNo, filter.after.kind, filter.after.subject);
  }
  const rows = await q.all<Stored>(`SELECT ${COLUMNS} FROM discrepancy WHERE ${where.join(' AND ')} ORDER BY document_no, kind, subject LIMIT ?`, [...params, filter.limit]);
  return rows.map(toDiscrepancy);
}

/** @returns a new discrepancy for a deviation */
export function discrepancyOf(deviation: Deviation, about: { readonly documentNo: string; readonly supplier: string | undefined; readonly atMs: number; readonly firmAt: number }): Discrepancy {
  const { holds: _holds, ...members } = deviation;
  return {
    ...members, documentNo: about.documentNo, ...(about.supplier === undefined || about.supplier === '' ? {} : { supplier: about.supplier }), state: 'open', owner: DEVIATIONS[deviation.kind].owner,
    vanished: false, firmAt: about.firmAt, createdAt: about.atMs, updatedAt: about.atMs,
  };
}

function membersOf(one: Discrepancy): SqlValue[] {
  return [one.supplier ?? null, one.billNo ?? null, one.lineNo ?? null, one.drug ?? null, one.lot ?? null, one.expected ?? null, one.actual ?? null, JSON.stringify(one.codes)];
}

function toDiscrepancy(row: Stored): Discrepancy {
  const maybe = Object.entries({ supplier: row.supplier, billNo: row.bill_no, lineNo: row.line_no, drug: row.drug, lot: row.lot, expected: row.expected, actual: row.actual, reason: row.reason }).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(maybe) as Partial<Discrepancy>, documentNo: row.document_no, kind: row.kind, subject: row.subject, codes: JSON.parse(row.codes) as string[], state: row.state, owner: row.owner,
    vanished: row.vanished === 1, firmAt: row.firm_at, createdAt: row.created_at, updatedAt: row.updated_at,
  };
}
