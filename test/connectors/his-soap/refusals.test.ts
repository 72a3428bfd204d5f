import { expect } from 'chai';
import { refusal } from '../../../adapter/domain/refusal.ts';
import { A, dispense, dispenseXml, envelope, ENVELOPE_12, hip, openBench } from './open-soap.ts';

const EVENT = JSON.stringify(dispense('E1'));
const INSIDE = /node_modules|\.ts\b|\.js\b|TypeError|Cannot read|\bat \w+ \(/;

/** Envelopes that are none, or not ours. */
const BROKEN: readonly (readonly [title: string, body: string])[] = [
  ['no XML at all', 'hello'], ['JSON', '{}'], ['a truncated envelope', envelope(hip('TraceEvent', EVENT)).slice(0, 300)], ['crossed tags', envelope('<a></b>')],
  ['a DOCTYPE', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${envelope(hip('TraceEvent', '&e;')).replace(/^<\?xml[^>]*\?>/, '')}`],
  ['an entity bomb', `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>${envelope('<HIPMessageServer xmlns="urn:hl7-org:v3"><message>&b;</message></HIPMessageServer>').slice(38)}`],
  ['an entity of its own', envelope('<HIPMessageServer xmlns="urn:hl7-org:v3"><action>x</action><message>&xxe;</message></HIPMessageServer>')],
  ['another root', '<a/>'], ['another envelope version', envelope(hip('x', 'y'), 'urn:other')], ['no operation', envelope('')], ['two operations', envelope(hip('x', 'y') + hip('x', 'y'))],
  ['an unknown operation', envelope('<Drop xmlns="urn:hl7-org:v3"><table>x</table></Drop>')], ['an operation called constructor', envelope('<constructor/>')],
  ['an argument called __proto__', envelope('<HIPMessageServer xmlns="urn:hl7-org:v3"><__proto__>x</__proto__></HIPMessageServer>')],
  ['100,000 nested elements', envelope(`<HIPMessageServer xmlns="urn:hl7-org:v3"><message>${'<a>'.repeat(100_000)}`)],
  ['an attribute without an end', `<soapenv:Envelope xmlns:soapenv="${'x'.repeat(200_000)}`], ['200,000 opening brackets', '<'.repeat(200_000)],
];

describe('his-soap: bodies that are no call', () => {
  for (const [title, body] of BROKEN) {
    it(`answers ${title} with a fault, keeps the bytes and says nothing of the inside`, async () => {
      const bench = openBench();
      const reply = await bench.post(body);
      expect(reply.status).to.equal(500);
      expect(reply.text).to.match(/<faultcode>soap:(Client|VersionMismatch)<\/faultcode>/).and.match(/<faultstring>[^<]*[\u4e00-\u9fff]/).and.not.match(INSIDE).and.not.contain('root:');
      expect(bench.intake.submissions.map(({ interpretation, record }) => [interpretation.kind, Buffer.from(record.bytes).toString('utf8') === body, record.institution])).to.deep.equal([['refused', true, A]]);
    });
  }

  it('answers an empty body with a fault and keeps nothing', async () => {
    const bench = openBench();
    for (const body of ['', ' \r\n', '\ufeff']) expect((await bench.post(body)).text).to.contain('soap:Client').and.contain('请求体为空');
    expect(bench.intake.submissions).to.deep.equal([]);
  });

  it('tells the sender from the receiver in SOAP 1.2', async () => {
    const bench = openBench();
    const sender = await bench.post(envelope('<Drop/>', ENVELOPE_12), 'application/soap+xml');
    expect([sender.status, sender.contentType]).to.deep.equal([400, 'application/soap+xml; charset=utf-8']);
    expect(sender.text).to.contain('<soap:Value>soap:Sender</soap:Value>').and.contain('xml:lang="zh-CN"').and.contain('<code>REQUEST_INVALID</code>');
    bench.intake.behaviour = () => ({ kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 3_000 });
    const receiver = await bench.post(envelope(hip('TraceEvent', EVENT), ENVELOPE_12));
    expect([receiver.status, receiver.retryAfterMs]).to.deep.equal([503, 3_000]);
    expect(receiver.text).to.contain('soap:Receiver').and.contain('STORE_FULL');
  });

  it('refuses a body above the bound without looking at it', async () => {
    const bench = openBench({ maxBytes: 1_024 });
    const reply = await bench.post(envelope(hip('TraceEvent', 'x'.repeat(2_000))));
    expect(reply.text).to.contain('RECORD_TOO_LARGE');
    expect(bench.intake.submissions).to.deep.equal([]);
  });

  it('speaks English to those who ask for it', async () => {
    const reply = await openBench().post('', 'text/xml', 'en');
    expect(/<faultstring>([^<]*)/.exec(reply.text)?.[1]).to.match(/^the record cannot be read/);
  });
});

describe('his-soap: payloads that cannot be taken', () => {
  const bad: readonly (readonly [title: string, payload: string, says: string])[] = [
    ['broken JSON', '{"id":', 'JSON'], ['broken XML', '<TraceEvent><id>1</TraceEvent>', '不匹配'], ['XML with a DOCTYPE', `<!DOCTYPE a SYSTEM "http://10.0.0.1/x">${dispenseXml('E1')}`, 'DOCTYPE'],
    ['XML with an entity of its own', '<TraceEvent><id>&xxe;</id></TraceEvent>', 'XML'], ['XML of something else', '<PRPA_IN201301UV02/>', 'TraceEvent'], ['prose', '发药一盒', 'HL7'],
    ['an empty list', '[]', '没有事件'], ['two HL7 messages', 'MSH|^~\\&|A\rMSH|^~\\&|B', '一条'], ['an HL7 message of no use', 'MSH|^~\\&|A|B|C|D|20261122||ADT^A01|9|P|2.4', 'HL7_TYPE_UNSUPPORTED'],
    ['too many events', JSON.stringify(Array.from({ length: 4 }, (_, at) => dispense(String(at)))), '至多 3 个'],
  ];
  for (const [title, payload, says] of bad) {
    it(`answers ${title} with AE in words, in quarantine`, async () => {
      const bench = openBench({ maxEvents: 3 });
      const reply = await bench.post(envelope(hip('TraceEvent', payload)));
      expect(reply.status).to.equal(200);
      expect(reply.text).to.contain('typeCode=&quot;AE&quot;').and.contain(says).and.not.match(INSIDE);
      expect(bench.intake.submissions.map(({ interpretation, record }) => [interpretation.kind, Buffer.from(record.bytes).toString('utf8')])).to.deep.equal([['refused', payload]]);
    });
  }

  it('is not held up by two megabytes of blanks, wherever they stand', async () => {
    const bench = openBench({ maxBytes: 8_388_608 });
    const blanks = ' '.repeat(2_000_000);
    for (const payload of [`x${blanks}x`, `MSH|^~\\&|a${'\n'.repeat(2_000_000)}b`, `<TraceEvent><codes>x${blanks}x</codes></TraceEvent>`, `{"id":"x"${blanks}}x`]) {
      expect((await bench.post(envelope(hip(`a${blanks}b`, payload)))).text).to.contain('AE');
    }
  });

  it('answers an empty payload with AE and keeps nothing', async () => {
    const bench = openBench();
    expect((await bench.post(envelope(hip('TraceEvent', ' ')))).text).to.contain('AE').and.contain('消息内容为空');
    expect((await bench.post(envelope('<HIPMessageServer xmlns="urn:hl7-org:v3"/>'))).text).to.contain('消息内容为空');
    expect(bench.intake.submissions).to.deep.equal([]);
  });

  it('tells a refusal in the vendor\'s way: ResultCode, JSON, template, or a fault where the site wants one', async () => {
    const refuse = refusal('EVENT_CONFLICT', { field: 'id', value: 'E1' });
    const call = `<Call xmlns="http://tempuri.org"><FuncCode>TraceEvent</FuncCode><input>${EVENT}</input></Call>`;
    const answers = { hip: 'template', asmx: 'mcci', call: 'response', service: 'json' } as const;
    const bench = openBench({ okCode: '0', failedCode: '-1', answers, failureTemplate: '{"ret":-1,"msg":"{code} {message}","no":"{id}"}' });
    bench.intake.behaviour = () => ({ kind: 'taken', events: [{ id: 'E1', status: 'rejected', assigned: [], findings: [], refusal: refuse }] });
    expect((await bench.post(envelope(call))).text).to.contain('&lt;ResultCode&gt;-1&lt;').and.contain('&lt;ErrorCode&gt;EVENT_CONFLICT&lt;');
    const template = (await bench.post(envelope(hip('TraceEvent', EVENT)))).text;
    const text = /<HIPMessageServerResult>([^<]*)</.exec(template)?.[1]?.replaceAll('&quot;', '"') ?? '';
    expect(JSON.parse(text)).to.include({ ret: -1, no: 'E1' });
    const strict = openBench({ refusals: 'fault' });
    strict.intake.behaviour = bench.intake.behaviour;
    const fault = await strict.post(envelope(call));
    expect([fault.status, /<code>(\w+)<\/code>/.exec(fault.text)?.[1]]).to.deep.equal([500, 'EVENT_CONFLICT']);
  });

  it('gives back the codes the split stock assigned and what a person should know', async () => {
    const answer = { id: 'E1', status: 'accepted' as const, assigned: [{ lineNo: '1', code: '89990010000000011234', quantity: '6' }], findings: [{ code: 'CODE_EXPIRED' as const, severity: 'warn' as const, lineNo: '1' }] };
    for (const body of [hip('TraceEvent', EVENT), `<Call xmlns="http://tempuri.org"><FuncCode/><input>${EVENT}</input></Call>`, `<service xmlns="http://service.wmsps.jalone.com/"><param/><data>${EVENT}</data></service>`]) {
      const bench = openBench();
      bench.intake.behaviour = () => ({ kind: 'taken', events: [answer] });
      expect((await bench.post(envelope(body))).text).to.contain('89990010000000011234').and.contain('效期');
    }
  });

  it('writes no patient data into answers or logs', async () => {
    const bench = openBench();
    await bench.post(envelope(hip('TraceEvent', '{"patient":{"name":"张三丰"')));
    await bench.post(envelope(hip('TraceEvent', '<patient>张三丰</x>')));
    const broken = await bench.post(envelope(hip('TraceEvent', '张三丰')).replace('</soapenv:Envelope>', ''));
    expect(broken.text).not.to.contain('张三丰');
    expect(bench.logged.length).to.equal(3);
    expect(JSON.stringify(bench.logged)).not.to.contain('张三丰');
  });

  it('answers only after the intake has', async () => {
    const bench = openBench();
    bench.intake.hold();
    let answered = false;
    const reply = bench.post(envelope(hip('TraceEvent', EVENT))).then((sent) => { answered = true; return sent; });
    while (bench.intake.submissions.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(answered).to.equal(false);
    bench.intake.release();
    expect((await reply).text).to.contain('AA');
  });

  it('keeps calls apart that run at the same time', async () => {
    const bench = openBench();
    const replies = await Promise.all(Array.from({ length: 50 }, (_, at) => bench.post(envelope(hip('TraceEvent', JSON.stringify(dispense(`N${String(at)}`)))))));
    expect(replies.map(({ text }) => /extension=&quot;(N\d+)&quot;/.exec(text)?.[1])).to.deep.equal(Array.from({ length: 50 }, (_, at) => `N${String(at)}`));
  });

  it('remembers a bounded number of namespaces', async () => {
    const bench = openBench();
    for (let at = 0; at < 100; at += 1) expect((await bench.post(envelope(hip('ping', '', `urn:vendor:${String(at)}&amp;"'`.replace('"', '&quot;'))))).status).to.equal(200);
  });
});
