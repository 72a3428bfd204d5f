import { expect } from 'chai';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import { startSandbox } from '../../../plugins/sandbox/index.ts';
import type { Sandbox } from '../../../plugins/sandbox/index.ts';
import { sealSignedReply } from '../../../plugins/sandbox/insurance/crypto-envelope.ts';
import { newSm2Pair } from '../../../plugins/sandbox/insurance/crypto-sm2.ts';
import { NEVER, open, sales, TestClock } from './fixtures.ts';
import type { Opened } from './fixtures.ts';
import { variants } from './regions.ts';

const described = (result: SendResult | undefined): string => (result === undefined ? '' : `${result.kind}${'reason' in result ? ` ${result.reason}` : ''}`);

/** effect of the sandbox after it has committed → what it must be called; in each case the report is there and nobody said so */
const EFFECTS = [
  ['truncatedJson', 'unknown BAD_REPLY'], ['cutMidReply', 'unknown NETWORK'], ['emptyReply', 'unknown BAD_REPLY'], ['doctypeReply', 'unknown BAD_REPLY'],
  ['wrongMessageId', 'unknown WRONG_MESSAGE_ID'], ['hugeReply', 'unknown BAD_REPLY'], ['successFlagWrongLevel', 'unknown BAD_REPLY'], ['http500Html', 'unknown SERVER_FAULT'], ['http502', 'unknown SERVER_FAULT'],
  ['http503', 'unknown SERVER_FAULT'], ['dropReplyAfterCommit', 'unknown NETWORK'],
] as const;
const WIRES = ['national', 'jilin', 'beijing', 'shanghai', 'national over SOAP 1.1', 'national over SOAP 1.2 under other names', 'national over SOAP 1.1 with XML inside', 'national, signed and sealed'];

for (const variant of variants().filter((each) => WIRES.includes(each.title))) {
  describe(`nhsa bad answers: ${variant.title}`, () => {
    let sandbox: Sandbox;
    let opened: Opened;
    before(async () => {
      const clock = new TestClock();
      sandbox = await startSandbox({ insurance: variant.sandbox, now: () => clock.at });
      opened = open(sandbox.insurance.url, { clock, settings: { ...variant.settings, timeouts: { connect: 1_000, reply: 5_000 } } });
    });
    after(async () => {
      await opened.destination.stop();
      await sandbox.stop();
    });

    for (const [index, [effect, expected]] of EFFECTS.entries()) {
      it(`takes ${effect} as ${expected}, keeps what was said, and finds the report by asking`, async () => {
        sandbox.faults.set([{ effect, platform: 'insurance', operation: '3505', when: 'after' }]);
        const [report] = sales(1, opened.destination, 1 + index);
        if (report === undefined) throw new Error('no report');
        const [result] = await opened.destination.send([report], { signal: NEVER });
        expect(described(result)).to.equal(expected);
        expect(result?.kind === 'unknown' && (result.peerText ?? result.peerCode)).to.be.a('string').and.not.equal('');
        const [asked] = await opened.destination.ask([report], { signal: NEVER });
        expect(asked?.kind === 'settled' && asked.outcome.kind).to.equal('accepted');
      });
    }
  });
}

interface Raw { readonly name: string; readonly settings?: Readonly<Record<string, unknown>>; readonly status?: number; readonly type?: string; readonly body: string | Buffer; readonly expect: string; readonly evidence?: RegExp }

const GOOD = { infcode: 0, output: { result: { retRslt: '1' } } };
/** success, with 成功 in GBK as msgRslt */
const GBK = Buffer.concat([Buffer.from('{"infcode":0,"output":{"result":{"retRslt":"1","msgRslt":"'), Buffer.from([0xb3, 0xc9, 0xb9, 0xa6]), Buffer.from('"}}}')]);
const SOAP_11 = { transport: 'soap' };
const SOAP_12 = { transport: 'soap', soap: { version: '1.2' } };
const SOAP_XML = { transport: 'soap', soap: { payload: 'xml' } };
const envelope = (content: string, space = 'http://schemas.xmlsoap.org/soap/envelope/'): string => `<?xml version="1.0"?><s:Envelope xmlns:s="${space}"><s:Body>${content}</s:Body></s:Envelope>`;
const result = (text: string): string => envelope(`<CallServiceResponse xmlns="http://tempuri.org/"><CallServiceResult>${text}</CallServiceResult></CallServiceResponse>`);
const fault11 = (code: string): string => envelope(`<s:Fault><faultcode>s:${code}</faultcode><faultstring>no luck</faultstring></s:Fault>`);
const fault12 = (code: string): string => envelope(`<s:Fault><s:Code><s:Value>s:${code}</s:Value></s:Code><s:Reason><s:Text>no luck</s:Text></s:Reason></s:Fault>`, 'http://www.w3.org/2003/05/soap-envelope');
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const OURS = newSm2Pair();
const THEIRS = newSm2Pair();
const SIGNED = { sign: 'sm2-envelope', signKey: OURS.privateKey, platformKey: THEIRS.publicKey };
const SEALED = { ...SIGNED, encrypt: 'sm4', sm4Key: 'synthetic-key-16' };
const signedReply = (how: object = {}): Readonly<Record<string, unknown>> => sealSignedReply(GOOD, { sign: 'envelope', platformKey: THEIRS.privateKey, ...how });

