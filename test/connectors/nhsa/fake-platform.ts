import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A strict insurance platform, small: what it refuses, the specification refuses. Tests tell it to misbehave. */
export interface Call { readonly infno: string; readonly path: string; readonly headers: Readonly<Record<string, unknown>>; readonly envelope: Readonly<Record<string, unknown>>; readonly rows: readonly Row[] }
export type Row = Readonly<Record<string, unknown>>;
export interface Behaviour {
  /** instead of the right answer; the business is done first unless `before` says otherwise */
  readonly reply?: { readonly status?: number; readonly body?: string | Buffer; readonly headers?: Readonly<Record<string, string>> };
  readonly drop?: 'before' | 'after';
  readonly hang?: boolean;
  /** the business is not done */
  readonly before?: boolean;
}

interface FieldRow { readonly name: string; readonly type: string; readonly length?: string; readonly required: string; readonly list?: string }
interface Table { readonly node: string; readonly rows: string; readonly fields?: readonly FieldRow[]; readonly fieldsOf?: string; readonly output: { readonly node: string } | null }

const SPEC = new URL('../../../connectors/nhsa/spec/', import.meta.url);
const TABLES = JSON.parse(readFileSync(new URL('transactions.json', SPEC), 'utf8')) as Record<string, Table>;
const LISTS = JSON.parse(readFileSync(new URL('code-lists.json', SPEC), 'utf8')) as Record<string, Record<string, string>>;
const ENVELOPE = (JSON.parse(readFileSync(new URL('envelope.json', SPEC), 'utf8')) as { request: { name: string; length: string | null; required: string }[] }).request;
const OPTIONAL = new Set(['phar_name', 'phar_prac_cert_no']);
const SOURCES: Readonly<Record<string, string>> = { 3508: '3501', 3509: '3502', 3510: '3503 3504', 3511: '3505 3506', 3512: '3501 3502', 3513: '3505 3506' };

export class FakePlatform {
  readonly calls: Call[] = [];
  /** rows taken, live ones only */
  rows: { readonly infno: string; readonly key: string; readonly type: string; readonly row: Row }[] = [];
  /** consulted before the answer of a call */
  behave: (call: Call) => Behaviour | undefined = () => undefined;
  /** a business refusal of one row */
  refuseRow: (row: Row, infno: string) => string | undefined = () => undefined;
  missingPaths: readonly string[] = [];
  signNo = '';
  signIns = 0;
  readonly #messageIds = new Set<string>();
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => { void this.#handle(request, response); });
    const server = this.#server;
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => { this.#server?.close(() => { resolve(); }); });
  }

  sent(infno: string): readonly Call[] {
    return this.calls.filter((call) => call.infno === infno);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const envelope = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Row;
    const infno = String(envelope['infno']);
    const node = (envelope['input'] as Row)[TABLES[infno]?.node ?? ''];
    const call: Call = { infno, path: request.url ?? '', headers: request.headers, envelope, rows: (Array.isArray(node) ? node : [node]) as Row[] };
    this.calls.push(call);
    const behaviour = this.behave(call);
    if (behaviour?.drop === 'before') { request.socket.destroy(); return; }
    const answer = behaviour?.before === true ? '' : this.#answer(call);
    if (behaviour?.hang === true) return;
    if (behaviour?.drop === 'after') { request.socket.destroy(); return; }
    if (behaviour?.reply !== undefined) {
      response.writeHead(behaviour.reply.status ?? 200, { 'content-type': 'application/json;charset=UTF-8', ...behaviour.reply.headers });
      response.end(behaviour.reply.body ?? answer);
      return;
    }
    response.writeHead(this.missingPaths.includes(call.path) ? 404 : 200, { 'content-type': 'application/json;charset=UTF-8' });
    response.end(this.missingPaths.includes(call.path) ? '<html>404</html>' : answer);
  }

  #answer(call: Call): string {
    if (this.missingPaths.includes(call.path)) return '';
    const problem = this.#headerProblem(call) ?? this.#envelopeProblem(call) ?? this.#sessionProblem(call);
    if (problem !== undefined) return failure(problem);
    if (call.infno === '9001') {
      this.signIns += 1;
      this.signNo = `SIGN${String(this.signIns)}`;
      return success({ signinoutb: { sign_time: '2026-11-22 09:35:00', sign_no: this.signNo } });
    }
    if (call.infno === '9002') return success({ signoutoutb: { sign_time: '2026-11-22 09:35:00' } });
    if (/^35(0[89]|1\d)$/.test(call.infno)) return this.#query(call);
    return call.infno.startsWith('3507') ? this.#delete(call) : this.#upload(call);
  }

