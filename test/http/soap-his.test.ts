import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createClientAsync } from 'soap';
import { retryQuarantine } from '../../adapter/intake/retry-quarantine.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { SoapSettings } from '../../connectors/his-soap/index.ts';
import { dispenseXml, envelope, ENVELOPE_11, ENVELOPE_12, escape, hip, openSoap } from '../connectors/his-soap/open-soap.ts';
import { encode, rdsText } from '../support/hl7-text.ts';
import { openTestHospital } from '../support/test-hospital.ts';
import { A, B, dispense, openStore, startHttp } from './fixture.ts';
import type { Answer, HttpFixture } from './fixture.ts';

type StringService = Readonly<Record<string, (given: Readonly<Record<string, string>>) => Promise<[Readonly<Record<string, string>>]>>>;

const run = promisify(execFile);
const XML = { 'content-type': 'text/xml; charset=utf-8' };
const EVENT = JSON.stringify(dispense('E1'));

function start(settings: Partial<SoapSettings> = {}): Promise<HttpFixture> {
  return startHttp({ deps: { soap: openSoap(settings) } });
}

function post(http: HttpFixture, raw: string | Uint8Array, options: { readonly token?: string; readonly headers?: Readonly<Record<string, string>>; readonly path?: string } = {}): Promise<Answer> {
  return http.call(options.path ?? '/soap/his', { raw, token: options.token ?? http.token('his'), headers: { ...XML, ...options.headers } });
}

/** A client made from our own WSDL by the soap package, at the address the WSDL names. */
async function clientOf(http: HttpFixture, shape: string): Promise<StringService> {
  const authorization = `Bearer ${http.token('his')}`;
  const client = await createClientAsync(`${http.server.address()}/soap/his?wsdl=${shape}`, { wsdl_headers: { Authorization: authorization }, disableCache: true, forceSoap12Headers: shape === 'hip' });
  client.addHttpHeader('Authorization', authorization);
  return client;
}

