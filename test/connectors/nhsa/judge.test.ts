import { expect } from 'chai';
import { judge } from '../../../connectors/nhsa/judge.ts';
import { readExchange } from '../../../connectors/nhsa/exchange.ts';
import { loadSpec } from '../../../connectors/nhsa/spec.ts';
import type { HttpResult } from '../../../connectors/shared/http.ts';
import { messageSecurity } from '../../../connectors/nhsa/security.ts';
import { createSoftwareChinaCrypto } from '../../../connectors/shared/china-crypto/software-china-crypto.ts';
import { national, NOW, settingsWith } from './fixtures.ts';

const PLAIN = messageSecurity(national(), settingsWith(), createSoftwareChinaCrypto());
const READING = { reply: national().reply, open: (text: string) => PLAIN.open(text, { msgid: '', infno: '' }) };
const SENT = { msgid: 'H35010200001202611220935000001', at: NOW };
const FRESH = '350100202611220935010000000001';

interface Shape {
  readonly name: string;
  readonly infno: string;
  /** reply members over {infcode: 0}, or a whole HTTP reply */
  readonly reply?: Readonly<Record<string, unknown>>;
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly type?: string;
  readonly keys?: readonly string[];
  /** per row: A accepted, R refused, U unclear; or the kind and reason of a fault */
  readonly expect: string;
}

const err = (...rows: (readonly [string | undefined, unknown])[]): unknown => rows.map(([key, flag]) => ({ ...(key === undefined ? {} : { fixmedins_bchno: key }), retRslt: flag, msgRslt: '目录不存在' }));

