import type { Config } from '../config/config.ts';
import { chinaDate } from '../domain/china-time.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { readDaySummary } from './day-summary.ts';

interface NightlyDeps { readonly driver: SqlDriver; readonly config: Config; readonly log: Log; readonly metrics: Metrics; readonly clock: Clock }

/** Says once a night, in log and metrics, how complete yesterday was: one number per institution that must be 100. */
export async function reportYesterday({ driver, config, log, metrics, clock }: NightlyDeps): Promise<void> {
  const date = chinaDate(clock.now() - 86_400_000);
  const destinations = config.destinations.map((entry) => entry.name);
  for (const { code: institution } of config.institutions) {
    const day = await readDaySummary(driver, { institution, date, destinations, maxItems: 0 });
    metrics.gauge('his_trace_completeness_percent', Number(day.completeness), { institution });
    const fields = { institution, date, lines: day.lines, completeness: day.completeness, quarantined: day.quarantined };
    if (day.complete) log.info('day complete', fields);
    else log.warn('day not complete', fields);
  }
}