describe('http: POST /soap/his', () => {
  let http: HttpFixture;
  beforeEach(async () => { http = await start(); });
  afterEach(() => http.close());

  const calls = [
    ['hip', 'HIPMessageServerAsync', 'action', 'message', 'HIPMessageServerResult', 'typeCode="AA"'], ['asmx', 'HIPMessageServerAsync', 'action', 'message', 'HIPMessageServerResult', 'typeCode="AA"'],
    ['call', 'CallAsync', 'FuncCode', 'input', 'CallResult', '<ResultCode>1</ResultCode>'], ['service', 'serviceAsync', 'param', 'data', 'return', '"success":true'],
  ] as const;
  for (const [shape, method, selector, payload, result, says] of calls) {
    it(`answers the soap package's client of shape ${shape}`, async () => {
      const client = await clientOf(http, shape);
      for (const text of [EVENT, dispenseXml('E1'), rdsText({ id: 'M1', facility: A })]) {
        const [answer] = await client[method]!({ [selector]: 'TraceEvent', [payload]: text });
        expect(answer[result]).to.contain(says);
      }
      expect(http.intake.submitted.map(({ record, interpretation }) => [record.media, record.institution, interpretation.kind])).to.deep.equal([['json', A, 'events'], ['xml', A, 'events'], ['hl7v2', A, 'events']]);
    });
  }

  it('answers hand-written SOAP 1.1 and 1.2 in UTF-8 and GBK, gzip and the ?wsdl address included', async () => {
    for (const namespace of [ENVELOPE_11, ENVELOPE_12]) {
      const text = envelope(hip('发药', dispenseXml('E1')), namespace);
      const type = namespace === ENVELOPE_11 ? 'text/xml' : 'application/soap+xml; action="urn:hl7-org:v3:HIPMessageServer"';
      const bodies: readonly (readonly [Uint8Array, Readonly<Record<string, string>>])[] = [
        [Buffer.from(text, 'utf8'), { 'content-type': `${type}; charset=utf-8` }], [encode(text, 'gbk'), { 'content-type': `${type}; charset=GBK` }],
        [encode(text.replace('"utf-8"', '"GB18030"'), 'gb18030'), { 'content-type': type }], [gzipSync(text), { 'content-type': `${type}; charset=utf-8`, 'content-encoding': 'gzip' }],
      ];
      for (const [raw, headers] of bodies) {
        const answer = await post(http, raw, { headers: { ...headers, SOAPAction: '"anything"' }, path: '/soap/his?wsdl' });
        expect(answer.status, `${namespace} ${String(headers['content-type'])}`).to.equal(200);
        expect(answer.text).to.contain(namespace).and.contain('处理成功');
      }
    }
    const names = http.intake.submitted.map(({ interpretation }) => (interpretation.kind === 'events' ? interpretation.events[0]?.patient?.name : interpretation.kind));
    expect(names).to.deep.equal(Array.from({ length: 8 }, () => '张三丰'));
  });

  it('shows a WSDL per shape at the address the caller used, in any case of the query', async () => {
    const token = http.token('it');
    const address = http.server.address();
    for (const [query, namespace, location] of [
      ['/soap/his?wsdl', 'urn:hl7-org:v3', '/soap/his'], ['/soap/his?WSDL&shape=call', 'http://tempuri.org', '/soap/his'], ['/soap/his?wsdl=service', 'http://service.wmsps.jalone.com/', '/soap/his'], ['/soap/his.asmx?WSDL', 'http://tempuri.org/', '/soap/his.asmx'],
    ] as const) {
      const answer = await http.call(query, { token });
      expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([200, 'text/xml; charset=utf-8']);
      expect(answer.text).to.contain(`targetNamespace="${namespace}"`).and.contain(`address location="${address}${location}"`);
    }
    expect((await http.call('/soap/his?wsdl=moon', { token })).json['code']).to.equal('NOT_FOUND');
    expect((await http.call('/soap/his', { token })).json['services']).to.have.length(4);
  });

  it('tells its own refusals (token, role, size, broken gzip) as faults, and goes on', async () => {
    const call = envelope(hip('TraceEvent', EVENT));
    const cases: readonly (readonly [number, string, () => Promise<Answer>])[] = [
      [401, 'TOKEN_MISSING', () => http.call('/soap/his', { raw: call, headers: XML })],
      [401, 'TOKEN_INVALID', () => post(http, call, { token: 'x' })],
      [403, 'FORBIDDEN', () => post(http, call, { token: http.token('it') })],
      [413, 'RECORD_TOO_LARGE', () => post(http, envelope(hip('TraceEvent', 'x'.repeat(3_000_000))))],
      [413, 'RECORD_TOO_LARGE', () => post(http, gzipSync('x'.repeat(50_000_000)), { headers: { 'content-encoding': 'gzip' } })],
      [400, 'REQUEST_INVALID', () => post(http, Buffer.from('no gzip at all'), { headers: { 'content-encoding': 'gzip' } })],
      [500, 'RECORD_UNREADABLE', () => post(http, ' ')],
    ];
    for (const [status, code, ask] of cases) {
      const answer = await ask();
      expect([answer.status, /<code>(\w+)<\/code>/.exec(answer.text)?.[1]], code).to.deep.equal([status, code]);
      expect(answer.headers.get('content-type')).to.equal('text/xml; charset=utf-8');
      expect(answer.text).to.contain('<faultcode>soap:Client</faultcode>').and.match(/[\u4e00-\u9fff]/);
    }
    expect(http.intake.submitted).to.deep.equal([]);
    expect((await post(http, call)).text).to.contain('AA');
  });

  it('answers 503 with Retry-After and a fault when nothing is on disk', async () => {
    http.intake.answer = () => ({ kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 7_200 });
    const answer = await post(http, envelope(hip('TraceEvent', EVENT)));
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '8']);
    expect(answer.text).to.contain('soap:Server').and.contain('STORE_FULL').and.not.contain('typeCode');
  });

  it('hides an unforeseen fault of the inside', async () => {
    http.intake.answer = () => { throw new Error('patient 张三丰 at /opt/secret'); };
    const answer = await post(http, envelope(hip('TraceEvent', EVENT)));
    expect([answer.status, /<code>(\w+)<\/code>/.exec(answer.text)?.[1]]).to.deep.equal([500, 'INTERNAL']);
    expect(answer.text).to.contain('soap:Server').and.not.match(/张三丰|secret|\.ts/);
    expect(JSON.stringify(http.logged)).not.to.contain('张三丰');
  });

  it('files nothing under an institution the token does not have', async () => {
    const answer = await post(http, envelope(hip('TraceEvent', JSON.stringify(dispense('b', { institution: B })))));
    expect(answer.text).to.contain('AE').and.contain('FORBIDDEN');
    expect((await post(http, envelope(hip('HL7', rdsText({ id: 'M2', facility: B }))))).text).to.contain('FORBIDDEN');
    expect(http.intake.submitted).to.deep.equal([]);
    await post(http, envelope(hip('TraceEvent', JSON.stringify(dispense('u', { institution: 'H00000000000' })))));
    expect(http.intake.submitted.map(({ record, interpretation }) => [record.institution, interpretation.kind === 'refused' ? interpretation.refusal.code : ''])).to.deep.equal([[A, 'EVENT_INSTITUTION_UNKNOWN']]);
  });

  it('says which of several events is at fault', async () => {
    const bad = dispense('bad', { lines: [{ lineNo: '1', drug: 'D', quantity: '两盒', unit: '盒', split: false, codes: [] }] });
    const answer = await post(http, envelope(hip('TraceEvent', JSON.stringify([dispense('good'), bad]))));
    expect(answer.text).to.contain('AE').and.contain('events[1].lines[0].quantity').and.contain('两盒');
  });

  it('takes a token in the address only where the site has allowed it', async () => {
    const path = `/soap/his?token=${http.token('his')}`;
    const raw = envelope(hip('TraceEvent', EVENT));
    expect((await http.call(path, { raw, headers: XML })).status).to.equal(401);
    const open = await start({ tokenInQuery: true });
    try {
      const address = `?token=${open.token('his')}`;
      expect((await open.call(`/soap/his${address}`, { raw, headers: XML })).text).to.contain('AA');
      expect((await open.call(`/soap/his${address}&wsdl`)).status).to.equal(200);
      expect((await open.call(`/soap/his?token=${'A'.repeat(43)}`, { raw, headers: XML })).status).to.equal(401);
      expect((await open.call(`/api/v1/events${address}`, { raw: EVENT })).status, 'nowhere else').to.equal(401);
      expect(JSON.stringify(open.logged)).not.to.contain(open.token('his'));
    } finally {
      await open.close();
    }
  });

  it('is answered correctly to python3-zeep in all four shapes', async function () {
    const has = await run('python3', ['-c', 'import zeep']).then(() => true, () => false);
    if (!has) this.skip();
    const script = `
import sys, requests, zeep
from zeep.transports import Transport
session = requests.Session(); session.headers['Authorization'] = 'Bearer ' + sys.argv[2]
for shape, name in (('hip','HIPMessageServer'),('asmx','HIPMessageServer'),('call','Call'),('service','service')):
    client = zeep.Client(sys.argv[1] + '?wsdl=' + shape, transport=Transport(session=session))
    print(getattr(client.service, name)('TraceEvent', sys.argv[3]))
`;
    const { stdout } = await run('python3', ['-c', script, `${http.server.address()}/soap/his`, http.token('his'), EVENT]);
    expect(stdout).to.contain('typeCode="AA"').and.contain('<ResultCode>1</ResultCode>').and.contain('"success":true');
  });
});