const SHAPES: readonly Shape[] = [
  // level 2: result
  { name: 'retRslt 1', infno: '3505', reply: { output: { result: { retRslt: '1' } } }, expect: 'A' },
  { name: 'retRslt 1 as a number', infno: '3505', reply: { output: { result: { retRslt: 1 } } }, expect: 'A' },
  { name: 'infcode as text', infno: '3505', reply: { infcode: '0', output: { result: { retRslt: '1' } } }, expect: 'A' },
  { name: 'infcode with blanks', infno: '3505', reply: { infcode: ' 0 ', output: { result: { retRslt: '1' } } }, expect: 'A' },
  { name: 'output as JSON text', infno: '3505', reply: { output: '{"result":{"retRslt":"1"}}' }, expect: 'A' },
  { name: 'output as JSON text written twice', infno: '3505', reply: { output: JSON.stringify('{"result":{"retRslt":"1"}}') }, expect: 'A' },
  { name: 'retRslt 0', infno: '3505', reply: { output: { result: { retRslt: '0', msgRslt: 'x' } } }, expect: 'R' },
  { name: 'retRslt 0 as a number', infno: '3505', reply: { output: { result: { retRslt: 0, msgRslt: 'x' } } }, expect: 'R' },
  { name: 'retRslt 0 in JSON text', infno: '3505', reply: { output: '{"result":{"retRslt":"0"}}' }, expect: 'R' },
  { name: 'retRslt missing', infno: '3505', reply: { output: { result: {} } }, expect: 'U' },
  { name: 'retRslt 2', infno: '3505', reply: { output: { result: { retRslt: '2' } } }, expect: 'U' },
  { name: 'retRslt true', infno: '3505', reply: { output: { result: { retRslt: true } } }, expect: 'U' },
  { name: 'no output', infno: '3505', reply: {}, expect: 'U' },
  { name: 'output null', infno: '3505', reply: { output: null }, expect: 'U' },
  { name: 'output empty text', infno: '3505', reply: { output: '' }, expect: 'U' },
  { name: 'output {}', infno: '3505', reply: { output: {} }, expect: 'U' },
  { name: 'output []', infno: '3505', reply: { output: [] }, expect: 'U' },
  { name: 'retRslt directly under output', infno: '3505', reply: { output: { retRslt: '1' } }, expect: 'U' },
  { name: 'retRslt beside infcode', infno: '3505', reply: { retRslt: '1', output: {} }, expect: 'U' },
  { name: 'result beside output', infno: '3505', reply: { result: { retRslt: '1' } }, expect: 'U' },
  { name: 'result as a list', infno: '3505', reply: { output: { result: [{ retRslt: '1' }] } }, expect: 'U' },
  { name: 'result as text', infno: '3505', reply: { output: { result: '1' } }, expect: 'U' },
  { name: 'sealed output', infno: '3505', reply: { output: 'kJd8s0==' }, expect: 'U' },
  { name: '3503A with retRslt 1', infno: '3503A', keys: ['a', 'b'], reply: { output: { result: { retRslt: '1' } } }, expect: 'A' },
  { name: '3505A with retRslt 0', infno: '3505A', keys: ['a', 'b'], reply: { output: { result: { retRslt: '0' } } }, expect: 'R' },
  { name: '3507 with retRslt 1', infno: '3507', reply: { output: { result: { retRslt: '1' } } }, expect: 'A' },
  // level 1
  { name: 'infcode -1', infno: '3505', reply: { infcode: -1, err_msg: 'x', output: null }, expect: 'R' },
  { name: 'infcode "-1"', infno: '3505', reply: { infcode: '-1', err_msg: 'x' }, expect: 'R' },
  { name: 'infcode 9000', infno: '3505', reply: { infcode: 9000, err_msg: '签名超时' }, expect: 'R' },
  { name: 'infcode 1', infno: '3502', reply: { infcode: 1 }, expect: 'R' },
  { name: 'infcode -1 with a success at level 2', infno: '3505', reply: { infcode: -1, output: { result: { retRslt: '1' } } }, expect: 'U' },
  { name: 'infcode -1 with a failure at level 2', infno: '3505', reply: { infcode: -1, output: { result: { retRslt: '0', msgRslt: 'y' } } }, expect: 'R' },
  // no output: judged by infcode alone
  { name: '3501 without output', infno: '3501', reply: { output: null }, expect: 'A' },
  { name: '3501A without output', infno: '3501A', keys: ['a', 'b'], reply: {}, expect: 'A' },
  { name: '3502 without output', infno: '3502', reply: { output: '' }, expect: 'A' },
  { name: '3502 with some text', infno: '3502', reply: { output: '成功' }, expect: 'A' },
  { name: '3502 that fails at level 2 all the same', infno: '3502', reply: { output: { result: { retRslt: '0', msgRslt: 'x' } } }, expect: 'R' },
  { name: '3501A that lists a failed row all the same', infno: '3501A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['b', '0']) } }, expect: 'AR' },
  // row by row
  { name: '3502A, nothing listed', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: [] } }, expect: 'A' },
  { name: '3502A, node null', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: null } }, expect: 'A' },
  { name: '3502A, output null', infno: '3502A', keys: ['a', 'b'], reply: { output: null }, expect: 'A' },
  { name: '3502A, output {}', infno: '3502A', keys: ['a', 'b'], reply: { output: {} }, expect: 'A' },
  { name: '3502A, one failed', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['b', '0']) } }, expect: 'AR' },
  { name: '3502A, one failed, as an object', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: (err(['a', '0']) as unknown[])[0] } }, expect: 'RA' },
  { name: '3502A, one failed, as JSON text', infno: '3502A', keys: ['a', 'b'], reply: { output: JSON.stringify({ invinfoErrDetail: err(['a', 0]) }) }, expect: 'RA' },
  { name: '3502A, camelCase key', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: [{ fixmedinsBchno: 'a', retRslt: '0' }] } }, expect: 'RA' },
  { name: '3502A, all listed', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['a', '1'], ['b', '0']) } }, expect: 'AR' },
  { name: '3502A, a row listed twice with both flags', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['a', '1'], ['a', '0']) } }, expect: 'RA' },
  { name: '3502A, a listed row without flag', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['a', undefined]) } }, expect: 'UA' },
  { name: '3502A, a row that is not ours', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['z', '0']) } }, expect: 'UU' },
  { name: '3502A, ours and one that is not', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err(['a', '0'], ['z', '0']) } }, expect: 'RU' },
  { name: '3502A, a row without key among two', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: err([undefined, '0']) } }, expect: 'UU' },
  { name: '3506A, a row without key when one was sent', infno: '3506A', keys: ['a'], reply: { output: { selinfoErrDetail: err([undefined, '0']) } }, expect: 'R' },
  { name: '3502A, a list of texts', infno: '3502A', keys: ['a', 'b'], reply: { output: { invinfoErrDetail: ['x'] } }, expect: 'U' },
  { name: '3502A, an unknown node', infno: '3502A', keys: ['a', 'b'], reply: { output: { something: [] } }, expect: 'U' },
  { name: '3502A, unreadable output', infno: '3502A', keys: ['a', 'b'], reply: { output: '{"invinfoErr' }, expect: 'U' },
  { name: '3502A, overall success only', infno: '3502A', keys: ['a', 'b'], reply: { output: { result: { retRslt: '1' } } }, expect: 'A' },
  { name: '3502A, overall failure', infno: '3502A', keys: ['a', 'b'], reply: { output: { result: { retRslt: '0' } } }, expect: 'R' },
  { name: '3502A refused as a whole', infno: '3502A', keys: ['a', 'b'], reply: { infcode: -1, err_msg: 'x' }, expect: 'R' },
  { name: '3502A refused as a whole, one row named', infno: '3502A', keys: ['a', 'b'], reply: { infcode: -1, output: { invinfoErrDetail: err(['a', '0']) } }, expect: 'RU' },
  { name: '3504A, one failed', infno: '3504A', keys: ['a', 'b'], reply: { output: { purcinfoErrDetail: err(['a', '0']) } }, expect: 'RA' },
  { name: '3506A, one failed', infno: '3506A', keys: ['a', 'b'], reply: { output: { selinfoErrDetail: err(['b', '0']) } }, expect: 'AR' },
  { name: '3507A, one failed', infno: '3507A', keys: ['a', 'b'], reply: { output: { goodErrDetail: err(['b', '0']) } }, expect: 'AR' },
  // replies that cannot be read
  { name: 'infcode missing', infno: '3502', body: '{"output":null}', expect: 'unknown BAD_REPLY' },
  { name: 'infcode null', infno: '3502', body: '{"infcode":null}', expect: 'unknown BAD_REPLY' },
  { name: 'infcode empty', infno: '3502', body: '{"infcode":""}', expect: 'unknown BAD_REPLY' },
  { name: 'infcode false', infno: '3502', body: '{"infcode":false}', expect: 'unknown BAD_REPLY' },
  { name: 'infcode 0.0', infno: '3502', body: '{"infcode":"0.0"}', expect: 'unknown BAD_REPLY' },
  { name: 'infcode in an object', infno: '3502', body: '{"infcode":{"value":0}}', expect: 'unknown BAD_REPLY' },
  { name: 'a list', infno: '3502', body: '[{"infcode":0}]', expect: 'unknown BAD_REPLY' },
  { name: 'text', infno: '3502', body: '"0"', expect: 'unknown BAD_REPLY' },
  { name: 'nothing', infno: '3502', body: '', expect: 'unknown BAD_REPLY' },
  { name: 'truncated JSON', infno: '3502', body: '{"infcode":0,"outp', expect: 'unknown BAD_REPLY' },
  { name: 'two JSON values', infno: '3502', body: '{"infcode":0}{"infcode":0}', expect: 'unknown BAD_REPLY' },
  { name: 'HTML with status 200', infno: '3502', body: '<html><body>ok</body></html>', expect: 'unknown BAD_REPLY' },
  { name: 'a DOCTYPE', infno: '3502', body: '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', expect: 'unknown BAD_REPLY' },
  { name: 'GBK without saying so', infno: '3502', body: Buffer.concat([Buffer.from('{"infcode":0,"err_msg":"'), Buffer.from([0xb3, 0xc9, 0xb9, 0xa6]), Buffer.from('"}')]), expect: 'unknown BAD_REPLY' },
  { name: 'GBK that says so', infno: '3502', type: 'application/json;charset=GBK', body: Buffer.concat([Buffer.from('{"infcode":0,"err_msg":"'), Buffer.from([0xb3, 0xc9, 0xb9, 0xa6]), Buffer.from('"}')]), expect: 'A' },
  { name: 'a charset nobody knows', infno: '3502', type: 'application/json;charset=EBCDIC', body: '{"infcode":0}', expect: 'unknown BAD_REPLY' },
  { name: 'a byte order mark', infno: '3502', body: '\uFEFF{"infcode":0}', expect: 'A' },
  { name: 'thousands of open brackets', infno: '3502', body: '['.repeat(200_000), expect: 'unknown BAD_REPLY' },
  // wrong message
  { name: 'the msgid of another message', infno: '3502', reply: { msgid: 'H35010200001202611220935000002' }, expect: 'unknown WRONG_MESSAGE_ID' },
  { name: 'our own msgid', infno: '3502', reply: { msgid: SENT.msgid }, expect: 'A' },
  { name: 'inf_refmsgid of another day', infno: '3502', reply: { inf_refmsgid: '000000197001010800000000000000' }, expect: 'unknown WRONG_MESSAGE_ID' },
  { name: 'inf_refmsgid of now', infno: '3502', reply: { inf_refmsgid: FRESH }, expect: 'A' },
  { name: 'inf_refmsgid in a form of its own', infno: '3502', reply: { inf_refmsgid: 'abc' }, expect: 'A' },
  // status
  { name: '201', infno: '3502', status: 201, body: '{"infcode":0}', expect: 'A' },
  { name: '204', infno: '3502', status: 204, body: '', expect: 'unknown BAD_REPLY' },
  { name: '302', infno: '3502', status: 302, body: '{"infcode":0}', expect: 'unavailable CONFIGURATION' },
  { name: '400 that looks like success', infno: '3502', status: 400, body: '{"infcode":0}', expect: 'unavailable CONFIGURATION' },
  { name: '401', infno: '3502', status: 401, body: '', expect: 'unavailable AUTH' },
  { name: '403', infno: '3502', status: 403, body: '', expect: 'unavailable AUTH' },
  { name: '404', infno: '3502', status: 404, body: '<html>', expect: 'unavailable CONFIGURATION' },
  { name: '405', infno: '3502', status: 405, body: '', expect: 'unavailable CONFIGURATION' },
  { name: '408', infno: '3502', status: 408, body: '', expect: 'unknown TIMEOUT' },
  { name: '429', infno: '3502', status: 429, body: '', expect: 'unavailable THROTTLED' },
  { name: '500 that looks like success', infno: '3502', status: 500, body: '{"infcode":0}', expect: 'unknown SERVER_FAULT' },
  { name: '502 with HTML', infno: '3502', status: 502, body: '<html>Bad Gateway</html>', expect: 'unknown SERVER_FAULT' },
  { name: '504', infno: '3502', status: 504, body: '', expect: 'unknown SERVER_FAULT' },
];

