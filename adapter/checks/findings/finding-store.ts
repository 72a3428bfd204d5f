import type { CheckFinding } from '../../ports/check.ts';
import type { SqlQuery } from '../../ports/sql-driver.ts';
import { conditionsFor } from '../../store/queries/conditions.ts';
import { takeNumber } from './take-number.ts';

export interface FindingRow {
  readonly finding_no: number; readonly check_name: string; readonly subject: string; readonly severity: string; readonly title: string; readonly detail: string;
  readonly owner: string; readonly next_step: string; readonly opened_at: number; readonly last_seen_at: number; readonly standing: number; readonly state: 'open' | 'closed';
  readonly closed_at: number | null; readonly closed_by: string | null; readonly close_reason: string | null;
}

const COLUMNS = 'finding_no, check_name, subject, severity, title, detail, owner, next_step, opened_at, last_seen_at, standing, state, closed_at, closed_by, close_reason';
/** index check_finding_standing */
export const SELECT_STANDING = `SELECT ${COLUMNS} FROM check_finding WHERE institution = ? AND check_name = ? AND standing = 1 ORDER BY subject`;
/** primary key of check_finding */
export const SELECT_FINDING = `SELECT ${COLUMNS} FROM check_finding WHERE institution = ? AND finding_no = ?`;
const INSERT_FINDING = `INSERT INTO check_finding (institution, finding_no, check_name, subject, severity, title, detail, owner, next_step, opened_at, last_seen_at, standing, state)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'open')`;
const SEE_AGAIN = 'UPDATE check_finding SET severity = ?, title = ?, detail = ?, owner = ?, next_step = ?, last_seen_at = ? WHERE institution = ? AND finding_no = ?';
const FADE = 'UPDATE check_finding SET standing = 0 WHERE institution = ? AND finding_no = ?';
const CLOSE = "UPDATE check_finding SET state = 'closed', closed_at = ?, closed_by = ?, close_reason = ? WHERE institution = ? AND finding_no = ? AND state = 'open'";
/** index check_finding_open, read alone: see quarantine-view.ts */
const OPEN_NOS = `SELECT w.finding_no FROM check_finding w WHERE w.institution = ? AND w.state = 'open'`;

/** Said by the check itself when what it saw is gone. */
export const GONE = { by: 'check', reason: '核查不再发现该问题' } as const;

export interface Seen { readonly institution: string; readonly check: string; readonly findings: readonly CheckFinding[]; readonly nowMs: number }
export interface SeenResult { readonly opened: readonly { readonly findingNo: number; readonly finding: CheckFinding }[]; readonly gone: number }

/**
 * Files what a check saw: new subjects are opened, known ones brought up to date, those it no longer sees closed. One a person
 * closed stays closed as long as it is seen, and opens anew only after it had gone.
 */
export async function recordSeen(q: SqlQuery, { institution, check, findings, nowMs }: Seen): Promise<SeenResult> {
  const standing = new Map((await q.all<FindingRow>(SELECT_STANDING, [institution, check])).map((row) => [row.subject, row]));
  const opened: { readonly findingNo: number; readonly finding: CheckFinding }[] = [];
  const seen = new Set<string>();
  for (const finding of findings) {
    if (seen.has(finding.subject)) continue;
    seen.add(finding.subject);
    const row = standing.get(finding.subject);
    if (row === undefined) opened.push({ findingNo: await open(q, { institution, check, finding, nowMs }), finding });
    else await q.run(SEE_AGAIN, [finding.severity, finding.title, finding.detail, finding.owner, finding.nextStep, nowMs, institution, row.finding_no]);
  }
  const gone = [...standing.values()].filter((row) => !seen.has(row.subject));
  for (const row of gone) {
    await q.run(FADE, [institution, row.finding_no]);
    await q.run(CLOSE, [nowMs, GONE.by, GONE.reason, institution, row.finding_no]);
  }
  return { opened, gone: gone.length };
}

async function open(q: SqlQuery, { institution, check, finding, nowMs }: { readonly institution: string; readonly check: string; readonly finding: CheckFinding; readonly nowMs: number }): Promise<number> {
  const findingNo = await takeNumber(q, institution, 'check-finding');
  await q.run(INSERT_FINDING, [institution, findingNo, check, finding.subject, finding.severity, finding.title, finding.detail, finding.owner, finding.nextStep, nowMs, nowMs]);
  return findingNo;
}

export async function readFinding(q: SqlQuery, institution: string, findingNo: number): Promise<FindingRow | undefined> {
  return q.get<FindingRow>(SELECT_FINDING, [institution, findingNo]);
}

/** @returns false when it was closed before: the first reason stands */
export async function closeFinding(q: SqlQuery, institution: string, findingNo: number, closing: { readonly by: string; readonly reason: string; readonly atMs: number }): Promise<boolean> {
  return await q.run(CLOSE, [closing.atMs, closing.by, closing.reason, institution, findingNo]) > 0;
}

export interface FindingFilter { readonly institution: string; readonly state: 'open' | 'closed'; readonly check?: string | undefined; readonly owner?: string | undefined }

/** @returns one page, the latest first; indexes check_finding_open and the primary key */
export async function listFindings(q: SqlQuery, filter: FindingFilter, page: { readonly before: number | undefined; readonly limit: number }): Promise<FindingRow[]> {
  const where = conditionsFor('institution', filter.institution);
  if (filter.state === 'open') where.and(`finding_no IN (${OPEN_NOS})`, filter.institution);
  else where.and("state = 'closed'");
  if (filter.check !== undefined) where.and('check_name = ?', filter.check);
  if (filter.owner !== undefined) where.and('owner = ?', filter.owner);
  if (page.before !== undefined) where.and('finding_no < ?', page.before);
  return q.all<FindingRow>(`SELECT ${COLUMNS} FROM check_finding WHERE ${where.sql()} ORDER BY finding_no DESC LIMIT ?`, [...where.params(), page.limit]);
}
