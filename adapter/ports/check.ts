import type { FindingSeverity } from '../domain/finding.ts';
import type { SqlDriver, SqlQuery } from './sql-driver.ts';

/** Something a scheduled check sees (定时核查的提示). No patient data in any text. */
export interface CheckFinding {
  /** what it is about, unique within the check: the same subject at the next run is the same finding */
  readonly subject: string;
  readonly severity: FindingSeverity;
  /** Chinese, one line */
  readonly title: string;
  readonly detail: string;
  /** who has to act: 药房, 药库, 信息科, 质管 */
  readonly owner: string;
  /** what to do, Chinese */
  readonly nextStep: string;
}

export interface CheckQuestion {
  readonly driver: SqlDriver;
  readonly institution: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** A check that runs by the clock. What it sees is opened, kept and closed for it (adapter/checks/findings). */
export interface ScheduledCheck {
  /** kebab-case; the name under which its findings are kept */
  readonly name: string;
  /** Chinese, for lists */
  readonly title: string;
  /** everything it sees now, grouped so that a bad day makes few findings */
  look(question: CheckQuestion): Promise<readonly CheckFinding[]>;
  /** what a person's closing means besides the finding itself; in the same transaction */
  closed?(q: SqlQuery, closing: { readonly institution: string; readonly subject: string; readonly by: string; readonly reason: string; readonly atMs: number }): Promise<void>;
}