async function outcomeOf(shape: Shape): Promise<string> {
  const body = shape.body ?? JSON.stringify({ infcode: 0, ...shape.reply });
  const http: HttpResult = { kind: 'reply', status: shape.status ?? 200, headers: { 'content-type': shape.type ?? 'application/json' }, body: Buffer.from(body) };
  const answer = await readExchange(http, SENT, READING);
  if (answer.kind !== 'reply') return `${answer.kind} ${answer.reason}`;
  const judgement = judge(loadSpec().transaction(shape.infno), answer.reply, shape.keys ?? ['a']);
  const verdicts = judgement.kind === 'whole' ? [judgement.verdict] : judgement.verdicts;
  return verdicts.map((verdict) => ({ accepted: 'A', refused: 'R', unclear: 'U' })[verdict.kind]).join('');
}

describe('nhsa two-level judgement', () => {
  it('is tried on at least 60 shapes', () => {
    expect(SHAPES.length).to.be.greaterThan(60);
  });
  for (const shape of SHAPES) {
    it(`reads ${shape.infno} ${shape.name} as ${shape.expect}`, async () => {
      expect(await outcomeOf(shape)).to.equal(shape.expect);
    });
  }

  it('takes a fault before the request left as unavailable, after it as unknown', async () => {
    const fault = async (sent: 'no' | 'maybe', cause: 'network' | 'timeout' | 'too-large'): Promise<string> => {
      const answer = await readExchange({ kind: 'fault', sent, cause, text: 'x' }, SENT, READING);
      return answer.kind === 'reply' ? '' : `${answer.kind} ${answer.reason}`;
    };
    expect(await fault('no', 'network')).to.equal('unavailable NETWORK');
    expect(await fault('no', 'timeout')).to.equal('unavailable NETWORK');
    expect(await fault('maybe', 'network')).to.equal('unknown NETWORK');
    expect(await fault('maybe', 'timeout')).to.equal('unknown TIMEOUT');
    expect(await fault('maybe', 'too-large')).to.equal('unknown BAD_REPLY');
  });

  it('waits as long as a throttling gateway asks for', async () => {
    const answer = await readExchange({ kind: 'reply', status: 429, headers: { 'retry-after': '7' }, body: Buffer.alloc(0) }, SENT, READING);
    expect(answer.kind === 'unavailable' && answer.retryAfterMs).to.equal(7_000);
  });
});
