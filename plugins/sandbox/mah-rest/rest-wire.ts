import { createHash, randomBytes } from 'node:crypto';
import type { HolderAccount, HolderAnswer, HolderValues, HolderWire } from '../mah-soap/holder-platform.ts';
import { plainReply, SANDBOX_HOLDER } from '../mah-soap/holder-platform.ts';
import type { HolderResult, HolderState } from '../mah-soap/holder-state.ts';
import { asObject, type PlatformReply, type PlatformRequest } from '../platform.ts';

const MOVEMENTS: Readonly<Record<string, string>> = { IN_PURCHASE: 'receipt', OUT_RETURN: 'supplier-return', OUT_USE: 'dispense', IN_USE_RETURN: 'dispense-return', OUT_DESTROY: 'destroy', IN_GAIN: 'stock-gain', OUT_LOSS: 'stock-loss' };
const OPERATIONS: Readonly<Record<string, string>> = { '/oauth/token': 'token', '/trace/v1/events': 'events', '/trace/v1/events/revoke': 'revoke' };
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TOKEN_LIFE_MS = 3_600_000;
const CLOCK_SKEW_MS = 600_000;

/** JSON in the style of DB14/T 3290-2025: GUID, SM3 over request and reply, OAuth2; code 1 = taken, 0 = failed; the same billNo twice is one report. */
export function restWire(account: HolderAccount): HolderWire {
  const tokens = new Map<string, number>();
  const sign = (text: string): string => createHash('sm3').update(text + account.signKey, 'utf8').digest('hex');
  const seal = (values: HolderValues): HolderValues => ({ ...values, sign: sign(`${String(values['eventID'] ?? '')}${String(values['code'] ?? '')}`) });
  return {
    name: 'mah-rest',
    operationOf: (request) => OPERATIONS[request.path] ?? 'unknown',
    perform(request, state, now) {
      if (request.path === '/oauth/token') return issueToken(request, account, tokens, now);
      const answer = perform(request, { state, now, tokens, sign });
      return 'render' in answer ? answer : { ...answer, values: seal(answer.values) };
    },
    refusal: (request, kind, rule) => seal({ eventID: eventIdIn(request), code: 0, error: kind === 'errorBody' ? 'BUSY' : rule.code ?? 'BAD_CONTENT', msg: rule.text ?? '内容不符合要求' }),
    reply: (_operation, values) => jsonReply(200, values),
    misplace: ({ code, sign: _sign, ...rest }) => ({ ...rest, result: { code }, sign: sign(String(rest['eventID'] ?? '')) }),
    wrongId: (values) => seal({ ...values, eventID: '00000000-0000-0000-0000-000000000000' }),
  };
}

function jsonReply(status: number, value: unknown): PlatformReply {
  return { status, contentType: 'application/json;charset=UTF-8', value, render: (each) => JSON.stringify(each) };
}

function eventIdIn(request: PlatformRequest): string {
  return /"eventID":"([^"]*)"/.exec(request.body.toString('utf8'))?.[1] ?? '';
}

function issueToken(request: PlatformRequest, account: HolderAccount, tokens: Map<string, number>, now: number): PlatformReply {
  const form = new URLSearchParams(request.body.toString('utf8'));
  if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') return jsonReply(400, { error: 'unsupported_grant_type' });
  if (form.get('client_id') !== account.user || form.get('client_secret') !== account.password) return jsonReply(401, { error: 'invalid_client' });
  const token = randomBytes(16).toString('hex');
  tokens.set(token, now + TOKEN_LIFE_MS);
  return jsonReply(200, { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE_MS / 1_000 });
}

interface RestContext { readonly state: HolderState; readonly now: number; readonly tokens: ReadonlyMap<string, number>; readonly sign: (text: string) => string }

function perform(request: PlatformRequest, { state, now, tokens, sign }: RestContext): HolderAnswer | PlatformReply {
  if (OPERATIONS[request.path] === undefined) return jsonReply(404, { message: 'not found' });
  if (request.method !== 'POST') return plainReply(405, 'method not allowed');
  if ((tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, '')) ?? 0) <= now) return jsonReply(401, { error: 'invalid_token' });
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return plainReply(415, 'JSON only');
  const text = request.body.toString('utf8');
  const frame = asObject(parsed(text));
  // protocol members before business members (DB14/T 3290-2025)
  const data = /"data":(\{.*\})\}$/s.exec(text)?.[1] ?? '';
  const eventID = textIn(frame, 'eventID');
  const say = (error: string, msg: string, codes?: readonly string[]): HolderAnswer => ({ values: { eventID, code: 0, error, msg, ...(codes === undefined ? {} : { badCodes: codes }) }, refused: msg });
  if (frame === undefined || !GUID.test(eventID)) return say('BAD_FRAME', 'eventID应为GUID');
  if (textIn(frame, 'sign') !== sign(data)) return say('BAD_SIGN', '签名错误');
  if (textIn(frame, 'orgCode') !== SANDBOX_HOLDER.orgCode) return say('BAD_FRAME', '机构编号不存在');
  const stamp = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(textIn(frame, 'timestamp'));
  if (stamp === null || Math.abs(Date.parse(`${stamp.slice(1, 4).join('-')}T${stamp.slice(4, 7).join(':')}+08:00`) - now) > CLOCK_SKEW_MS) return say('BAD_FRAME', '时间戳不对');
  const content = asObject(frame['data']);
  if (content === undefined || !/^[A-Za-z0-9_]{1,32}$/.test(textIn(content, 'billNo'))) return say('BAD_CONTENT', '单据号应为32位以内的字母数字');
  const bill = { key: textIn(content, 'billNo'), orgCode: textIn(frame, 'orgCode'), occurredAt: textIn(content, 'occurredAt') };
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/.test(bill.occurredAt)) return say('BAD_CONTENT', 'occurredAt格式不对');
  if (request.path.endsWith('/revoke')) return answerOf(state.revoke({ ...bill, revokes: textIn(content, 'revokes') }, now), eventID, say);
  const movement = MOVEMENTS[textIn(content, 'eventType')];
  const codes = movement === undefined ? undefined : codesOf(content);
  if (movement === undefined || codes === undefined) return say('BAD_CONTENT', 'eventType、items或codes不符合要求');
  if ((movement === 'receipt' || movement === 'supplier-return') && textIn(content, 'partner') === '') return say('BAD_CONTENT', '缺少往来单位');
  return answerOf(state.report({ ...bill, movement, codes }, now), eventID, say);
}

function answerOf(result: HolderResult, eventID: string, say: (error: string, msg: string, codes?: readonly string[]) => HolderAnswer): HolderAnswer {
  if (result.kind === 'refused') return say(result.error, result.text, result.codes);
  // documented: the same billNo again is the same report
  return { values: { eventID, code: 1, msg: '成功', receipt: `T${String(result.bill.seq)}` } };
}

function codesOf(content: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const items = content['items'];
  if (!Array.isArray(items) || items.length === 0) return undefined;
  const codes: string[] = [];
  for (const item of items as unknown[]) {
    const members = asObject(item);
    const list = members?.['codes'];
    if (members === undefined || textIn(members, 'lineNo') === '' || textIn(members, 'drugName').trim() === '' || typeof members['quantity'] !== 'number' || !Array.isArray(list)) return undefined;
    for (const each of list as unknown[]) {
      const code = asObject(each);
      if (code === undefined || typeof code['code'] !== 'string' || typeof code['level'] !== 'number') return undefined;
      codes.push(code['code']);
    }
  }
  return codes;
}

function textIn(members: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const value = members?.[name];
  return typeof value === 'string' ? value : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
