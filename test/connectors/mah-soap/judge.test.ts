import { expect } from 'chai';
import { askResultOf, judgeReply, sendResultOf, type JudgeContext } from '../../../connectors/shared/holder/judge.ts';
import type { HttpResult } from '../../../connectors/shared/http.ts';
import { readRules, type RuleContext } from '../../../connectors/shared/outcome-rules/read-rules.ts';
import type { Rule } from '../../../connectors/shared/outcome-rules/rule.ts';
import { MapReader, ProblemList } from '../../../connectors/shared/profile-file/profile-reader.ts';
import { readYaml } from '../../../connectors/shared/profile-file/yaml-node.ts';
import { compilePath } from '../../../connectors/shared/reply/parse-reply.ts';
import { encodeGb18030 } from '../../../plugins/sandbox/wrong-charset.ts';

const XML: RuleContext = { format: 'xml', namespaces: { m: 'urn:m' }, query: false, hasEnvelope: true };
const JSON_RULES: RuleContext = { ...XML, format: 'json', hasEnvelope: false };

function rulesOf(yaml: string, context: RuleContext): { readonly rules: readonly Rule[]; readonly problems: readonly string[] } {
  const list = new ProblemList('x.yaml');
  const rules = readRules(new MapReader(readYaml(yaml, 'x.yaml').root, '', list, 1), context);
  return { rules, problems: list.problems.map(({ line, reason }) => `${String(line)} ${reason}`) };
}

function context(yaml: string, change: Partial<JudgeContext['reply']> & { readonly soap?: boolean } = {}): JudgeContext {
  const { soap = false, ...reply } = change;
  const { rules, problems } = rulesOf(yaml, soap ? XML : JSON_RULES);
  expect(problems).to.deep.equal([]);
  return { reply: { format: soap ? 'xml' : 'json', charset: undefined, inside: undefined, echo: undefined, signature: undefined, rules, ...reply }, isSoap: soap, scope: {}, expected: { 'report.key': 'K1', 'message.id': 'M1' }, signKey: 'k', maps: {} };
}

