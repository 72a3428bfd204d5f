import { expect } from 'chai';
import { detailInEnglish } from '../../adapter/http/detail-english.ts';
import { findingReply } from '../../adapter/http/finding-reply.ts';
import { describeRefusal } from '../../adapter/http/error-reply.ts';
import { validateEvent } from '../../adapter/intake/event-schema.ts';
import { A, dispense, startHttp, type HttpFixture } from './fixture.ts';

const CHINESE = /[\u4e00-\u9fff]/;
const line = { lineNo: '1', drug: 'YP1', quantity: '1', unit: 'box', codes: [] as unknown[] };
const WRONG: readonly unknown[] = [
  [], { }, dispense('x', { id: 7 }), dispense('x', { kind: 'sale' }), dispense('x', { occurredAt: 'yesterday' }), dispense('x', { lines: [] }), dispense('x', { lines: [{ ...line, quantity: '0' }] }), dispense('x', { emergency: 'no' }),
  dispense('x', { lines: [{ ...line, quantity: 'a', unitPrice: 'b', producedOn: 'c', expiresOn: 'd', lot: 5 }] }), dispense('x', { lines: [{ ...line, codes: [89990010000000011234] }] }), dispense('x', { lines: [line, line] }),
  dispense('x', { kind: 'void' }), dispense('x', { kind: 'void', lines: [] }), dispense('x', { kind: 'settlement', lines: [], patient: undefined }), dispense('x', { kind: 'transfer-out' }), dispense('x', { kind: 'split-open' }),
  dispense('x', { kind: 'split-open', lines: [line, line] }), dispense('x', { id: 'a\nb' }), dispense('x', { location: 'x'.repeat(100) }), dispense('x', { lines: 'none' }), dispense('x', { patient: 'nobody' }), dispense('x', { lines: [{ ...line, quantity: '-1', unitPrice: '-1' }] }),
];

describe('http: texts for people', () => {
  it('says what is wrong with an event in English where English is asked for', () => {
    for (const event of WRONG) {
      const verdict = validateEvent(event);
      if ('ok' in verdict) throw new Error(`taken: ${JSON.stringify(event)}`);
      const text = describeRefusal(verdict.refusal, 'en');
      expect(text.message, JSON.stringify(verdict.refusal)).not.to.match(CHINESE);
      expect(text.action).not.to.match(CHINESE);
      expect(describeRefusal(verdict.refusal, 'zh').message).to.match(CHINESE);
    }
  });

  it('does not say the same thing twice in one finding', () => {
    const reply = (detail: string): string => findingReply({ code: 'CODE_NOT_IN_STOCK', severity: 'warn', lineNo: '1', detail }, 'zh').message;
    expect(reply('该码没有入库记录')).to.equal('该追溯码没有入库记录');
    expect(reply('上次盘存也没有')).to.equal('该追溯码没有入库记录：上次盘存也没有');
    expect(findingReply({ code: 'CODE_NOT_IN_STOCK', severity: 'warn', lineNo: '1', detail: '该码没有入库记录' }, 'en').message).not.to.match(CHINESE);
  });

  it('keeps what it cannot translate instead of losing it, and leaves English alone', () => {
    expect(detailInEnglish('平台原文：某种错误')).to.equal('平台原文：某种错误');
    expect(detailInEnglish('plain')).to.equal('plain');
    expect(detailInEnglish('该码入库批号 A1，本行批号 B2')).to.equal('received with lot A1, this line says B2');
    expect(detailInEnglish('lines[0].quantity 必须大于 0；退药请发送 dispense-return')).to.equal('lines[0].quantity has to be above 0; send a dispense-return for what comes back');
  });
});

describe('http: what was not taken', () => {
  let http: HttpFixture;
  before(async () => { http = await startHttp(); });
  after(() => http.close());

  it('stands in the log with source, id, code and field, and never with its content', async () => {
    http.intake.answer = (record) => ({ kind: 'taken', events: [{ id: record.controlId, status: 'rejected', assigned: [], findings: [], refusal: { code: 'EVENT_CONFLICT', field: 'id', value: record.controlId } }] });
    await http.call('/api/v1/events', { token: http.token('his'), body: dispense('E1') });
    http.intake.answer = undefined;
    await http.call('/api/v1/events', { token: http.token('his'), body: dispense('E2', { occurredAt: '张三丰' }) });
    const lines = http.logged.filter((entry) => entry.message === 'rest event not taken');
    expect(lines.map(({ fields }) => fields)).to.deep.include.members([]);
    expect(lines[0]?.fields).to.include({ institution: A, source: 'his', eventId: 'E1', result: 'rejected', code: 'EVENT_CONFLICT', field: 'id', by: `his@${A}` });
    expect(lines[1]?.fields).to.include({ eventId: 'E2', result: 'quarantined', code: 'EVENT_INVALID', field: 'occurredAt' });
    expect(JSON.stringify(lines)).not.to.contain('张三丰').and.not.contain('350102199001011234');
  });

  it('fills the log with a few lines and a number when a whole call is bad', async () => {
    const before = http.logged.length;
    await http.call('/api/v1/events', { token: http.token('his'), body: Array.from({ length: 50 }, (_, at) => dispense(`B${String(at)}`, { occurredAt: 'x' })) });
    const said = http.logged.slice(before).filter(({ message }) => message.startsWith('rest event'));
    expect(said).to.have.length(21);
    expect(said.at(-1)?.fields).to.include({ count: 50, shown: 20 });
  });

  it('refuses a reason nobody knows and names the nearest, instead of resending nothing', async () => {
    const answer = await http.call('/api/v1/deliveries/resend', { token: http.token('it'), body: { reason: 'MISSING_FEILD', dryRun: true } });
    expect(answer.status).to.equal(400);
    expect(answer.json['message']).to.contain('MISSING_FIELD ?');
    expect((await http.call('/api/v1/deliveries/resend', { token: http.token('it'), body: { reason: 'MISSING_FIELD', dryRun: true } })).status).to.equal(200);
  });

  it('answers /readyz in the language of the caller', async () => {
    http.readiness = [{ what: 'disk', ok: false, detail: '数据盘剩余 10 MB', en: '10 MB free', code: 'STORE_FULL' }];
    http.clock.ms += 2_000;
    const answer = await http.call('/readyz', { headers: { 'accept-language': 'en' } });
    expect(answer.status).to.equal(503);
    expect(answer.json).to.include({ status: 'not-ready', code: 'STORE_FULL' });
    expect(answer.text).to.contain('10 MB free').and.not.match(CHINESE);
  });
});
