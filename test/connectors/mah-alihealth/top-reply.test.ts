import { expect } from 'chai';
import fc from 'fast-check';
import { asObject, rowsOf, textOf, textsOf } from '../../../connectors/mah-alihealth/reply-tree.ts';
import { readReply, type TopReply } from '../../../connectors/mah-alihealth/top-reply.ts';
import { codeOf } from './fixtures.ts';

const METHOD_ROOT = 'alibaba_alihealth_drugtrace_top_yljg_query_billstatus_response';

function reply(body: string | Buffer, options: { readonly status?: number; readonly type?: string } = {}): Promise<TopReply> {
  return readReply({ kind: 'reply', status: options.status ?? 200, headers: { 'content-type': options.type ?? 'application/json;charset=UTF-8' }, body: Buffer.from(body) });
}

type Format = 'json' | 'json-full' | 'xml';
type Value = string | boolean | readonly Value[] | { readonly [name: string]: Value };

/** Writes a reply the way the gateway does (mah.md 2.4): wrappers and a root key unless simplified, everything text in XML. */
function write(value: Readonly<Record<string, Value>>, format: Format): string {
  if (format === 'json') return JSON.stringify(value);
  if (format === 'json-full') return JSON.stringify({ [METHOD_ROOT]: wrapped(value) });
  return `<?xml version="1.0" encoding="utf-8" ?><${METHOD_ROOT}>${xml(value)}</${METHOD_ROOT}>`;
}

function wrapped(value: Value): unknown {
  if (Array.isArray(value)) return { [wrapperOf(value as readonly Value[])]: (value as readonly Value[]).map(wrapped) };
  return typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, wrapped(inner)])) : value;
}

function xml(value: Value): string {
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => `<${wrapperOf(value as readonly Value[])}>${xml(item)}</${wrapperOf(value as readonly Value[])}>`).join('');
  if (typeof value === 'object') return Object.entries(value).map(([name, inner]) => `<${name}>${xml(inner)}</${name}>`).join('');
  return String(value);
}

function wrapperOf(list: readonly Value[]): string {
  return typeof list[0] === 'string' ? 'string' : 'bill_deal_status_search_d_o';
}

