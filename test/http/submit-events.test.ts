import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { refusal } from '../../adapter/domain/refusal.ts';
import { A, B, dispense, reread, startHttp, takeAll } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';

interface Result { readonly id: string; readonly status: string; readonly statusCode: number; readonly assigned: unknown[]; readonly findings: { code: string; severity: string; message: string; action: string; field?: string }[] }

function resultsOf(answer: { readonly json: Record<string, unknown> }): readonly Result[] {
  return answer.json['results'] as Result[];
}

describe('http: POST /api/v1/events', () => {
  let http: HttpFixture;
  let token: string;
  beforeEach(async () => { http = await startHttp(); token = http.token('his'); });
  afterEach(() => http.close());

  it('answers one object, an array and one event per line, in the order sent', async () => {
    const object = await http.call('/api/v1/events', { token, body: dispense('1') });
    const array = await http.call('/api/v1/events', { token, body: [dispense('2'), dispense('3')] });
    const lines = await http.call('/api/v1/events', { token, raw: `\n${JSON.stringify(dispense('4'))}\r\n${JSON.stringify(dispense('5'))}\n`, headers: { 'content-type': 'application/x-ndjson' } });
    expect([object, array, lines].map((answer) => answer.status)).to.deep.equal([200, 200, 200]);
    expect([object, array, lines].flatMap((answer) => resultsOf(answer).map((result) => `${result.id} ${result.status}`))).to.deep.equal(['1 accepted', '2 accepted', '3 accepted', '4 accepted', '5 accepted']);
    expect(http.intake.submitted.map(({ record }) => record.interpreter)).to.deep.equal(Array.from({ length: 5 }, () => 'his-rest'));
  });

  it('keeps each event as it was sent, so that it can be read again', async () => {
    const sent = '[ {"id":"7",  "source":"his","institution":"H89990000001","lines":[{"codes":[89990010000000011234]}]} , 5 ]';
    await http.call('/api/v1/events', { token, raw: sent });
    const texts = http.intake.submitted.map(({ record }) => Buffer.from(record.bytes).toString('utf8'));
    expect(texts).to.deep.equal(['{"id":"7",  "source":"his","institution":"H89990000001","lines":[{"codes":[89990010000000011234]}]}', '5']);
    const first = http.intake.submitted[0];
    expect(first === undefined ? undefined : reread(first.record)?.id).to.equal('7');
  });

  it('refuses an event inside results with 422, names field and value, and takes the others', async () => {
    const bad = dispense('bad', { lines: [{ lineNo: '1', drug: 'D', quantity: '两盒', unit: '盒', split: false, codes: [] }] });
    const answer = await http.call('/api/v1/events', { token, body: [dispense('good'), bad] });
    expect(answer.status).to.equal(200);
    const [good, refused] = resultsOf(answer);
    expect([good?.status, good?.statusCode, refused?.status, refused?.statusCode]).to.deep.equal(['accepted', 200, 'quarantined', 422]);
    expect(refused?.findings[0]).to.include({ code: 'EVENT_INVALID', severity: 'block', field: 'lines[0].quantity' });
    expect(refused?.findings[0]?.message).to.contain('lines[0].quantity').and.contain('两盒');
    expect(http.intake.submitted.find(({ record }) => record.controlId === 'bad')?.interpretation.kind).to.equal('refused');
  });

  it('never repeats patient data in a refusal', async () => {
    const answer = await http.call('/api/v1/events', { token, body: dispense('p', { patient: { visitNo: 'V1', name: '张三丰', idNo: 350102199001011, class: '门诊病人张三丰' } }) });
    expect(resultsOf(answer)[0]?.status).to.equal('quarantined');
    expect(answer.text).not.to.match(/张三丰|350102199001011/);
    expect(JSON.stringify(http.logged)).not.to.match(/张三丰|350102199001011/);
  });

  it('refuses trace codes sent as numbers, because digits are lost', async () => {
    const answer = await http.call('/api/v1/events', { token, raw: JSON.stringify(dispense('n')).replace('"89990010000000011234"', '89990010000000011234') });
    expect(resultsOf(answer)[0]?.findings[0]?.code).to.equal('CODE_UNUSABLE');
    expect(resultsOf(answer)[0]?.findings[0]?.message).to.contain('文本');
  });

  it('keeps an event that names an unknown institution in the caller\'s own quarantine', async () => {
    const answer = await http.call('/api/v1/events', { token, body: dispense('u', { institution: 'H00000000000' }) });
    expect(resultsOf(answer)[0]?.status).to.equal('quarantined');
    expect(resultsOf(answer)[0]?.findings[0]?.code).to.equal('EVENT_INSTITUTION_UNKNOWN');
    expect(http.intake.submitted[0]?.record.institution).to.equal(A);
  });

  it('answers 503 with Retry-After for the whole call when the store cannot take more', async () => {
    http.intake.answer = () => ({ kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 7_200 });
    const answer = await http.call('/api/v1/events', { token, body: [dispense('1'), dispense('2')] });
    expect([answer.status, answer.headers.get('retry-after'), answer.json['code']]).to.deep.equal([503, '8', 'STORE_FULL']);
    expect(Object.keys(answer.json)).to.have.members(['code', 'message', 'action', 'requestId']);
  });

  it('answers 503 when only a part is stored, and says that the same body may be sent again', async () => {
    let given = 0;
    http.intake.answer = (record, interpretation) => (++given > 2 ? { kind: 'unavailable', refusal: refusal('OVERLOADED'), retryAfterMs: 100 } : takeAll(record, interpretation));
    const answer = await http.call('/api/v1/events', { token, body: [dispense('1'), dispense('2'), dispense('3')] });
    expect([answer.status, answer.headers.get('retry-after'), answer.json['code']]).to.deep.equal([503, '1', 'OVERLOADED']);
    expect(answer.json['message']).to.contain('2 个事件').and.contain('重发');
  });

  it('shows assigned codes, findings in words and the refusal of a conflict', async () => {
    http.intake.answer = (record) => record.controlId === 'c'
      ? { kind: 'taken', events: [{ id: 'c', status: 'rejected', assigned: [], findings: [], refusal: refusal('EVENT_CONFLICT', { field: 'id', value: 'c' }) }] }
      : { kind: 'taken', events: [{ id: 's', status: 'accepted', assigned: [{ lineNo: '1', code: '89990010000000011234', quantity: '6' }], findings: [{ code: 'CODE_EXPIRED', severity: 'warn', lineNo: '1', traceCode: '89990010000000011234', detail: '有效期至 2026-01-01' }] }] };
    const [taken, conflict] = resultsOf(await http.call('/api/v1/events', { token, body: [dispense('s'), dispense('c')] }));
    expect(taken?.assigned).to.deep.equal([{ lineNo: '1', code: '89990010000000011234', quantity: '6' }]);
    expect(taken?.findings[0]).to.include({ code: 'CODE_EXPIRED', severity: 'warn', lineNo: '1', traceCode: '89990010000000011234' });
    expect(taken?.findings[0]?.message).to.contain('有效期至 2026-01-01');
    expect([conflict?.status, conflict?.statusCode, conflict?.findings[0]?.code]).to.deep.equal(['rejected', 422, 'EVENT_CONFLICT']);
  });

  it('takes 1,000 events and refuses 1,001', async () => {
    const event = (no: number): unknown => dispense(String(no), { lines: [{ lineNo: '1', drug: 'D', quantity: '1', unit: '盒', codes: [] }] });
    const most = await http.call('/api/v1/events', { token, body: Array.from({ length: 1_000 }, (_, no) => event(no)) });
    expect([most.status, resultsOf(most).length, resultsOf(most)[999]?.id]).to.deep.equal([200, 1_000, '999']);
    const more = await http.call('/api/v1/events', { token, body: Array.from({ length: 1_001 }, (_, no) => event(no)) });
    expect([more.status, more.json['code']]).to.deep.equal([413, 'RECORD_TOO_LARGE']);
    expect(http.intake.submitted.length).to.equal(1_000);
  });

  it('refuses a body above 8 MiB, also one that only grows to that when unpacked', async () => {
    const plain = await http.call('/api/v1/events', { token, raw: `["${'x'.repeat(8 * 1024 * 1024)}"]` });
    const packed = await http.call('/api/v1/events', { token, raw: gzipSync(`["${'x'.repeat(9 * 1024 * 1024)}"]`), headers: { 'content-encoding': 'gzip' } });
    expect([plain.status, plain.json['code'], packed.status, packed.json['code']]).to.deep.equal([413, 'RECORD_TOO_LARGE', 413, 'RECORD_TOO_LARGE']);
  });

  it('answers 400 for a body that is no JSON, naming the place and not the content', async () => {
    const broken = await http.call('/api/v1/events', { token, raw: '{"patient":{"name":"张三丰"' });
    const line = await http.call('/api/v1/events', { token, raw: `${JSON.stringify(dispense('1'))}\n{"name":"张三丰`, headers: { 'content-type': 'application/x-ndjson' } });
    const empty = await http.call('/api/v1/events', { token, method: 'POST' });
    const text = await http.call('/api/v1/events', { token, raw: '"text"' });
    expect([broken, line, empty, text].map((answer) => [answer.status, answer.json['code']])).to.deep.equal(Array.from({ length: 4 }, () => [400, 'BODY_NOT_JSON']));
    expect(line.json['message']).to.contain('第 2 行');
    expect(broken.text + line.text).not.to.contain('张三丰');
    expect(http.intake.submitted).to.deep.equal([]);
  });

  it('reads GBK where the caller says so, and refuses wrong bytes instead of guessing', async () => {
    const gbk = Buffer.concat([Buffer.from('{"id":"g","source":"his","institution":"H89990000001","kind":"dispense","occurredAt":"2026-11-22T09:31:05+08:00","lines":[{"lineNo":"1","drug":"D","quantity":"1","unit":"'), Buffer.from([0xba, 0xd0]), Buffer.from('"}]}')]);
    const declared = await http.call('/api/v1/events', { token, raw: gbk, headers: { 'content-type': 'application/json; charset=GBK' } });
    expect(resultsOf(declared)[0]?.status).to.equal('accepted');
    const stored = http.intake.submitted[0]?.interpretation;
    expect(stored?.kind === 'events' ? stored.events[0]?.lines[0]?.unit : undefined).to.equal('盒');
    const undeclared = await http.call('/api/v1/events', { token, raw: gbk });
    expect([undeclared.status, undeclared.json['code']]).to.deep.equal([400, 'BODY_NOT_JSON']);
  });

  it('hands events that touch the same code to the intake one after the other', async () => {
    const order: string[] = [];
    let open = 0;
    let most = 0;
    http.intake.submit = async (record, interpretation) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => { setImmediate(resolve); });
      order.push(record.controlId);
      open -= 1;
      return takeAll(record, interpretation);
    };
    await http.call('/api/v1/events', { token, body: [dispense('1'), dispense('2'), dispense('3')] });
    expect([order, most]).to.deep.equal([['1', '2', '3'], 1]);
    const apart = ['4', '5', '6'].map((id) => dispense(id, { lines: [{ lineNo: '1', drug: 'D', quantity: '1', unit: '盒', codes: [`8999001000000001${id}000`] }] }));
    await http.call('/api/v1/events', { token, body: apart });
    expect(most).to.equal(3);
  });

  it('survives any JSON without crashing or storing it as accepted', async () => {
    const shapes = ['[]', '[null]', '[[]]', '[{}]', '[1,"a",true]', '{"__proto__":{"id":"x"}}', '{"lines":{"length":1}}', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, '{"id":{"toString":1},"lines":[[]]}', '[{"id":"a\\u0000b","lines":[{"codes":"x"}]}]'];
    for (const raw of shapes) {
      const answer = await http.call('/api/v1/events', { token, raw });
      expect(answer.status, raw.slice(0, 40)).to.equal(200);
      expect(resultsOf(answer).every((result) => result.status === 'quarantined'), raw.slice(0, 40)).to.equal(true);
    }
    expect(http.intake.submitted.every(({ record }) => !record.controlId.includes('\u0000'))).to.equal(true);
  });

  it('refuses the whole call of a token whose institution is no longer configured', async () => {
    const other = await startHttp({ deps: { institutions: [{ code: B, name: '乙医院', region: '350102' }] } });
    try {
      const answer = await other.call('/api/v1/events', { token: other.token('his', A), body: dispense('1') });
      expect([answer.status, other.intake.submitted.length]).to.deep.equal([403, 0]);
    } finally {
      await other.close();
    }
  });
});
