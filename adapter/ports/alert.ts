import type { FindingSeverity } from '../domain/finding.ts';
import type { SqlQuery } from './sql-driver.ts';

/** Something people are to be told at once (告警). No patient data: names, ids and bodies never go in. */
export interface Alert {
  readonly institution: string;
  /** what it is about, for example `emergency:1234:8`: the same key is told once an hour at most */
  readonly key: string;
  readonly severity: FindingSeverity;
  /** Chinese, one line */
  readonly title: string;
  readonly detail: string;
  /** what to do now, Chinese */
  readonly nextStep: string;
}

/** `repeated`: told within the last hour; counted on the earlier alert and not told again. */
export type AlertResult = 'raised' | 'repeated';

export interface Alerts {
  /**
   * Stores the alert; sinks are told after it is durable.
   * @param q the caller's transaction, so that what the alert is about and the alert stand or fall together; left out: one of its own
   */
  raise(alert: Alert, q?: SqlQuery): Promise<AlertResult>;
}

/** An alert as a sink gets it: the log, a webhook. */
export interface RaisedAlert extends Alert {
  readonly alertNo: number;
  /** ms since epoch */
  readonly raisedAt: number;
}

/** Where alerts go. May throw: the alert stays stored as not told and is offered again. */
export interface AlertSink {
  readonly name: string;
  tell(alert: RaisedAlert, options: { readonly signal: AbortSignal }): Promise<void>;
}
