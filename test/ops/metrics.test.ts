import { expect } from 'chai';
import { createMetrics } from '../../adapter/ops/metrics.ts';
import type { Log } from '../../adapter/ports/log.ts';
import { silentLog } from '../../adapter/ports/log.ts';

function countingLog(): { readonly log: Log; readonly warnings: unknown[] } {
  const warnings: unknown[] = [];
  return { warnings, log: { ...silentLog, warn: (_message, fields) => { warnings.push(fields); } } };
}

describe('metrics', () => {
  it('counts, observes and gauges in the Prometheus text format', async () => {
    const metrics = createMetrics({ log: silentLog });
    metrics.count('his_trace_events_total', { source: 'his-hl7', status: 'accepted' });
    metrics.count('his_trace_events_total', { status: 'accepted', source: 'his-hl7' }, 2);
    metrics.gauge('his_trace_backlog', 7);
    metrics.observe('his_trace_send_seconds', 0.2, { destination: 'insurance' });
    const text = await metrics.text();
    expect(text).to.match(/his_trace_events_total\{(source="his-hl7",status="accepted"|status="accepted",source="his-hl7")\} 3/);
    expect(text).to.contain('his_trace_backlog 7').and.contain('his_trace_send_seconds_count{destination="insurance"} 1');
    expect(metrics.contentType).to.contain('text/plain');
  });

  it('gives every name the prefix', async () => {
    const metrics = createMetrics({ log: silentLog, processMetrics: true });
    metrics.count('odd_total', {});
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
    expect(names).to.include('his_trace_odd_total').and.have.length.greaterThan(5);
    expect(names.filter((name) => !name.startsWith('his_trace_'))).to.deep.equal([]);
  });

  it('never throws: other labels, another kind and bad names are said once and passed over', () => {
    const { log, warnings } = countingLog();
    const metrics = createMetrics({ log });
    metrics.count('a_total', { x: '1' });
    for (let round = 0; round < 3; round += 1) metrics.count('a_total', { y: '1' });
    metrics.gauge('a_total', 1, { x: '1' });
    metrics.count('b total', {});
    metrics.count('b total', {});
    expect(warnings).to.have.length(2);
  });

  it('bounds the label values of one metric', async () => {
    const { log, warnings } = countingLog();
    const metrics = createMetrics({ log });
    for (let index = 0; index < 1_500; index += 1) metrics.count('leak_total', { code: String(index) });
    expect([...(await metrics.text()).matchAll(/^his_trace_leak_total\{/gm)]).to.have.length(1_000);
    expect(warnings).to.have.length(1);
  });

  it('refreshes gauges before each reading, and a failing refresh spoils nothing', async () => {
    const metrics = createMetrics({ log: silentLog });
    let backlog = 0;
    metrics.beforeReading(() => { throw new Error('store is away'); });
    metrics.beforeReading(() => { metrics.gauge('backlog', backlog += 1); });
    await metrics.text();
    expect(await metrics.text()).to.contain('his_trace_backlog 2');
  });
});
