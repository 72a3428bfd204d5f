import type { Alerts } from '../ports/alert.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';

/** What the drift watch works with. */
export interface DriftWatchDeps {
  readonly driver: SqlDriver;
  readonly institutions: readonly string[];
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly log: Log;
  /** something of the institution may be due now */
  readonly onQueued: (institution: string) => void;
  /** true for platforms that never take a refused number again */
  readonly renumbers: (destination: string) => boolean;
  /** sends refused reports again under new numbers */
  readonly resend: (institution: string, deliveryNos: readonly number[]) => Promise<void>;
}