  #headerProblem(call: Call): string | undefined {
    const { 'x-tif-paasid': id, 'x-tif-timestamp': time, 'x-tif-nonce': nonce, 'x-tif-signature': signature } = call.headers;
    if (id === undefined) return undefined;
    const expected = createHash('sha256').update(`${String(time)}test-token${String(nonce)}${String(time)}`).digest('hex');
    return id === 'test-paas' && signature === expected && call.headers['content-type'] === 'application/json; charset=utf-8' ? undefined : '验签失败';
  }

  #envelopeProblem(call: Call): string | undefined {
    const { envelope } = call;
    for (const field of ENVELOPE) {
      const value = envelope[field.name];
      if (field.name === 'input' || field.name === 'infno') continue;
      if (value === undefined && field.name !== 'pw_ecToken') return `缺少报文头 ${field.name}`;
      if (field.required === 'yes' && value === '') return `报文头 ${field.name} 不能为空`;
      if (typeof value === 'string' && value.length > Number(field.length ?? 0)) return `报文头 ${field.name} 超长`;
    }
    const id = String(envelope['msgid']);
    if (!/^H35010200001\d{18}$/.test(id) || this.#messageIds.has(id)) return `msgid 有误或重复 ${id}`;
    this.#messageIds.add(id);
    if (JSON.stringify(envelope['input']).length > 40_000) return 'input 超过40000';
    if (call.rows.some((row) => row['psn_no'] !== undefined && row['psn_no'] !== '') && envelope['insuplc_admdvs'] === '') return '参保地医保区划不能为空';
    return undefined;
  }

  #sessionProblem(call: Call): string | undefined {
    if (call.infno === '9001') return call.envelope['sign_no'] === '' ? undefined : 'sign_no 应为空';
    return call.envelope['sign_no'] === this.signNo ? undefined : '签到流水号无效，请重新签到';
  }

  #upload(call: Call): string {
    const table = TABLES[call.infno];
    const base = call.infno.slice(0, 4);
    const many = call.infno.endsWith('A');
    if (table === undefined) return failure('交易编号有误');
    if (Object.keys(call.envelope['input'] as Row).join() !== table.node) return failure('input 节点有误');
    const problems = call.rows.map((row) => rowProblem(row, TABLES[base]?.fields ?? []) ?? this.refuseRow(row, call.infno));
    const rowByRow = ['3502A', '3504A', '3506A'].includes(call.infno);
    const first = problems.find((problem) => problem !== undefined);
    if (first !== undefined && !rowByRow) return table.output === null ? failure(first) : success({ result: { retRslt: '0', msgRslt: first } });
    for (const [index, row] of call.rows.entries()) {
      if (problems[index] === undefined) this.rows.push({ infno: base, key: String(row['fixmedins_bchno']), type: { 3501: '1', 3502: '2', 3503: '3', 3504: '3' }[base] ?? '4', row });
    }
    if (!many && table.output === null) return success(null);
    if (!rowByRow) return success(table.output === null ? null : { result: { retRslt: '1', msgRslt: '' } });
    const failed = call.rows.flatMap((row, index) => (problems[index] === undefined ? [] : [{ fixmedins_bchno: row['fixmedins_bchno'], retRslt: '0', msgRslt: problems[index] }]));
    return success({ [table.output?.node ?? '']: failed });
  }

  #delete(call: Call): string {
    const verdicts = call.rows.map((row) => {
      const found = this.rows.filter((one) => one.key === row['fixmedins_bchno'] && one.type === row['inv_data_type']);
      this.rows = this.rows.filter((one) => !found.includes(one));
      return found.length > 0;
    });
    if (call.infno === '3507') return success({ result: verdicts[0] === true ? { retRslt: '1' } : { retRslt: '0', msgRslt: '未查询到批次流水号' } });
    return success({ goodErrDetail: call.rows.flatMap((row, index) => (verdicts[index] === true ? [] : [{ ...row, retRslt: '0', msgRslt: '未查询到批次流水号' }])) });
  }

  #query(call: Call): string {
    const [fields = {}] = call.rows;
    for (const name of ['begndate', 'enddate']) if (!/^\d{4}-\d\d-\d\d$/.test(String(fields[name]))) return failure(`${name} 有误`);
    if (fields['fixmedins_code'] !== 'H35010200001' || typeof fields['fixmedins_bchno'] !== 'string') return failure('查询条件有误');
    const found = this.rows.filter((one) => one.key === fields['fixmedins_bchno'] && (SOURCES[call.infno] ?? '').includes(one.infno));
    return success({ output: found.map((one) => ({ fixmedinsCode: 'H35010200001', fixmedinsBchno: one.key, valiFlag: '1' })) });
  }
}

/** @returns what the table refuses of a row */
export function rowProblem(row: Row, fields: readonly FieldRow[]): string | undefined {
  const unknown = Object.keys(row).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) return `未知字段 ${unknown}`;
  for (const field of fields) {
    const value = row[field.name];
    const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (empty && (field.required === 'yes' || (field.required === 'conflict' && !OPTIONAL.has(field.name)))) return `${field.name}不能为空`;
    if (field.name === 'setl_id' && empty && row['mdtrt_setl_type'] === '1') return 'setl_id不能为空';
    if (empty) continue;
    if (field.type === 'codes') {
      if (!Array.isArray(value) || !(value as Row[]).every((one) => typeof one['drug_trac_codg'] === 'string' && Object.keys(one).length === 1)) return `${field.name}格式`;
      continue;
    }
    if (typeof value !== 'string') return `${field.name}应为文本`;
    if (field.type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(value)) return `${field.name}格式`;
    if (field.type === 'datetime' && !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)) return `${field.name}格式`;
    if (field.type === 'decimal' && !new RegExp(`^\\d{1,12}(\\.\\d{1,${field.length?.split(',')[1] ?? '0'}})?$`).test(value)) return `${field.name}格式`;
    if (field.type === 'string' && Array.from(value).length > Number(field.length)) return `${field.name}超长`;
    if (field.list !== undefined && !Object.hasOwn(LISTS[field.list] ?? {}, value)) return `${field.name}字典`;
  }
  return undefined;
}

let sequence = 0;

function success(output: unknown): string {
  sequence += 1;
  return JSON.stringify({ infcode: 0, inf_refmsgid: `35010020261122093501${String(sequence).padStart(10, '0')}`, err_msg: '', output });
}

export function failure(text: string, code: number | string = -1): string {
  return JSON.stringify({ infcode: code, inf_refmsgid: '', err_msg: text, output: null });
}
