import type { Alerts } from '../../ports/alert.ts';
import type { ScheduledCheck } from '../../ports/check.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { SqlDriver } from '../../ports/sql-driver.ts';
import { recordSeen } from './finding-store.ts';

export interface RunDeps {
  readonly driver: SqlDriver;
  readonly institutions: readonly string[];
  readonly checks: readonly ScheduledCheck[];
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs every check for every institution once and files what it saw. A check that fails leaves its findings as they were and the
 * other checks alone. New findings that are more than information are alerts too. For adapter/ops/schedule.ts.
 */
export async function runChecks({ driver, institutions, checks, alerts, clock, log }: RunDeps, signal: AbortSignal): Promise<void> {
  for (const institution of institutions) {
    for (const check of checks) {
      if (signal.aborted) return;
      try {
        const nowMs = clock.now();
        const findings = await check.look({ driver, institution, nowMs, signal });
        const { opened, gone } = await driver.write(async (q) => {
          const seen = await recordSeen(q, { institution, check: check.name, findings, nowMs });
          for (const { finding } of seen.opened) {
            const { subject, severity, title, detail, nextStep } = finding;
            if (severity !== 'info') await alerts.raise({ institution, key: `finding:${check.name}:${subject}`, severity, title, detail, nextStep }, q);
          }
          return seen;
        });
        if (opened.length > 0 || gone > 0) log.info('check done', { institution, check: check.name, seen: findings.length, opened: opened.length, gone });
      } catch (error) {
        log.error('check failed', { institution, check: check.name, error });
      }
    }
  }
}