describe('http: /soap/his on the real intake', () => {
  it('acknowledges what is durable, quarantines what is refused, and takes it when it is retried', async () => {
    const store = await openStore();
    const institutions = [{ code: A, name: '甲医院', region: '350102' }];
    const hospital = await openTestHospital([], { driver: store.driver, institutions });
    const soap = openSoap();
    const http = await startHttp({ open: () => Promise.resolve(store), deps: { intake: hospital.intake, soap, institutions } });
    try {
      const call = (action: string, text: string): Promise<Answer> => post(http, envelope(`<Call xmlns="http://tempuri.org"><FuncCode>${action}</FuncCode><input>${escape(text)}</input></Call>`));
      const line = { lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', codes: ['89990010000000010001'] };
      const receipt = { ...dispense('R1'), kind: 'receipt', patient: undefined, lines: [line] };
      expect((await call('TraceEvent', JSON.stringify(receipt))).text).to.contain('处理成功');
      expect((await call('TraceEvent', JSON.stringify(receipt))).text).to.contain('已登记过');
      // taken back before it was told, the kind said by the action alone
      const { kind: _kind, lines: _lines, patient: _patient, ...unkind } = dispense('V1', { refers: 'D1' });
      const early = await call('作废', JSON.stringify(unkind));
      expect(early.text).to.contain('&lt;ResultCode&gt;0&lt;').and.contain('EVENT_REFERS_UNKNOWN');
      expect(await hospital.rows('SELECT interpreter, control_id, state FROM record WHERE state <> ?', 'taken')).to.deep.equal([{ interpreter: 'his-soap:void', control_id: 'V1', state: 'quarantined' }]);
      expect((await call('TraceEvent', dispenseXml('D1').replace('YP00012', 'YP1').replace('89990010000000011234', '89990010000000010001'))).text).to.contain('处理成功');
      const everything = { institution: A, recordNos: undefined, source: undefined, controlId: undefined, code: undefined, fromMs: undefined, toMs: undefined };
      const count = await retryQuarantine({ driver: store.driver, intake: hospital.intake, interpreters: soap.interpreters, clock: http.deps.clock }, everything, { dryRun: false });
      expect(count).to.deep.equal({ matched: 1, changed: 1, skipped: [] });
      expect(await hospital.rows('SELECT event_id, kind FROM event ORDER BY event_no')).to.deep.equal([{ event_id: 'R1', kind: 'receipt' }, { event_id: 'D1', kind: 'dispense' }, { event_id: 'V1', kind: 'void' }]);
    } finally {
      await http.close();
    }
  });
});
