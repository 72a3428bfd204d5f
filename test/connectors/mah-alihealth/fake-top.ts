import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Method } from '../../../connectors/mah-alihealth/methods.ts';

export interface FakeCall {
  readonly method: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: string;
  readonly body: string;
  readonly at: number;
}
/** What the fake answers: an object (sent as JSON, or as it is when it has status and body), raw text, `drop` or `hang`. */
export type FakeAnswer = object | string;
type Handler = (call: FakeCall) => FakeAnswer;

const SECRET = 'helloworld';
/** required parameters of Annex A */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'alibaba.alihealth.drugtrace.top.yljg.uploadinoutbill': ['bill_code', 'bill_time', 'bill_type', 'physic_type', 'ref_user_id', 'from_user_id', 'to_user_id', 'trace_codes', 'client_type'],
  'alibaba.alihealth.drugtrace.top.yljg.uploadretail': ['bill_code', 'bill_time', 'bill_type', 'ref_user_id', 'trace_codes'],
  'alibaba.alihealth.drugtrace.top.yljg.query.billstatus': ['ref_ent_id', 'begin_date', 'end_date', 'bill_type', 'page_size', 'page'],
  'alibaba.alihealth.drugtrace.top.yljg.listbillprocesspartsuccess': ['ref_ent_id', 'page', 'page_size'],
  'alibaba.alihealth.drugtrace.top.yljg.query.listparts': ['ref_ent_id', 'page_size', 'page'],
  'alibaba.alihealth.drugtrace.top.yljg.service.getenddate': ['ref_ent_id', 'business', 'service'],
  'alibaba.alihealth.drug.yljg.getentinfolist': ['ref_ent_id', 'query_param'],
  'alibaba.alihealth.drug.yljg.searchbill': ['ref_ent_id', 'begin_date', 'end_date', 'bill_type', 'cur_page', 'page_size'],
  'alibaba.alihealth.drug.yljg.retail.searchbill': ['ref_ent_id', 'begin_date', 'end_date', 'bill_type', 'cur_page', 'page_size'],
  'alibaba.alihealth.drug.yljg.searchbill.detail': ['ref_ent_id', 'bill_code', 'show_code'],
};

/** A gateway that checks what the specification says it checks, and answers what the test tells it to. */
export class FakeTop {
  readonly calls: FakeCall[] = [];
  url = '';
  readonly #handlers = new Map<string, Handler>();
  readonly #server = createServer((request, response) => { void this.#take(request, response); });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/router/rest`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  /** Answers a method, the last answer again and again. */
  on(method: Method, ...answers: (FakeAnswer | Handler)[]): void {
    let at = 0;
    this.#handlers.set(method, (call) => {
      const answer = answers[Math.min(at, answers.length - 1)] ?? {};
      at += 1;
      return typeof answer === 'function' ? (answer as Handler)(call) : answer;
    });
  }

  callsOf(method: Method): FakeCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const query = new URL(request.url ?? '/', 'http://x').search;
    const parameters = new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
    const call = { method: parameters.get('method') ?? '', parameters, query, body, at: Date.now() };
    this.calls.push(call);
    const answer = this.#check(request, call) ?? this.#handlers.get(call.method)?.(call) ?? gatewayError(22, 'isv.invalid-method');
    send(response, answer);
  }

  #check(request: IncomingMessage, { method, parameters }: FakeCall): object | undefined {
    if (request.method !== 'POST') return gatewayError(9, 'isv.http-action');
    if (!(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return gatewayError(23, 'isv.invalid-format');
    for (const name of ['method', 'app_key', 'timestamp', 'v', 'sign_method', 'sign']) if ((parameters.get(name) ?? '') === '') return gatewayError(40, `isv.missing-parameter:${name}`);
    if (signOf(parameters) !== parameters.get('sign')) return gatewayError(25, 'isv.invalid-signature');
    const sentAt = Date.parse(`${(parameters.get('timestamp') ?? '').replace(' ', 'T')}+08:00`);
    if (Number.isNaN(sentAt) || Math.abs(Date.now() - sentAt) > 600_000) return gatewayError(31, 'isv.invalid-timestamp');
    const missing = (REQUIRED[method] ?? []).find((name) => (parameters.get(name) ?? '') === '');
    return missing === undefined ? undefined : gatewayError(40, `isv.missing-parameter:${missing}`);
  }
}

/** written again from mah.md 2.3, so that the product is not checked with its own code */
function signOf(parameters: ReadonlyMap<string, string>): string {
  const text = [...parameters].filter(([name]) => name !== 'sign').sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value).join('');
  switch (parameters.get('sign_method')) {
    case 'md5': return createHash('md5').update(SECRET + text + SECRET).digest('hex').toUpperCase();
    case 'hmac': return createHmac('md5', SECRET).update(text).digest('hex').toUpperCase();
    default: return createHmac('sha256', SECRET).update(text).digest('hex').toUpperCase();
  }
}

export function gatewayError(code: number, subCode = '', subMsg = ''): object {
  return { error_response: { code, msg: 'Fake Error', sub_code: subCode, sub_msg: subMsg, request_id: 'r1' } };
}
export const taken = (model = 'x'): object => ({ model, msg_code: 'SUCCESS', msg_info: '', response_success: true, request_id: 'r1' });
export const refused = (msgCode: string, msgInfo = '', more: object = {}): object => ({ msg_code: msgCode, msg_info: msgInfo, response_success: false, ...more });
export const rows = (...list: object[]): object => ({ result: { model: { total_num: list.length, result_list: list }, msg_code: 'SUCCESS', response_success: true } });
export const notFound = (): object => ({ result: { msg_code: 'FAIL_BIZ_NO_PAT_INFO', msg_info: '信息不存在', response_success: false } });
export const detail = (billType: string, codes: readonly string[]): object => ({ result: { model: { bill_code: 'x', bill_type: billType, codes }, msg_code: 'SUCCESS', response_success: true } });

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === 'hang') return;
  if (answer === 'drop') {
    response.destroy();
    return;
  }
  const raw = typeof answer === 'string' ? { status: 200, body: answer, type: 'text/plain' } : isRaw(answer) ? { ...answer, type: 'text/html' } : { status: 200, body: JSON.stringify(answer), type: 'application/json' };
  response.writeHead(raw.status, { 'content-type': `${raw.type};charset=utf-8` });
  response.end(raw.body);
}

function isRaw(answer: object): answer is { readonly status: number; readonly body: string } {
  return 'status' in answer && 'body' in answer;
}
