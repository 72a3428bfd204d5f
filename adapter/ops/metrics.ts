import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Log } from '../ports/log.ts';
import { METRICS } from './metric-table.ts';

export type Labels = Readonly<Record<string, string>>;

/** Numbers for /metrics. Names start with his_trace_; a metric is made at its first use. */
export interface Metrics {
  /** Adds to a counter; `by` defaults to 1. */
  count(metric: string, labels: Labels, by?: number): void;
  gauge(metric: string, value: number, labels?: Labels): void;
  /** Records a duration in seconds (or any other amount) in a histogram. */
  observe(metric: string, value: number, labels?: Labels): void;
  /** Runs before each reading of /metrics, to bring gauges up to date; a failing one is logged and passed over. */
  beforeReading(refresh: () => void | Promise<void>): void;
  /** @returns the text of /metrics */
  text(): Promise<string>;
  readonly contentType: string;
}

const PREFIX = 'his_trace_';
/** label combinations of one metric; more would be a leak (a code or a visit number as label) */
const MAX_SERIES = 1_000;
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Metric = Counter | Gauge | Histogram;

/** @param options.processMetrics also CPU, memory and event loop of the process */
export function createMetrics(options: { readonly log: Log; readonly processMetrics?: boolean }): Metrics {
  const register = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register, prefix: PREFIX });
  const metrics = new Map<string, { readonly metric: Metric; readonly labels: string; readonly series: Set<string> }>();
  const refreshers: (() => void | Promise<void>)[] = [];
  const complained = new Set<string>();

  const complain = (name: string, why: string): void => {
    if (complained.has(name)) return;
    complained.add(name);
    options.log.warn('metric not recorded', { metric: name, why });
  };

  function use<M extends Metric>(given: string, labels: Labels, kind: new (config: never) => M, make: (name: string, help: string, labelNames: string[]) => M, act: (metric: M) => void): void {
    const name = given.startsWith(PREFIX) ? given : `${PREFIX}${given}`;
    const labelNames = Object.keys(labels).sort();
    try {
      let entry = metrics.get(name);
      if (entry === undefined) {
        entry = { metric: make(name, METRICS[name]?.help ?? name, labelNames), labels: labelNames.join(','), series: new Set() };
        metrics.set(name, entry);
      }
      const series = labelNames.map((label) => labels[label] ?? '').join('\u0000');
      if (!(entry.metric instanceof kind)) complain(name, 'used as another kind of metric');
      else if (entry.labels !== labelNames.join(',')) complain(name, `labels ${labelNames.join(',')} instead of ${entry.labels}`);
      else if (entry.series.size >= MAX_SERIES && !entry.series.has(series)) complain(name, 'too many label values');
      else {
        entry.series.add(series);
        act(entry.metric);
      }
    } catch (error) {
      complain(name, error instanceof Error ? error.message : String(error)); // numbers must never stop the work
    }
  }

  const registers = [register];
  return {
    count: (metric, labels, by = 1) => {
      use(metric, labels, Counter, (name, help, labelNames) => new Counter({ name, help, labelNames, registers }), (counter) => { counter.inc(labels, by); });
    },
    gauge: (metric, value, labels = {}) => {
      use(metric, labels, Gauge, (name, help, labelNames) => new Gauge({ name, help, labelNames, registers }), (gauge) => { gauge.set(labels, value); });
    },
    observe: (metric, value, labels = {}) => {
      use(metric, labels, Histogram, (name, help, labelNames) => new Histogram({ name, help, labelNames, registers, buckets: SECONDS }), (histogram) => { histogram.observe(labels, value); });
    },
    beforeReading: (refresh) => { refreshers.push(refresh); },
    text: async () => {
      for (const refresh of refreshers) {
        try {
          await refresh();
        } catch (error) {
          options.log.warn('metrics not refreshed', { error });
        }
      }
      return register.metrics();
    },
    contentType: register.contentType,
  };
}
