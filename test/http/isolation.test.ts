import { expect } from 'chai';
import { A, B, dispense, startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';
import { seedCode, seedDelivery, seedEvent, seedRecord } from './seed.ts';

const SEED = 20261122;
const SWAPS = 500;

/** Small repeatable generator; the seed is in the title of a failing run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state % below;
  };
}

describe('http: institutions are apart', () => {
  let http: HttpFixture;
  before(async () => {
    http = await startHttp();
    for (const [institution, mark] of [[A, 'AAA'], [B, 'BBB']] as const) {
      for (let no = 1; no <= 20; no += 1) {
        const shown = String(no).padStart(2, '0');
        const code = `8999${mark === 'AAA' ? '1' : '2'}000000000000${shown}0`;
        await seedEvent(http.driver, { institution, eventNo: no, id: `E${shown}`, documentNo: `${mark}-D${shown}`, visitNo: `${mark}-V${shown}`, body: { id: `E${shown}`, location: `${mark}-body` }, lines: [{ lineNo: '1', drug: `${mark}-drug`, lot: `${mark}-L1` }] });
        await seedDelivery(http.driver, { institution, deliveryNo: no, eventNo: no, destination: 'insurance', state: 'needs-attention', covers: ['1'], codes: [code], detail: `${mark}-detail` });
        await seedCode(http.driver, { institution, code, eventNos: [no] });
        await seedRecord(http.driver, { institution, recordNo: no, body: `${mark}-raw`, source: `${mark}-source` });
      }
    }
  });
  after(() => http.close());

  it(`reads nothing of B with a token of A in ${String(SWAPS)} random id swaps (seed ${String(SEED)})`, async () => {
    const pick = random(SEED);
    let found = 0;
    for (let swap = 0; swap < SWAPS; swap += 1) {
      const [own, other, mark] = pick(2) === 0 ? [A, B, 'BBB'] as const : [B, A, 'AAA'] as const;
      const digit = mark === 'AAA' ? '1' : '2';
      const no = String(1 + pick(20)).padStart(2, '0');
      const named = pick(3) === 0 ? `institution=${other}` : pick(2) === 0 ? `institution=${own}` : '';
      const paths = [
        `/api/v1/events?${named}&document=${mark}-D${no}`, `/api/v1/events?${named}&visit=${mark}-V${no}`, `/api/v1/events?${named}&drug=${mark}-drug`,
        `/api/v1/events/his/E${no}?${named}`, `/api/v1/codes/8999${digit}000000000000${no}0?${named}`, `/api/v1/deliveries?${named}&lot=${mark}-L1`,
        `/api/v1/deliveries?${named}&state=needs-attention`, `/api/v1/quarantine?${named}&source=${mark}-source`, `/api/v1/quarantine/${String(Number(no))}?${named}`,
        `/api/v1/summary?${named}&date=2026-11-22`, `/api/v1/destinations?${named}`,
      ];
      const path = paths[pick(paths.length)] ?? '';
      const answer = await http.call(path, { token: http.token('it', own) });
      expect(answer.text, path).not.to.contain(mark);
      if (named.endsWith(other)) expect(answer.status, path).to.equal(403);
      else if (answer.status === 200) found += 1;
    }
    expect(found).to.be.greaterThan(100);
  });

  it('changes nothing of B with a token of A', async () => {
    const token = http.token('it', A);
    for (const path of ['/api/v1/deliveries/resend', '/api/v1/quarantine/retry', '/api/v1/destinations/insurance/pause', '/api/v1/destinations/insurance/resume']) {
      const answer = await http.call(path, { token, body: { institution: B, ...(path.endsWith('pause') ? { reason: '测试' } : {}) } });
      expect([path, answer.status, answer.json['code']]).to.deep.equal([path, 403, 'FORBIDDEN']);
    }
    expect(http.operations).to.deep.equal([]);
  });

  it('files nothing under B for a token of A, and keeps the rest of the call', async () => {
    const answer = await http.call('/api/v1/events', { token: http.token('his', A), body: [dispense('S1', { institution: B }), dispense('S2')] });
    const results = answer.json['results'] as { status: string; findings: { code: string }[] }[];
    expect(results.map((result) => result.status)).to.deep.equal(['rejected', 'accepted']);
    expect(results[0]?.findings[0]?.code).to.equal('FORBIDDEN');
    expect(http.intake.submitted.map(({ record }) => [record.institution, record.controlId])).to.deep.equal([[A, 'S2']]);
  });

  it('asks a token of every institution which one is meant', async () => {
    const unnamed = await http.call('/api/v1/events', { token: http.token('auditor', '*') });
    expect([unnamed.status, unnamed.json['code']]).to.deep.equal([400, 'REQUEST_INVALID']);
    const named = await http.call(`/api/v1/events?institution=${B}`, { token: http.token('auditor', '*') });
    expect((named.json['items'] as { institution: string }[]).every((item) => item.institution === B)).to.equal(true);
    expect((await http.call('/api/v1/events?institution=H89990000009', { token: http.token('auditor', '*') })).status).to.equal(403);
  });
});