const reply = (body: string | Buffer, change: { readonly status?: number; readonly type?: string } = {}): HttpResult => ({ kind: 'reply', status: change.status ?? 200, headers: { 'content-type': change.type ?? 'application/json;charset=utf-8' }, body: Buffer.from(body) });
const soap = (body: string): string => `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
async function outcome(result: HttpResult, of: JudgeContext): Promise<string> {
  const sent = sendResultOf(await judgeReply(result, of), ['C1']);
  return 'reason' in sent ? `${sent.kind} ${sent.reason}` : sent.kind;
}

const ZERO_IS_GOOD = 'rules:\n  - { path: $.code, is: "0", then: accepted }\n  - { path: $.code, is: "1", then: refused }';
const ONE_IS_GOOD = 'rules:\n  - { path: $.code, is: "1", then: accepted }\n  - { path: $.code, is: "0", then: refused }';

describe('outcome rules of holder systems', () => {
  it('reads the same answer both ways round, as the profile says: 0 good, 1 good, AA good', async () => {
    const AA = 'rules:\n  - { path: $.code, is: [ AA, CA ], then: accepted }\n  - { path: $.code, is: [ AE, AR ], then: refused }';
    const table: readonly (readonly [string, string, string])[] = [
      [ZERO_IS_GOOD, '{"code":0}', 'accepted'], [ZERO_IS_GOOD, '{"code":"0"}', 'accepted'], [ZERO_IS_GOOD, '{"code":1}', 'rejected RULE'], [ZERO_IS_GOOD, '{"code":"AA"}', 'unknown UNKNOWN_TEXT'], [ZERO_IS_GOOD, '{"code":true}', 'unknown UNKNOWN_TEXT'],
      [ONE_IS_GOOD, '{"code":0}', 'rejected RULE'], [ONE_IS_GOOD, '{"code":1}', 'accepted'], [ONE_IS_GOOD, '{"code":10}', 'unknown UNKNOWN_TEXT'], [ONE_IS_GOOD, '{"code":null}', 'unknown UNKNOWN_TEXT'], [ONE_IS_GOOD, '{"code":[1]}', 'unknown UNKNOWN_TEXT'],
      [AA, '{"code":"AA"}', 'accepted'], [AA, '{"code":"aa"}', 'unknown UNKNOWN_TEXT'], [AA, '{"code":"AR"}', 'rejected RULE'], [AA, '{"code":0}', 'unknown UNKNOWN_TEXT'],
    ];
    for (const [rules, body, wanted] of table) expect(await outcome(reply(body), context(rules)), body).to.equal(wanted);
  });

  const bad: readonly (readonly [string, HttpResult, string])[] = [
    ['an empty body', reply(''), 'unknown BAD_REPLY'], ['spaces', reply('  \n'), 'unknown BAD_REPLY'], ['a web page', reply('<!DOCTYPE html><html><body>code 0</body></html>', { type: 'text/html' }), 'unknown BAD_REPLY'],
    ['truncated JSON', reply('{"code":"0"'), 'unknown BAD_REPLY'], ['JSON with trailing text', reply('{"code":"0"} ok'), 'unknown BAD_REPLY'], ['a bare value', reply('0'), 'unknown BAD_REPLY'], ['XML for JSON', reply('<code>0</code>'), 'unknown BAD_REPLY'],
    ['deep nesting', reply(`{"code":"0","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`), 'unknown BAD_REPLY'], ['GB18030 that says UTF-8', reply(encodeGb18030('{"code":"0","msg":"成功"}')), 'unknown BAD_REPLY'], ['an unknown charset', reply('{"code":"0"}', { type: 'application/json;charset=x-none' }), 'unknown BAD_REPLY'],
    ['another status with a good body', reply('{"code":"0"}', { status: 500 }), 'unknown SERVER_FAULT'], ['404', reply('{"code":"0"}', { status: 404 }), 'unknown UNKNOWN_TEXT'], ['the flag one level lower', reply('{"data":{"code":"0"}}'), 'unknown UNKNOWN_TEXT'],
    ['302', reply('', { status: 302 }), 'unknown BAD_REPLY'], ['401', reply('{}', { status: 401 }), 'unavailable AUTH'], ['429', reply('slow', { status: 429 }), 'unavailable THROTTLED'],
    ['a timeout after sending', { kind: 'fault', sent: 'maybe', cause: 'timeout', text: '' }, 'unknown TIMEOUT'], ['a refused connection', { kind: 'fault', sent: 'no', cause: 'network', text: '' }, 'unavailable NETWORK'], ['a reply of 20 MB', { kind: 'fault', sent: 'maybe', cause: 'too-large', text: '' }, 'unknown BAD_REPLY'],
  ];
  for (const [name, result, wanted] of bad) it(`takes ${name} for ${wanted}, never for accepted`, async () => { expect(await outcome(result, context(ZERO_IS_GOOD))).to.equal(wanted); });

  const SOAP_RULES = 'rules:\n  - { path: /R/CODE, is: "0", then: accepted }\n  - { in: envelope, path: //faultcode, matches: "Client$", then: refused, reason: CONFIGURATION }';
  const inside = compilePath('/Envelope/Body/*/return', 'xml', {});
  const answered = (text: string): string => soap(`<x:upResponse xmlns:x="urn:x"><return>${text}</return></x:upResponse>`);
  const soapBad: readonly (readonly [string, string, string])[] = [
    ['an escaped XML reply', answered('&lt;R&gt;&lt;CODE&gt;0&lt;/CODE&gt;&lt;/R&gt;'), 'accepted'], ['a CDATA reply with a declaration', answered('<![CDATA[<?xml version="1.0" encoding="GBK"?><R><CODE>0</CODE></R>]]>'), 'accepted'],
    ['a prefixed business reply', answered('<![CDATA[<q:R xmlns:q="urn:q"><q:CODE>0</q:CODE></q:R>]]>'), 'accepted'],
    ['two returns', answered('&lt;R&gt;&lt;CODE&gt;0&lt;/CODE&gt;&lt;/R&gt;</return><return>x'), 'unknown BAD_REPLY'], ['a code that stands twice and differs', answered('<![CDATA[<R><CODE>0</CODE><CODE>1</CODE></R>]]>'), 'unknown UNKNOWN_TEXT'],
    ['an empty return', answered(''), 'unknown BAD_REPLY'], ['a plain text', answered('成功'), 'unknown BAD_REPLY'], ['truncated inner XML', answered('&lt;R&gt;&lt;CODE&gt;0'), 'unknown BAD_REPLY'], ['an inner DOCTYPE', answered('<![CDATA[<!DOCTYPE R><R><CODE>0</CODE></R>]]>'), 'unknown BAD_REPLY'],
    ['an outer DOCTYPE', answered('x').replace('<s:Env', '<!DOCTYPE a [<!ENTITY b "c">]><s:Env'), 'unknown BAD_REPLY'], ['a truncated envelope', answered('&lt;R&gt;&lt;CODE&gt;0&lt;/CODE&gt;&lt;/R&gt;').slice(0, -20), 'unknown BAD_REPLY'], ['no envelope', '<R><CODE>0</CODE></R>', 'unknown BAD_REPLY'],
    ['another namespace', answered('x').replace('http://schemas', 'http://other'), 'unknown BAD_REPLY'], ['a client fault', soap('<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>'), 'rejected CONFIGURATION'], ['a server fault', soap('<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>'), 'unknown SERVER_FAULT'],
  ];
  for (const [name, text, wanted] of soapBad) it(`reads ${name} over SOAP as ${wanted}`, async () => { expect(await outcome(reply(text, { type: 'text/xml;charset=utf-8' }), context(SOAP_RULES, { soap: true, inside }))).to.equal(wanted); });

  it('believes no answer whose echo is another message or whose signature is wrong', async () => {
    const echo = { path: compilePath('$.id', 'json', {}), of: 'message.id' as const };
    for (const [body, wanted] of [['{"code":"0","id":"M1"}', 'accepted'], ['{"code":"0","id":"M2"}', 'unknown WRONG_MESSAGE_ID'], ['{"code":"0"}', 'unknown WRONG_MESSAGE_ID'], ['{"code":"1","id":"M2"}', 'unknown WRONG_MESSAGE_ID'], ['{"code":"1"}', 'rejected RULE']] as const) {
      expect(await outcome(reply(body), context(ZERO_IS_GOOD, { echo })), body).to.equal(wanted);
    }
    const signature = { rule: { algorithm: 'sha256', encoding: 'hex', text: [{ path: ['payload'], formats: [] }], header: undefined } as const, at: compilePath('$.sign', 'json', {}), covers: [compilePath('$.code', 'json', {})], header: undefined };
    expect(await outcome(reply('{"code":"0","sign":"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"}'), context(ZERO_IS_GOOD, { signature }))).to.equal('accepted');
    for (const body of ['{"code":"1","sign":"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"}', '{"code":"0"}']) expect(await outcome(reply(body), context(ZERO_IS_GOOD, { signature })), body).to.equal('unknown BAD_REPLY');
  });

  it('settles a query only by what the rules say, and compares the codes', async () => {
    const query = rulesOf('rules:\n  - { path: $.state, is: "1", then: accepted, sameCodes: "$.codes[*]" }\n  - { path: $.state, is: "2", then: absent }\n  - { path: $.state, is: "3", then: processing }\n  - { path: $.state, is: "4", then: throttled }', { ...JSON_RULES, query: true });
    const ask = async (body: string) => askResultOf(await judgeReply(reply(body), { ...context(ZERO_IS_GOOD), reply: { ...context(ZERO_IS_GOOD).reply, rules: query.rules } }), ['C1', 'C2']);
    expect(await ask('{"state":1,"codes":["C2","C1","C3"]}')).to.deep.include({ kind: 'settled' }).with.nested.property('outcome.kind', 'accepted');
    expect(await ask('{"state":1,"codes":["C1"]}')).to.have.nested.property('outcome.reason', 'BILL_CONFLICT');
    expect((await ask('{"state":2}')).kind).to.equal('absent');
    expect((await ask('{"state":3}')).kind).to.equal('processing');
    for (const body of ['{"state":4}', '{"state":9}', '{}', '<html>', '']) expect((await ask(body)).kind, body).to.equal('no-answer');
  });

  it('refuses rules that would call silence a success', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['rules:\n  - { http: "200", then: accepted }', /accepted 必须有/], ['rules:\n  - { path: $.error, exists: false, then: accepted }', /accepted 必须有/], ['rules:\n  - { path: $.msg, matches: 成功, then: accepted }', /accepted 必须有/],
      ['rules:\n  - { path: $.code, is: "0", then: refused }', /没有一条规则给出 accepted/], ['rules: []', /没有规则/], ['rules:\n  - { path: "$[?(@.x)]", is: "0", then: accepted }', /JSON 路径/], ['rules:\n  - { path: $.code, is: "0", then: absent }', /不可用/],
      ['rules:\n  - { path: $.code, is: "0", then: accepted }\n  - { path: $.m, matches: "(", then: refused }', /正则/], ['rules:\n  - { path: $.code, is: "0", then: accepted, why: x }', /不认识的配置项 why/],
    ];
    for (const [yaml, reason] of wrong) expect(rulesOf(yaml, JSON_RULES).problems.join('\n'), yaml).to.match(reason);
    expect(rulesOf('rules:\n  - { path: "//q:x", is: "0", then: accepted }', XML).problems.join()).to.match(/XPath/);
  });
});
