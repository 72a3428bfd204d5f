import { expect } from 'chai';
import { recordSeen } from '../../adapter/checks/findings/finding-store.ts';
import { A, B, startHttp, type HttpFixture } from '../http/fixture.ts';
import { insertEmergency, settle } from '../../adapter/emergency/emergency-store.ts';

const HOUR = 3_600_000;

describe('http: emergencies and findings', () => {
  let http: HttpFixture;
  let now = 0;
  before(async () => {
    http = await startHttp();
    now = http.clock.ms;
    const row = (institution: string, eventNo: number, hoursAgo: number, codes: readonly string[], uncodedLines = 0): Promise<void> => http.driver.write((q) => insertEmergency(q, {
      institution, eventNo, source: 'his', eventId: `E${String(eventNo)}`, documentNo: `CF${String(eventNo)}`, location: '急诊药房', startedAt: now - hoursAgo * HOUR, hours: 48, dueAt: now + (48 - hoursAgo) * HOUR, uncodedLines, codes,
    }));
    await row(A, 1, 10, ['89990010000000010001']);
    await row(A, 2, 41.5, ['89990010000000020001', '89990010000000030001']);
    await row(A, 3, 50, [], 1);
    await row(A, 4, 60, ['89990010000000040001']);
    await row(B, 5, 60, ['89990010000000050001']);
    await http.driver.write((q) => settle(q, A, 4, { by: 'receipt', at: now - 30 * HOUR }));
    await http.driver.write((q) => recordSeen(q, { institution: A, check: 'planted', nowMs: now - 5 * HOUR, findings: ['a', 'b'].map((subject) => ({ subject, severity: 'warn', title: `题 ${subject}`, detail: '详', owner: subject === 'a' ? '药房' : '信息科', nextStep: '做' })) }));
  });
  after(() => http.close());

  it('lists open emergencies, the most urgent first, with what is missing, and no other hospital’s', async () => {
    const { status, json } = await http.call('/api/v1/emergencies', { token: http.token('pharmacist') });
    expect(status).to.equal(200);
    expect([json['open'], json['overdue']]).to.deep.equal([3, 1]);
    const items = json['items'] as readonly Record<string, unknown>[];
    expect(items.map((item) => [item['id'], item['state'], item['hoursLeft'], item['warning']])).to.deep.equal([['E3', 'overdue', -2, 0], ['E2', 'open', 6.5, 8], ['E1', 'open', 38, undefined]]);
    expect(items[1]).to.deep.include({ documentNo: 'CF2', location: '急诊药房', hours: 48, uncodedLines: 0, missingCodes: ['89990010000000020001', '89990010000000030001'] });
  });

  it('pages through them without losing or repeating one', async () => {
    const seen: unknown[] = [];
    let cursor: string | undefined = '';
    for (let page = 0; page < 5 && cursor !== undefined; page += 1) {
      const { json } = await http.call(`/api/v1/emergencies?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`, { token: http.token('it') });
      seen.push(...(json['items'] as readonly Record<string, unknown>[]).map((item) => item['id']));
      cursor = json['nextCursor'] as string | undefined;
    }
    expect(seen).to.deep.equal(['E3', 'E2', 'E1']);
    expect((await http.call('/api/v1/emergencies?cursor=bm9uZQ', { token: http.token('it') })).status).to.equal(400);
  });

  it('shows settled ones with how they were settled', async () => {
    const { json } = await http.call('/api/v1/emergencies?state=settled', { token: http.token('auditor') });
    expect(json['items']).to.have.length(1);
    expect((json['items'] as readonly object[])[0]).to.deep.include({ id: 'E4', state: 'settled', settledBy: 'receipt', settledAt: '2026-11-21T06:00:00+08:00', missingCodes: [] });
  });

  it('lists findings with owner, next step and age, and closes one with a reason, once', async () => {
    const token = http.token('pharmacist');
    const { json } = await http.call('/api/v1/findings?owner=%E8%8D%AF%E6%88%BF', { token });
    const [item, ...others] = json['items'] as readonly Record<string, unknown>[];
    expect(others).to.deep.equal([]);
    expect(item).to.deep.include({ check: 'planted', subject: 'a', owner: '药房', nextStep: '做', ageHours: 5, state: 'open' });
    const close = (body: object): ReturnType<HttpFixture['call']> => http.call(`/api/v1/findings/${String(item?.['findingNo'])}/close`, { token, body });
    expect((await close({})).status).to.equal(400);
    expect((await close({ reason: '  ' })).status).to.equal(400);
    const closed = await close({ reason: '已处理' });
    expect(closed.json).to.deep.include({ changed: true });
    expect(closed.json['finding']).to.deep.include({ state: 'closed', closeReason: '已处理', closedBy: `pharmacist@${A}` });
    expect((await close({ reason: '又一次' })).json).to.deep.include({ changed: false });
    expect((await http.call('/api/v1/findings', { token })).json['items']).to.have.length(1);
    expect(((await http.call('/api/v1/findings?state=closed', { token })).json['items'] as readonly Record<string, unknown>[])[0]?.['closeReason']).to.equal('已处理');
  });

  it('closes nothing of another hospital and nothing that is not there', async () => {
    const no = ((await http.call('/api/v1/findings', { token: http.token('it') })).json['items'] as readonly Record<string, unknown>[])[0]?.['findingNo'];
    expect((await http.call(`/api/v1/findings/${String(no)}/close`, { token: http.token('it', B), body: { reason: 'x' } })).status).to.equal(404);
    expect((await http.call('/api/v1/findings/999/close', { token: http.token('it'), body: { reason: 'x' } })).status).to.equal(404);
    expect((await http.call('/api/v1/findings/x/close', { token: http.token('it'), body: { reason: 'x' } })).status).to.equal(400);
  });
});
