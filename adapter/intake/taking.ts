import type { TraceEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { SkippedHisLine } from '../ports/his-record.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { RecallBook } from '../recall/recall-book.ts';
import type { IntakeRules } from './intake-rules.ts';
import type { ReadScans } from './prepare-lines.ts';

/** An event checked and read as far as that is possible without the store. */
export interface CheckedEvent {
  readonly event: TraceEvent;
  readonly scans: ReadScans;
  readonly body: string;
  readonly contentSha: string;
  /** what was noticed about the event as it was sent */
  readonly findings?: readonly Finding[];
}

/** Thrown inside the transaction so that everything of the record is rolled back; the intake then files it in quarantine. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal, readonly rejected: boolean) {
    super(refusal.code);
  }
}

export interface Taking {
  readonly q: SqlQuery;
  readonly rules: IntakeRules;
  readonly recordNo: number;
  readonly atMs: number;
  readonly take: () => number;
  readonly recalls: RecallBook;
  /** lines the mapping left out, kept beside this event */
  readonly skipped: readonly SkippedHisLine[];
}