const RAW: readonly Raw[] = [
  { name: 'the right answer', body: JSON.stringify(GOOD), expect: 'accepted' },
  { name: 'HTML that says 200', type: 'text/html', body: '<html><body>登录已过期</body></html>', expect: 'unknown BAD_REPLY', evidence: /<html><body>登录/ },
  { name: 'XML with a DOCTYPE', type: 'text/xml', body: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', expect: 'unknown BAD_REPLY', evidence: /DOCTYPE/ },
  { name: 'GBK that says UTF-8', body: GBK, expect: 'unknown BAD_REPLY', evidence: /字符集/ },
  { name: 'GBK that says GBK', type: 'application/json;charset=GBK', body: GBK, expect: 'accepted' },
  { name: 'a charset nobody knows', type: 'application/json;charset=klingon', body: JSON.stringify(GOOD), expect: 'unknown BAD_REPLY' },
  { name: 'JSON cut in the middle', body: JSON.stringify(GOOD).slice(0, 20), expect: 'unknown BAD_REPLY' },
  { name: 'a list', body: '[0]', expect: 'unknown BAD_REPLY' },
  { name: 'another success word', body: '{"code":0,"success":true}', expect: 'unknown BAD_REPLY' },
  { name: 'success at the message alone', body: '{"infcode":0}', expect: 'unknown BAD_REPLY' },
  { name: 'success at the row alone', body: '{"infcode":-1,"err_msg":"x","output":{"result":{"retRslt":"1"}}}', expect: 'unknown BAD_REPLY' },
  { name: 'success one level too high', body: '{"infcode":0,"retRslt":"1","output":{}}', expect: 'unknown BAD_REPLY' },
  { name: 'success one level too low', body: '{"infcode":0,"output":{"result":{"result":{"retRslt":"1"}}}}', expect: 'unknown BAD_REPLY' },
  { name: 'the message id of somebody else', body: JSON.stringify({ ...GOOD, msgid: 'H35010200001209901010000000001' }), expect: 'unknown WRONG_MESSAGE_ID' },
  { name: '301', status: 301, body: '', expect: 'unavailable CONFIGURATION' },
  { name: 'nesting without end', body: '['.repeat(100_000), expect: 'unknown BAD_REPLY' },
  { name: 'nesting without end, signed', settings: SIGNED, body: `{"infcode":0,"output":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, expect: 'unknown BAD_REPLY' },
  { name: 'the right answer, signed', settings: SIGNED, body: JSON.stringify(signedReply()), expect: 'accepted' },
  { name: 'an answer without the signature it should have', settings: SIGNED, body: JSON.stringify(GOOD), expect: 'unknown BAD_REPLY', evidence: /签名/ },
  { name: 'a signature by another key', settings: SIGNED, body: JSON.stringify(signedReply({ platformKey: OURS.privateKey })), expect: 'unknown BAD_REPLY', evidence: /验签/ },
  { name: 'a signed answer with a changed word', settings: SIGNED, body: JSON.stringify({ ...signedReply(), err_msg: 'changed' }), expect: 'unknown BAD_REPLY', evidence: /验签/ },
  { name: 'the right answer, sealed', settings: SEALED, body: JSON.stringify(signedReply({ sm4Key: 'synthetic-key-16', sealReplies: true })), expect: 'accepted' },
  { name: 'an answer sealed with another key', settings: SEALED, body: JSON.stringify(signedReply({ sm4Key: 'another-key-0016', sealReplies: true })), expect: 'unknown BAD_REPLY', evidence: /解密/ },
  { name: 'HTML where a sealed answer belongs', settings: SEALED, body: '<html>busy</html>', expect: 'unknown BAD_REPLY', evidence: /网页/ },
  { name: 'the right answer in SOAP', settings: SOAP_11, type: 'text/xml', body: result(xml(JSON.stringify(GOOD))), expect: 'accepted' },
  { name: 'the right answer in CDATA', settings: SOAP_11, type: 'text/xml', body: result(`<![CDATA[${JSON.stringify(GOOD)}]]>`), expect: 'accepted' },
  { name: 'the right answer as XML inside', settings: SOAP_XML, type: 'text/xml', body: result(xml('<reply><infcode>0</infcode><output><result><retRslt>1</retRslt></result></output></reply>')), expect: 'accepted' },
  { name: 'JSON without SOAP', settings: SOAP_11, body: JSON.stringify(GOOD), expect: 'unknown BAD_REPLY' },
  { name: 'SOAP where JSON belongs', type: 'text/xml', body: result(xml(JSON.stringify(GOOD))), expect: 'unknown BAD_REPLY' },
  { name: 'a SOAP fault of the server', settings: SOAP_11, status: 500, type: 'text/xml', body: fault11('Server'), expect: 'unknown SERVER_FAULT', evidence: /no luck/ },
  { name: 'a SOAP fault of the server that says 200', settings: SOAP_11, type: 'text/xml', body: fault11('Server'), expect: 'unknown SERVER_FAULT', evidence: /no luck/ },
  { name: 'a SOAP fault about our message', settings: SOAP_11, status: 500, type: 'text/xml', body: fault11('Client'), expect: 'unavailable CONFIGURATION', evidence: /no luck/ },
  { name: 'a SOAP 1.2 fault of the receiver', settings: SOAP_12, status: 500, type: 'application/soap+xml', body: fault12('Receiver'), expect: 'unknown SERVER_FAULT', evidence: /no luck/ },
  { name: 'a SOAP 1.2 fault about our message', settings: SOAP_12, status: 400, type: 'application/soap+xml', body: fault12('Sender'), expect: 'unavailable CONFIGURATION' },
  { name: 'a fault of another version', settings: SOAP_12, status: 500, type: 'text/xml', body: fault11('VersionMismatch'), expect: 'unavailable CONFIGURATION' },
  { name: 'HTML at 500', settings: SOAP_11, status: 500, type: 'text/html', body: '<html>oops</html>', expect: 'unknown SERVER_FAULT' },
  { name: 'HTML that says 200, in place of SOAP', settings: SOAP_11, type: 'text/html', body: '<html><body>welcome</body></html>', expect: 'unknown BAD_REPLY', evidence: /welcome/ },
  { name: 'HTML inside the result', settings: SOAP_11, type: 'text/xml', body: result(xml('<html>no</html>')), expect: 'unknown BAD_REPLY' },
  { name: 'a DOCTYPE around SOAP', settings: SOAP_11, type: 'text/xml', body: `<!DOCTYPE x [<!ENTITY y "0">]>${result(xml(JSON.stringify(GOOD)))}`, expect: 'unknown BAD_REPLY', evidence: /DOCTYPE/ },
  { name: 'a DOCTYPE in the XML inside', settings: SOAP_XML, type: 'text/xml', body: result(xml('<!DOCTYPE x><reply><infcode>0</infcode></reply>')), expect: 'unknown BAD_REPLY', evidence: /DOCTYPE/ },
  { name: 'an entity nobody declared', settings: SOAP_11, type: 'text/xml', body: result('&file;'), expect: 'unknown BAD_REPLY' },
  { name: 'SOAP cut in the middle', settings: SOAP_11, type: 'text/xml', body: result(xml(JSON.stringify(GOOD))).slice(0, -30), expect: 'unknown BAD_REPLY' },
  { name: 'tags that do not match', settings: SOAP_11, type: 'text/xml', body: envelope('<a></b>'), expect: 'unknown BAD_REPLY' },
  { name: 'another result element', settings: SOAP_11, type: 'text/xml', body: envelope(`<R><return>${xml(JSON.stringify(GOOD))}</return></R>`), expect: 'unknown BAD_REPLY', evidence: /CallServiceResult/ },
  { name: 'success outside the result', settings: SOAP_11, type: 'text/xml', body: envelope('<CallServiceResult></CallServiceResult><infcode>0</infcode>'), expect: 'unknown BAD_REPLY' },
  { name: 'XML nested without end', settings: SOAP_11, type: 'text/xml', body: '<a>'.repeat(100_000), expect: 'unknown BAD_REPLY' },
  { name: 'a SOAP answer of more than 2 MB', settings: SOAP_11, type: 'text/xml', body: result(xml(JSON.stringify({ ...GOOD, x: 'x'.repeat(2 * 1024 * 1024) }))), expect: 'unknown BAD_REPLY', evidence: /过大/ },
  { name: 'a JSON answer of 20 MB', body: JSON.stringify({ ...GOOD, x: 'x'.repeat(20 * 1024 * 1024) }), expect: 'unknown BAD_REPLY', evidence: /过大/ },
];

describe('nhsa bad answers, raw', () => {
  let server: Server;
  let url: string;
  let answer: Raw;
  before(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json;charset=UTF-8' });
        response.end(answer.body);
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  after((done) => {
    server.closeAllConnections();
    server.close(() => { done(); });
  });

  for (const raw of RAW) {
    it(`takes ${raw.name} as ${raw.expect}`, async () => {
      answer = raw;
      const { destination } = open(url, { settings: { signIn: false, soap: {}, ...raw.settings } });
      const [result_] = await destination.send(sales(1, destination), { signal: NEVER });
      await destination.stop();
      expect(described(result_)).to.equal(raw.expect);
      if (raw.evidence !== undefined) expect(result_ !== undefined && 'peerText' in result_ ? result_.peerText : '').to.match(raw.evidence);
    });
  }
});
