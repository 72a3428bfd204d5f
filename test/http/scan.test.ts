import { expect } from 'chai';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { A, B, startHttp, type Answer, type HttpFixture } from './fixture.ts';

const PAGE = 'http://his.example.cn:8080';
const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}1234`;
const DRUG = { drug: 'YP1', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 24, prefixUnit: '8999001' };

describe('http: scans', () => {
  let http: HttpFixture;
  const put = (institution: string, serial: number, state: string, more: { readonly soldCount?: number; readonly expiresOn?: string; readonly openedAt?: number; readonly left?: string; readonly location?: string } = {}): Promise<unknown> => http.driver.write((q) => q.run(
    `INSERT INTO code (institution, code, scheme, prefix, state, drug, lot, expires_on, level, location, units_total, units_left, opened_at, last_event_no, updated_at, received_count, sold_count) VALUES (?,?,'cn20','8999001',?,'YP1','A1',?,1,?,'24000000',?,?,0,0,1,?)`,
    [institution, code(serial), state, more.expiresOn ?? '2028-01-01', more.location ?? '西药房', more.left ?? '24000000', more.openedAt ?? null, more.soldCount ?? 0]));
  before(async () => {
    http = await startHttp({ deps: { scan: { members: (institution) => (institution === A ? [B] : []), allowedOrigins: [PAGE], tokenInQuery: true } } });
    for (const institution of [A, B]) await saveDrugs(http.driver, institution, [DRUG], 0);
    await put(A, 1, 'in-stock');
    await put(A, 2, 'dispensed', { soldCount: 1 });
    await put(A, 3, 'in-stock');
    await put(B, 3, 'dispensed', { soldCount: 1 });
    await put(A, 4, 'in-stock', { expiresOn: '2026-01-01' });
    await put(A, 11, 'opened', { openedAt: Date.parse('2026-11-01T08:00:00+08:00'), left: '10500000' });
    await put(A, 12, 'opened', { openedAt: Date.parse('2026-11-20T08:00:00+08:00'), left: '3000000', expiresOn: '2026-11-21' });
    await put(A, 13, 'opened', { openedAt: Date.parse('2026-11-20T08:00:00+08:00'), location: '急诊药房' });
    await put(B, 14, 'opened');
  });
  after(() => http.close());
  const scan = (body: unknown, path = '/api/v1/scan', headers: Readonly<Record<string, string>> = {}): Promise<Answer> => http.call(path, { token: http.token('his'), body, headers });

  it('answers with verdict, findings in words and what the pack is', async () => {
    const ok = await scan({ institution: A, code: code(1), purpose: 'dispense', drug: 'YP1', location: '西药房' });
    expect(ok.json).to.deep.equal({ verdict: 'ok', findings: [], code: code(1), scheme: 'cn20', state: 'in-stock', level: 1, drug: 'YP1', drugName: '演示片', lot: 'A1', expiresOn: '2028-01-01', location: '西药房', smallestUnit: '片', unitsTotal: '24', unitsLeft: '24' });
    const gone = await scan({ code: code(2), purpose: 'dispense' });
    expect(gone.json).to.deep.include({ verdict: 'block', state: 'dispensed' });
    expect((gone.json['findings'] as { message: string; action: string }[])[0]).to.include({ code: 'CODE_ALREADY_DISPENSED', severity: 'block', message: '该追溯码已经发出过：该码已发出' });
  });

  it('tells a member that another dispensed the pack, and not the other way round', async () => {
    expect((await scan({ code: code(3), purpose: 'dispense' })).json['verdict']).to.equal('block');
    const other = await http.call('/api/v1/scan', { token: http.token('his', B), body: { code: code(1), purpose: 'receive' } });
    expect(other.json).to.deep.equal({ verdict: 'ok', findings: [], code: code(1), scheme: 'cn20', state: 'unseen', level: 1 });
  });

  it('judges 500 codes in one call, in their order, and refuses 501', async () => {
    const items = Array.from({ length: 500 }, (_, at) => ({ code: code(1 + (at % 4)) }));
    const answer = await scan({ purpose: 'dispense', items }, '/api/v1/scan/batch');
    const results = answer.json['results'] as { verdict: string; code: string }[];
    expect(answer.json['verdict']).to.equal('block');
    expect(results.map((result) => result.code)).to.deep.equal(items.map((item) => item.code));
    expect(results.slice(0, 4).map(({ verdict }) => verdict)).to.deep.equal(['ok', 'block', 'block', 'block']);
    expect((await scan({ purpose: 'dispense', items: [...items, { code: code(1) }] }, '/api/v1/scan/batch')).status).to.equal(400);
  });

  it('writes nothing', async () => {
    const count = (): Promise<unknown> => http.driver.read((q) => q.get('SELECT (SELECT COUNT(*) FROM code) AS codes, (SELECT COUNT(*) FROM event) AS events, (SELECT COUNT(*) FROM finding) AS findings'));
    const before = await count();
    await scan({ code: code(99), purpose: 'dispense' });
    expect(await count()).to.deep.equal(before);
  });

  it('takes and gives JSON text inside JSON where a page asks for it', async () => {
    const request = JSON.stringify({ code: code(4), purpose: 'dispense' });
    for (const body of [request, { input: request }]) {
      const answer = await scan(body, '/api/v1/scan?shape=string');
      const outer = JSON.parse(answer.text) as unknown;
      expect(outer).to.be.a('string');
      const inner = JSON.parse(outer as string) as { infcode: string; err_msg: string; output: { verdict: string } };
      expect([inner.infcode, inner.output.verdict]).to.deep.equal(['-1', 'block']);
      expect(inner.err_msg).to.contain('药品已过有效期');
    }
    expect(JSON.parse(JSON.parse((await scan({ code: code(1), purpose: 'dispense' }, '/api/v1/scan?shape=string')).text) as string)).to.include({ infcode: '0', err_msg: '' });
    expect((await scan('{"code"')).json['code']).to.equal('BODY_NOT_JSON');
    expect((await scan(JSON.stringify({ code: 5, purpose: 'dispense' }))).json['code']).to.equal('REQUEST_INVALID');
  });

  it('takes a token in the address and a body that names no type, as old pages send them', async () => {
    const answer = await http.call(`/api/v1/scan?token=${http.token('his')}`, { raw: JSON.stringify({ code: code(1), purpose: 'dispense' }), headers: { 'content-type': 'text/plain' } });
    expect(answer.json['verdict']).to.equal('ok');
  });

  it('answers the preflight of a page that may call, and gives no other page permission', async () => {
    const preflight = (origin: string): Promise<Answer> => http.call('/api/v1/scan', { method: 'OPTIONS', headers: { 'origin': origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type', 'access-control-request-private-network': 'true' } });
    const allowed = await preflight(PAGE);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin'), allowed.headers.get('access-control-allow-private-network')]).to.deep.equal([204, PAGE, 'true']);
    expect(allowed.headers.get('access-control-allow-headers')).to.contain('authorization');
    expect((await preflight('http://evil.example')).headers.get('access-control-allow-origin')).to.equal(null);
    const answer = await scan({ code: code(1), purpose: 'dispense' }, '/api/v1/scan', { origin: PAGE });
    expect([answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).to.deep.equal([PAGE, 'Origin']);
    expect((await scan({ code: code(1), purpose: 'dispense' }, '/api/v1/scan', { origin: 'http://evil.example' })).headers.get('access-control-allow-origin')).to.equal(null);
  });

  it('speaks English where it is asked for', async () => {
    const answer = await scan({ code: code(2), purpose: 'dispense' }, '/api/v1/scan', { 'accept-language': 'en' });
    const [finding] = answer.json['findings'] as { message: string; action: string }[];
    expect(finding?.message).to.equal('the code has been dispensed before: dispensed already');
    expect(JSON.stringify(finding)).not.to.match(/[\u4e00-\u9fff]/);
  });

  it('lists the split stock per drug and location, oldest expiry first, with what is wrong', async () => {
    const { json } = await http.call('/api/v1/split-stock?inUseDays=7', { token: http.token('pharmacist') });
    expect(json['stocks']).to.deep.equal([{ drug: 'YP1', drugName: '演示片', location: '西药房', unit: '片', packs: 2, unitsLeft: '13.5' }, { drug: 'YP1', drugName: '演示片', location: '急诊药房', unit: '片', packs: 1, unitsLeft: '24' }]);
    const packs = json['packs'] as { code: string; problems: string[]; useBefore: string; unitsLeft: string; openedAt: string }[];
    expect(packs.map(({ code: one, problems, useBefore }) => [one, problems, useBefore])).to.deep.equal([[code(12), ['CODE_EXPIRED'], '2026-11-27'], [code(11), ['IN_USE_EXCEEDED'], '2026-11-08'], [code(13), [], '2026-11-27']]);
    expect(packs[1]).to.include({ unitsLeft: '10.5', openedAt: '2026-11-01T08:00:00+08:00' });
    const there = await http.call(`/api/v1/split-stock?location=${encodeURIComponent('急诊药房')}&drug=YP1`, { token: http.token('pharmacist') });
    expect((there.json['packs'] as { code: string }[]).map((pack) => pack.code)).to.deep.equal([code(13)]);
  });
});
