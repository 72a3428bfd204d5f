import type { Alert, AlertResult, Alerts, AlertSink, RaisedAlert } from '../../ports/alert.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../../ports/sql-driver.ts';
import { takeNumber } from './take-number.ts';

/** The same key is told once in this time at most. */
export const QUIET_MS = 3_600_000;
/** one round of telling, at most */
const TELL_AT_ONCE = 200;
const SINK_TIMEOUT_MS = 10_000;

/** index alert_by_key */
export const SELECT_LAST_OF_KEY = 'SELECT alert_no, raised_at FROM alert WHERE institution = ? AND alert_key = ? ORDER BY alert_no DESC LIMIT 1';
const INSERT_ALERT = `INSERT INTO alert (institution, alert_no, alert_key, severity, title, detail, next_step, raised_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const COUNT_REPEAT = 'UPDATE alert SET repeats = repeats + 1, last_at = ? WHERE institution = ? AND alert_no = ?';
/** index alert_untold */
export const SELECT_UNTOLD = `SELECT alert_no, alert_key, severity, title, detail, next_step, raised_at FROM alert
  WHERE institution = ? AND told_at IS NULL ORDER BY alert_no LIMIT ${String(TELL_AT_ONCE)}`;
const MARK_TOLD = 'UPDATE alert SET told_at = ? WHERE institution = ? AND alert_no = ?';

interface UntoldRow { readonly alert_no: number; readonly alert_key: string; readonly severity: string; readonly title: string; readonly detail: string; readonly next_step: string; readonly raised_at: number }

/** Alerts on the table `alert`. A clock set back keeps a key quiet for an hour at most, never for longer. */
export function createAlerts(driver: SqlDriver, clock: Clock): Alerts {
  return { raise: (alert, q) => (q === undefined ? driver.write((own) => raise(own, alert, clock.now())) : raise(q, alert, clock.now())) };
}

async function raise(q: SqlQuery, alert: Alert, nowMs: number): Promise<AlertResult> {
  const last = await q.get<{ alert_no: number; raised_at: number }>(SELECT_LAST_OF_KEY, [alert.institution, alert.key]);
  if (last !== undefined && Math.abs(nowMs - last.raised_at) < QUIET_MS) {
    await q.run(COUNT_REPEAT, [nowMs, alert.institution, last.alert_no]);
    return 'repeated';
  }
  const alertNo = await takeNumber(q, alert.institution, 'alert');
  await q.run(INSERT_ALERT, [alert.institution, alertNo, alert.key, alert.severity, alert.title, alert.detail, alert.nextStep, nowMs, nowMs]);
  return 'raised';
}

export interface TellDeps {
  readonly driver: SqlDriver;
  readonly institutions: readonly string[];
  readonly sinks: readonly AlertSink[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells the sinks what is stored and was not told yet, in order. A crash in between tells an alert twice rather than never;
 * a sink that fails is logged, and the alert is offered to all of them again in the next round.
 * @returns how many alerts were told
 */
export async function tellAlerts({ driver, institutions, sinks, clock, log }: TellDeps, signal: AbortSignal): Promise<number> {
  let told = 0;
  for (const institution of institutions) {
    for (const row of await driver.read((q) => q.all<UntoldRow>(SELECT_UNTOLD, [institution]))) {
      if (signal.aborted) return told;
      try {
        for (const sink of sinks) await sink.tell(raisedOf(institution, row), { signal: AbortSignal.any([signal, AbortSignal.timeout(SINK_TIMEOUT_MS)]) });
      } catch (error) {
        log.warn('alert not told', { institution, alertNo: row.alert_no, error });
        break; // the rest would only wait behind the same fault
      }
      await driver.write((q) => q.run(MARK_TOLD, [clock.now(), institution, row.alert_no]));
      told += 1;
    }
  }
  return told;
}

function raisedOf(institution: string, row: UntoldRow): RaisedAlert {
  const severity = row.severity === 'block' || row.severity === 'info' ? row.severity : 'warn';
  return { institution, alertNo: row.alert_no, key: row.alert_key, severity, title: row.title, detail: row.detail, nextStep: row.next_step, raisedAt: row.raised_at };
}

/** The sink that is always there: one line of the log per alert. */
export function logSink(log: Log): AlertSink {
  return {
    name: 'log',
    tell: ({ severity, ...fields }) => {
      if (severity === 'info') log.info('alert', { severity, ...fields });
      else if (severity === 'warn') log.warn('alert', { severity, ...fields });
      else log.error('alert', { severity, ...fields });
      return Promise.resolve();
    },
  };
}
