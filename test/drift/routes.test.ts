import { expect } from 'chai';
import type { DriftDesk } from '../../adapter/http/drift-desk.ts';
import { A, startHttp } from '../http/fixture.ts';

const AT = Date.parse('2026-11-22T09:00:00+08:00');

describe('http: drift', () => {
  it('lists what platforms no longer take and lets a person release it under his name', async () => {
    const released: unknown[] = [];
    const drift: DriftDesk = {
      list: () => Promise.resolve([{ groupNo: 3, destination: 'insurance', operation: '3505', product: 'YP1', reason: 'CATALOG', textKey: 'a', sample: '目录不存在', openedAt: AT, probeNo: undefined, probeAt: AT + 3_600_000, probes: 1, alertedAt: AT, parked: 480 }]),
      release: (institution, groupNo, by) => { released.push([institution, groupNo, by]); return Promise.resolve(groupNo === 3 ? 480 : undefined); },
    };
    const deps: object = { drift };
    const http = await startHttp({ deps });
    try {
      expect((await http.call('/api/v1/drift', { token: http.token('pharmacist') })).json).to.deep.equal({
        institution: A, items: [{ groupNo: 3, destination: 'insurance', operation: '3505', product: 'YP1', reason: 'CATALOG', sample: '目录不存在', openedAt: '2026-11-22T09:00:00+08:00', parked: 480, probes: 1, nextProbeAt: '2026-11-22T10:00:00+08:00' }],
      });
      expect((await http.call('/api/v1/drift/3/release', { token: http.token('pharmacist'), body: {} })).json).to.deep.equal({ institution: A, groupNo: 3, released: 480 });
      expect((await http.call('/api/v1/drift/4/release', { token: http.token('it'), body: {} })).status).to.equal(404);
      expect((await http.call('/api/v1/drift/3/release', { token: http.token('his'), body: {} })).status).to.equal(403);
      expect(released).to.deep.equal([[A, 3, `pharmacist@${A}`], [A, 4, `it@${A}`]]);
    } finally { await http.close(); }
  });
});
