import type { Config } from '../config/config.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { OPEN_STATES_SQL, ATTENTION_STATES_SQL } from '../delivery/states.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';

/** indexes delivery_due and delivery_attention */
export const COUNT_OPEN = `SELECT state, COUNT(*) AS n FROM delivery WHERE institution = ? AND destination = ? AND ${OPEN_STATES_SQL} GROUP BY state`;
export const COUNT_ATTENTION = `SELECT state, COUNT(*) AS n FROM delivery WHERE institution = ? AND destination = ? AND ${ATTENTION_STATES_SQL} GROUP BY state`;
/** index record_quarantined */
export const COUNT_QUARANTINE = `SELECT COUNT(*) AS n FROM record WHERE institution = ? AND state = 'quarantined'`;
const STATES = ['held', 'queued', 'claimed', 'sent', 'processing', 'unknown', 'rejected', 'needs-attention'];

interface BacklogDeps { readonly driver: SqlDriver; readonly metrics: Metrics; readonly dispatcher: Dispatcher; readonly config: Config }

/** @returns what brings the gauges of waiting work up to date before /metrics is read */
export function refreshBacklog({ driver, metrics, dispatcher, config }: BacklogDeps): () => Promise<void> {
  return async () => {
    for (const { code: institution } of config.institutions) {
      const waiting = await driver.read((q) => q.get<{ n: number }>(COUNT_QUARANTINE, [institution]));
      metrics.gauge('his_trace_quarantined_records', waiting?.n ?? 0, { institution });
      for (const { name: destination } of config.destinations) {
        const rows = await driver.read(async (q) => [...await q.all<{ state: string; n: number }>(COUNT_OPEN, [institution, destination]), ...await q.all<{ state: string; n: number }>(COUNT_ATTENTION, [institution, destination])]);
        for (const state of STATES) metrics.gauge('his_trace_deliveries', rows.find((row) => row.state === state)?.n ?? 0, { institution, destination, state });
        const lane = dispatcher.lane(institution, destination);
        metrics.gauge('his_trace_destination_stopped', lane?.isStopped === true ? 1 : 0, { institution, destination });
        metrics.gauge('his_trace_destination_well', lane?.health.isWell === false ? 0 : 1, { institution, destination });
      }
    }
  };
}
