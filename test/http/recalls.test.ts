import { expect } from 'chai';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { readXlsx } from '../../adapter/catalogue/xlsx/workbook.ts';
import type { SqlValue } from '../../adapter/ports/sql-driver.ts';
import { A, B, onBothStores, startHttp, type Answer, type HttpFixture } from './fixture.ts';
import { seedEvent } from './seed.ts';

const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}1234`;
const NOTICE = { noticeNo: '召2026-15', approvalNo: '国药准字H20260001', lots: ['A2401'], level: 1, reason: '溶出度不符合规定', owner: '王药师', issuer: '省药监局', issuedOn: '2026-11-20' };

describe('http: recalls', () => { onBothStores((open) => {
  let http: HttpFixture;
  const run = (sql: string, params: readonly SqlValue[]): Promise<unknown> => http.driver.write((q) => q.run(sql, params));
  async function put(institution: string, serial: number, state: string, lot: string | null, moves: readonly (readonly [number, string, string])[] = []): Promise<void> {
    await run(`INSERT INTO code (institution, code, scheme, prefix, state, drug, lot, level, location, units_total, units_left, last_event_no, updated_at, received_count) VALUES (?,?,'cn20','8999001',?,'YP1',?,1,'西药房','24000000','24000000',0,0,1)`, [institution, code(serial), state, lot]);
    for (const [eventNo, from, to] of moves) await run(`INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening) VALUES (?,?,?,'1',?,?,'0',0)`, [institution, code(serial), eventNo, from, to]);
  }
  before(async () => {
    http = await startHttp({ open });
    for (const institution of [A, B]) await saveDrugs(http.driver, institution, [{ drug: 'YP1', name: '演示片', approvalNo: '国药准字 H20260001' }, { drug: 'YP2', name: '别的药', approvalNo: '国药准字H20260002' }], 0);
    const event = (institution: string, eventNo: number, kind: string, visitNo?: string, lines?: { lineNo: string; drug: string; lot: string }[]): Promise<void> => seedEvent(http.driver, { institution, eventNo, id: `E${String(eventNo)}`, kind, documentNo: `CF${String(eventNo)}`, ...(visitNo === undefined ? {} : { visitNo }), ...(lines === undefined ? {} : { lines }) });
    await event(A, 1, 'dispense', 'V1');
    await event(A, 2, 'dispense', 'V2');
    await event(A, 3, 'dispense-return', 'V2');
    await event(A, 4, 'dispense', 'V4', [{ lineNo: '1', drug: 'YP1', lot: 'A2401' }]);
    await run('UPDATE event_line SET code_count = 0 WHERE institution = ? AND event_no = 4', [A]);
    await event(B, 1, 'dispense', 'V-OF-B');
    await put(A, 1, 'in-stock', 'A2401');
    await put(A, 2, 'dispensed', 'a 2401', [[1, 'in-stock', 'dispensed']]);
    await put(A, 3, 'in-stock', 'A2401', [[2, 'in-stock', 'dispensed'], [3, 'dispensed', 'in-stock']]);
    await put(A, 4, 'in-stock', 'A2402');
    await put(A, 5, 'in-stock', null);
    await put(B, 6, 'dispensed', 'A2401', [[1, 'in-stock', 'dispensed']]);
  });
  after(() => http.close());
  const call = (path: string, options: { role?: 'pharmacist' | 'it' | 'auditor' | 'his'; body?: unknown } = {}): Promise<Answer> => http.call(path, { token: http.token(options.role ?? 'pharmacist'), ...(options.body === undefined ? {} : { body: options.body }) });

  it('files a notice, adds lots that are new, and takes the same again for what it is', async () => {
    const results = async (notice: object): Promise<unknown> => (await call('/api/v1/recalls', { body: { notices: [notice] } })).json['results'];
    expect(await results(NOTICE)).to.deep.equal([{ recallNo: 1, noticeNo: '召2026-15', approvalNo: NOTICE.approvalNo, result: 'imported', lotsAdded: 1 }]);
    expect(await results(NOTICE)).to.deep.equal([{ recallNo: 1, noticeNo: '召2026-15', approvalNo: NOTICE.approvalNo, result: 'duplicate', lotsAdded: 0 }]);
    expect(await results({ ...NOTICE, lots: ['A2401', 'A2409'] })).to.deep.equal([{ recallNo: 1, noticeNo: '召2026-15', approvalNo: NOTICE.approvalNo, result: 'extended', lotsAdded: 1 }]);
    expect((await call('/api/v1/recalls', { body: { notices: [{ ...NOTICE, level: 4 }] } })).status).to.equal(400);
    expect((await call('/api/v1/recalls', { role: 'auditor', body: { notices: [NOTICE] } })).status).to.equal(403);
  });

  it('blocks a scan of the lot from then on', async () => {
    const blocked = await call('/api/v1/scan', { body: { code: code(1), purpose: 'dispense' } });
    expect((blocked.json['findings'] as { code: string }[]).map((finding) => finding.code)).to.deep.equal(['CODE_RECALLED']);
    expect((await call('/api/v1/scan', { body: { code: code(4), purpose: 'dispense' } })).json['verdict']).to.equal('ok');
  });

  it('says where every pack of the lot is and which visits got it, without codes and in whatever spelling too', async () => {
    const { json, text } = await call('/api/v1/recalls?lot=a2401&approvalNo=h20260001');
    expect((json['notices'] as { state: string; nextStep: string }[]).map(({ state }) => state)).to.deep.equal(['open']);
    expect(json['counts']).to.deep.equal({ total: 3, here: 2, lotUnknown: 1, byState: json['counts'] === undefined ? [] : (json['counts'] as { byState: unknown[] }).byState });
    expect((json['codes'] as { code: string; state: string }[]).map((one) => [one.code, one.state])).to.have.deep.members([[code(1), 'in-stock'], [code(2), 'dispensed'], [code(3), 'in-stock']]);
    expect((json['visits'] as { visitNo: string; returned: boolean; code?: string }[]).map((one) => [one.visitNo, one.returned, one.code])).to.have.deep.members([['V1', false, code(2)], ['V2', true, code(3)], ['V4', false, undefined]]);
    expect(text).not.to.contain('V-OF-B').and.not.contain(code(6));
    expect((await call('/api/v1/recalls?lot=A2401')).json['counts']).to.include({ total: 3 });
  });

  it('shows visit numbers to pharmacist and it only', async () => {
    const text = async (role: 'it' | 'auditor'): Promise<string> => (await call('/api/v1/recalls?lot=A2401', { role })).text;
    expect(await text('it')).to.contain('"V1"');
    expect(await text('auditor')).not.to.match(/"V\d"|CF\d/);
    expect((await call('/api/v1/recalls/1/report?format=csv-visits', { role: 'auditor' })).text).not.to.match(/V\d|CF\d/);
    expect((await call('/api/v1/recalls?lot=A2401', { role: 'his' })).status).to.equal(403);
  });

  it('turns pages without losing or repeating a code', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page += 1) {
      const { json } = await call(`/api/v1/recalls?approvalNo=H20260001&limit=1${cursor}`);
      seen.push(...(json['codes'] as { code: string }[]).map((one) => one.code));
      if (json['nextCursor'] === undefined) break;
      cursor = `&cursor=${encodeURIComponent(json['nextCursor'] as string)}`;
    }
    expect(seen).to.have.members([1, 2, 3, 4].map(code));
    expect(seen).to.have.length(4);
  });

  it('gives the report as JSON, csv and a workbook in which no code became a number', async () => {
    const { json } = await call('/api/v1/recalls/1/report');
    expect(json['counts']).to.include({ total: 3 });
    expect((json['steps'] as { to: string }[]).map(({ to }) => to)).to.deep.equal(['open']);
    const csv = await call('/api/v1/recalls/1/report?format=csv');
    expect(csv.headers.get('content-type')).to.contain('text/csv');
    expect(csv.text).to.contain(`="${code(2)}"`.replaceAll('"', '""'));
    const response = await fetch(`${http.server.address()}/api/v1/recalls/1/report?format=xlsx`, { headers: { authorization: `Bearer ${http.token('pharmacist')}` }, signal: AbortSignal.timeout(10_000) });
    const book = readXlsx(new Uint8Array(await response.arrayBuffer()));
    if ('fault' in book) throw new Error(book.fault);
    expect(book.tables.map(({ name }) => name)).to.deep.equal(['汇总', '追溯码', '发出记录']);
    const cells = book.tables.flatMap(({ rows }) => rows.flatMap((row) => [...row.cells.values()]));
    expect(cells.find(({ text }) => text === code(2))?.kind).to.equal('text');
    expect(cells.some(({ text }) => text === '召2026-15')).to.equal(true);
  });

  it('is moved on step by step, keeps who did it, and closes only when nothing is left', async () => {
    const move = (body: object): Promise<Answer> => call('/api/v1/recalls/1/state', { body });
    expect((await move({ state: 'closed', note: '完成' })).json['message']).to.contain('不能从 open 转为 closed');
    expect((await move({ state: 'quarantined', owner: '李药师' })).json).to.include({ state: 'quarantined', owner: '李药师' });
    await move({ state: 'reported' });
    expect((await move({ state: 'closed', note: '完成' })).json['message']).to.contain('仍有 2 盒在库');
    await run("UPDATE code SET state = 'returned-to-supplier' WHERE institution = ? AND code IN (?, ?)", [A, code(1), code(3)]);
    expect((await move({ state: 'closed' })).status).to.equal(400);
    expect((await move({ state: 'closed', note: '已退回供应商' })).json).to.include({ state: 'closed', closeReason: '已退回供应商' });
    expect(((await call('/api/v1/recalls/1/report')).json['steps'] as { by: string; to: string }[]).map(({ by, to }) => [by, to])).to.deep.equal(['open', 'quarantined', 'reported', 'closed'].map((to) => [`pharmacist@${A}`, to]));
    expect((await call('/api/v1/recalls/9/state', { body: { state: 'quarantined' } })).status).to.equal(404);
  });

  it('keeps a closed lot blocked and lets a withdrawn one go', async () => {
    await put(A, 21, 'in-stock', 'A2401');
    http.clock.ms += 2_000;
    expect((await call('/api/v1/scan', { body: { code: code(21), purpose: 'dispense' } })).json['verdict']).to.equal('block');
    await call('/api/v1/recalls/1/state', { body: { state: 'withdrawn', note: '通知有误' } });
    http.clock.ms += 2_000;
    expect((await call('/api/v1/scan', { body: { code: code(21), purpose: 'dispense' } })).json['verdict']).to.equal('ok');
  });
}); });
