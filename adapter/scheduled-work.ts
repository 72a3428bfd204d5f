import { createAlerts, logSink, tellAlerts } from './checks/findings/alert-store.ts';
import { overdueEmergencies } from './checks/findings/overdue-emergencies.ts';
import { runChecks } from './checks/findings/run-checks.ts';
import { staleAttention } from './checks/findings/stale-attention.ts';
import { reportYesterday } from './checks/nightly-completeness.ts';
import type { Config } from './config/config.ts';
import { watchEmergencies } from './emergency/watch-emergencies.ts';
import { clearRawRecords } from './ops/clear-raw-records.ts';
import type { Metrics } from './ops/metrics.ts';
import { schedule, type Schedule } from './ops/schedule.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { SqlDriver } from './ports/sql-driver.ts';

export interface ScheduledDeps { readonly driver: SqlDriver; readonly config: Config; readonly log: Log; readonly metrics: Metrics; readonly clock: Clock }

/** Everything the service does by the clock. Each task only wakes: what is due stands in the store. */
export function scheduledWork(deps: ScheduledDeps): readonly Schedule[] {
  const { driver, config, log, metrics, clock } = deps;
  const institutions = config.institutions.map(({ code }) => code);
  const alerts = createAlerts(driver, clock);
  const checks = [overdueEmergencies, staleAttention({ destinations: config.destinations.map(({ name }) => name) })];
  const clear = async (signal: AbortSignal): Promise<void> => {
    await clearRawRecords({
      ...deps, signal, institutions, days: config.retention.rawRecordDays,
      count: (metric, labels, by) => { metrics.count(metric, labels, by); },
    });
  };
  return [
    schedule('completeness', { log, cron: '10 0 * * *', task: () => reportYesterday(deps) }),
    schedule('raw-records', { log, cron: '20 3 * * *', task: clear }),
    schedule('emergencies', { log, cron: '*/5 * * * *', task: async (signal) => { await watchEmergencies({ driver, institutions, alerts, clock, log }, signal); } }),
    schedule('checks', { log, cron: '7 * * * *', task: (signal) => runChecks({ driver, institutions, checks, alerts, clock, log }, signal) }),
    schedule('alerts', { log, cron: '* * * * *', task: async (signal) => { await tellAlerts({ driver, institutions, sinks: [logSink(log)], clock, log }, signal); } }),
  ];
}
