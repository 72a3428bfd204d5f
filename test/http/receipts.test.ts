import { expect } from 'chai';
import { A, B, startHttp, type HttpFixture } from './fixture.ts';
import { seedEvent } from './seed.ts';

const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}0001`;
const bill = { billNo: 'CK1', supplier: { code: 'S1' }, lines: [{ lineNo: '1', drug: 'YP1', lot: 'A1', codes: [{ code: code(1) }, { code: code(2) }] }] };

describe('http: receipts', () => {
  let http: HttpFixture;
  beforeEach(async () => {
    http = await startHttp();
    const event = { id: 'RK-1', source: 'his', institution: A, kind: 'receipt', occurredAt: '2026-11-20T09:00:00+08:00', documentNo: 'CK1', lines: [{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, lot: 'A1', codes: [code(1), code(3)] }] };
    await seedEvent(http.driver, { institution: A, eventNo: 70, id: 'RK-1', kind: 'receipt', documentNo: 'CK1', body: event });
  });
  afterEach(() => http.close());

  it('shows a receipt without a bill, its clock running out after 48 hours', async () => {
    const answer = await http.call('/api/v1/receipts/CK1', { token: http.token('pharmacist') });
    expect(answer.status).to.equal(200);
    expect(answer.json).to.deep.include({ state: 'no-bill', clock: { startedAt: '2026-11-20T09:00:00+08:00', dueAt: '2026-11-22T09:00:00+08:00', state: 'overdue', emergency: false } });
    expect((await http.call('/api/v1/receipts/none', { token: http.token('pharmacist') })).status).to.equal(404);
    expect((await http.call('/api/v1/receipts/CK1', { token: http.token('pharmacist', B) })).status).to.equal(404);
  });

  it('takes a bill, names what differs, exports it and keeps how it was settled', async () => {
    const taken = await http.call('/api/v1/upstream-bills', { token: http.token('his'), body: bill });
    expect([taken.status, taken.json]).to.deep.equal([200, { billNo: 'CK1', result: 'added', revision: 1, receipts: [] }]);
    const receipt = await http.call('/api/v1/receipts/CK1', { token: http.token('auditor') });
    expect(receipt.json).to.deep.include({ state: 'mismatched', matched: [code(1)], missing: [code(2)], extra: [code(3)], verification: { checked: true, passed: false, billNos: ['CK1'], refused: [code(3)] } });
    // nobody marked the seeded event; the bill sent again with a change finds it by its number once it is known
    await http.driver.write((q) => q.run("INSERT INTO receipt (institution, document_no, state, due_at, first_at, body) VALUES (?, 'CK1', 'unchecked', 1, 1, '{}')", [A]));
    const again = await http.call('/api/v1/upstream-bills', { token: http.token('his'), body: { ...bill, billedAt: '2026-11-19' } });
    expect(again.json).to.deep.include({ result: 'revised', receipts: ['CK1'] });
    const csv = await http.call('/api/v1/discrepancies?format=csv', { token: http.token('pharmacist') });
    expect(csv.headers.get('content-type')).to.contain('text/csv');
    expect(csv.text.split('\r\n')).to.have.length(4);
    const page = await http.call('/api/v1/discrepancies?limit=1', { token: http.token('pharmacist') });
    const next = await http.call(`/api/v1/discrepancies?limit=1&cursor=${String(page.json['nextCursor'])}`, { token: http.token('pharmacist') });
    const kinds = [page, next].flatMap(({ json }) => (json['items'] as { kind: string }[]).map(({ kind }) => kind));
    expect(kinds).to.deep.equal(['extra', 'missing']);
    const moved = await http.call('/api/v1/discrepancies/move', { token: http.token('pharmacist'), body: { document: 'CK1', kind: 'extra', to: 'settled', note: '供应商已补单' } });
    expect(moved.json).to.deep.equal({ matched: 1, changed: 1 });
    const after = await http.call('/api/v1/receipts/CK1', { token: http.token('pharmacist') });
    const settled = (after.json['discrepancies'] as { kind: string; state: string; reason?: string; steps: unknown[] }[]).find(({ kind }) => kind === 'extra');
    expect(settled).to.deep.include({ state: 'settled', reason: '供应商已补单' });
    expect(settled?.steps).to.have.length(2);
  });

  it('refuses a bill with a code that is none, and a move without a reason', async () => {
    const answer = await http.call('/api/v1/upstream-bills', { token: http.token('his'), body: { ...bill, lines: [{ lineNo: '1', codes: [{ code: '8.9E+19' }] }] } });
    expect([answer.status, answer.json['code']]).to.deep.equal([422, 'CODE_UNUSABLE']);
    expect((await http.call('/api/v1/discrepancies/move', { token: http.token('pharmacist'), body: { document: 'CK1', to: 'settled' } })).status).to.equal(400);
  });
});