describe('mah-alihealth reply forms', () => {
  let shapes = 0;
  const row = (serial: number): Readonly<Record<string, Value>> => ({ bill_code: `B${String(serial)}`, code: codeOf(serial) });

  for (const format of ['json', 'json-full', 'xml'] as const) {
    for (const place of ['flat', 'result'] as const) {
      for (const flag of ['response_success', 'success'] as const) {
        for (const asText of [false, true]) {
          for (const count of [0, 1, 3]) {
            shapes += 1;
            it(`reads ${format}, ${place}, ${flag} as ${asText ? 'text' : 'boolean'}, ${String(count)} rows`, async () => {
              const list = Array.from({ length: count }, (_, at) => row(at));
              const payload = { model: { result_list: list, total_num: String(count) }, msg_code: 'SUCCESS', [flag]: asText ? 'true' : true };
              const answer = await reply(write(place === 'flat' ? payload : { request_id: 'r', result: payload }, format), { type: format === 'xml' ? 'text/xml;charset=UTF-8' : 'application/json' });
              if (answer.kind !== 'answer') throw new Error(JSON.stringify(answer));
              expect(answer.ok).to.equal(true);
              expect(rowsOf(asObject(answer.payload)?.['result_list']).map((each) => [textOf(each['bill_code']), textOf(each['code'])])).to.deep.equal(list.map((each) => [each['bill_code'], each['code']]));
            });
          }
        }
      }
    }
  }

  it('covers at least 60 shapes of success alone', () => {
    expect(shapes).to.be.at.least(60);
  });

  for (const format of ['json', 'json-full', 'xml'] as const) {
    it(`reads a refusal in ${format}: false flag, code and text`, async () => {
      const answer = await reply(write({ result: { response_success: false, msg_code: 'FAIL_BIZ_NO_PAT_INFO', msg_info: '信息不存在' } }, format));
      expect(answer).to.include({ kind: 'answer', ok: false, msgCode: 'FAIL_BIZ_NO_PAT_INFO', msgInfo: '信息不存在' });
    });

    it(`reads a list of codes as text in ${format}, one or many`, async () => {
      for (const count of [1, 2]) {
        const codes = Array.from({ length: count }, (_, at) => codeOf(at));
        const answer = await reply(write({ result: { response_success: true, model: { codes } } }, format));
        expect(answer.kind === 'answer' ? textsOf(asObject(answer.payload)?.['codes']) : answer).to.deep.equal(codes);
      }
    });

    for (const place of ['model_list', 'models'] as const) {
      it(`finds the payload under ${place} in ${format}`, async () => {
        const answer = await reply(write({ result: { success: 'true', [place]: [row(1), row(2)] } }, format));
        expect(answer.kind === 'answer' ? rowsOf(answer.payload) : []).to.have.length(2);
      });
    }
  }

  const errors: readonly (readonly [string, string])[] = [
    ['JSON', '{"error_response":{"code":7,"msg":"App Call Limited","sub_code":"accesscontrol.limited-by-app-api-access-count","sub_msg":"This ban will last for 1 more seconds","request_id":"r"}}'],
    ['JSON with the code as text', '{"error_response":{"code":"7","msg":"App Call Limited","sub_code":"accesscontrol.limited-by-app-api-access-count","sub_msg":"This ban will last for 1 more seconds"}}'],
    ['simplified JSON without root', '{"code":7,"msg":"App Call Limited","sub_code":"accesscontrol.limited-by-app-api-access-count","sub_msg":"This ban will last for 1 more seconds"}'],
    ['XML', '<?xml version="1.0" encoding="utf-8" ?><error_response><code>7</code><msg>App Call Limited</msg><sub_code>accesscontrol.limited-by-app-api-access-count</sub_code><sub_msg>This ban will last for 1 more seconds</sub_msg></error_response>'],
  ];
  for (const [name, body] of errors) {
    it(`reads a gateway error in ${name}`, async () => {
      expect(await reply(body)).to.include({ kind: 'gateway-error', code: 7, subCode: 'accesscontrol.limited-by-app-api-access-count', subMsg: 'This ban will last for 1 more seconds' });
    });
  }

  it('reads a gateway error even when it comes with status 500', async () => {
    expect(await reply('{"error_response":{"code":10,"msg":"Service Currently Unavailable"}}', { status: 500 })).to.include({ kind: 'gateway-error', code: 10 });
  });

  it('takes msg_code and msg_info from beside the result, as duplicate bills have them', async () => {
    expect(await reply('{"result":{},"response_success":false,"msg_code":"FAIL","msg_info":"该单据号已存在"}')).to.include({ kind: 'answer', ok: false, msgInfo: '该单据号已存在' });
  });

  it('does not take a FAIL code for success whatever the flag says', async () => {
    expect(await reply('{"response_success":true,"msg_code":"FAIL","model":"x"}')).to.include({ kind: 'answer', ok: false });
  });

  it('judges by the code where there is no flag: 1000 and SUCCESS are good', async () => {
    for (const [code, ok] of [['SUCCESS', true], ['1000', true], ['FAIL', false], ['BILL_DECODE_ERROR', false]] as const) {
      expect(await reply(JSON.stringify({ result: { msg_code: code, model: {} } })), code).to.include({ kind: 'answer', ok });
    }
  });

  it('takes a documented reply of nothing but a payload as an answer', async () => {
    expect(await reply('{"result":{"model":{"bill_code":"B1"}}}')).to.include({ kind: 'answer', ok: true });
  });

  it('finds the flag inside the payload when it was put one level too low', async () => {
    expect(await reply('{"model":{"success":"false","msg":"x"}}')).to.include({ kind: 'answer', ok: false });
  });

  it('keeps a 20-digit code exact even when the reply has it as a bare number', async () => {
    const answer = await reply('{"result":{"response_success":true,"model":{"codes":[89990010000000010001, 89990010000000020001],"text":"1: 89990010000000030001","n":7}}}');
    expect(answer.kind === 'answer' ? textsOf(asObject(answer.payload)?.['codes']) : answer).to.deep.equal([codeOf(1), codeOf(2)]);
    expect(answer.kind === 'answer' ? asObject(answer.payload)?.['text'] : '').to.equal('1: 89990010000000030001');
  });

  it('reads JSON that a member carries as text', async () => {
    expect(await reply(JSON.stringify({ result: JSON.stringify({ response_success: true, model: { a: '1' } }) }))).to.include({ kind: 'answer', ok: true });
  });

  it('reads a GBK reply that says so', async () => {
    const body = Buffer.concat([Buffer.from('{"response_success":false,"msg_code":"FAIL","msg_info":"'), Buffer.from([0xca, 0xa7, 0xb0, 0xdc]), Buffer.from('"}')]);
    expect(await reply(body, { type: 'application/json;charset=GBK' })).to.include({ kind: 'answer', msgInfo: '失败' });
  });

  it('reads XML with attributes on its lists', async () => {
    const answer = await reply(`<${METHOD_ROOT}><result><model><result_list list="true"><x><bill_code>B1</bill_code></x></result_list></model><response_success>true</response_success></result><!--top1--></${METHOD_ROOT}>`);
    expect(answer.kind === 'answer' ? rowsOf(asObject(answer.payload)?.['result_list']) : []).to.have.length(1);
  });

  const bad: readonly (readonly [string, string | Buffer, { readonly status?: number; readonly type?: string }?])[] = [
    ['nothing', ''], ['blanks', '  \n '], ['a web page', '<html><body><h1>502 Bad Gateway</h1></body></html>', { status: 502, type: 'text/html' }],
    ['a web page with status 200', '<!DOCTYPE html><html><body>login</body></html>'], ['truncated JSON', '{"result":{"response_success":tr'],
    ['truncated XML', `<${METHOD_ROOT}><result><response_success>true</resp`], ['a JSON list', '[1,2]'], ['a JSON text', '"ok"'], ['a JSON number', '17'], ['null', 'null'],
    ['an empty object', '{}'], ['an object without a result', '{"request_id":"r"}'], ['plain text', 'OK'],
    ['XML of something else', '<?xml version="1.0"?><root><success>true</success></root>'],
    ['a DOCTYPE', `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><${METHOD_ROOT}><success>&x;</success></${METHOD_ROOT}>`],
    ['bytes of another charset', Buffer.concat([Buffer.from('{"response_success":true,"msg_info":"'), Buffer.from([0xca, 0xa7, 0xb0, 0xdc]), Buffer.from('"}')])],
    ['a business answer with status 500', '{"response_success":true,"model":"x"}', { status: 500 }],
    ['JSON behind rubbish', 'ok{"response_success":true}'], ['two JSON objects', '{"response_success":true}{"response_success":true}'],
  ];
  for (const [name, body, options] of bad) {
    it(`calls ${name} unreadable and does not throw`, async () => {
      expect((await reply(body, options)).kind).to.equal('bad-reply');
    });
  }

  it('survives nesting that no gateway sends', async () => {
    const deep = `{"response_success":true,"model":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`;
    const answer = await reply(deep);
    expect(answer.kind === 'answer' ? rowsOf(answer.payload) : []).to.deep.equal([]);
    const abyss = '{"model":'.repeat(200_000);
    expect((await reply(abyss)).kind).to.equal('bad-reply');
  });

  it('never throws, whatever bytes arrive', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map((text) => Buffer.from(text)), fc.string().map((text) => Buffer.from(`<a_response>${text}</a_response>`))), fc.integer({ min: 200, max: 599 }), async (body, status) => {
      expect((await reply(Buffer.from(body), { status })).kind).to.be.oneOf(['answer', 'gateway-error', 'bad-reply']);
    }), { numRuns: 500 });
  });
});
