import type { HttpResult } from '../shared/http.ts';
import { asObject, parseBody, textOf, type Tree, type TreeObject } from './reply-tree.ts';

/** A business answer: the method ran, for better or worse. */
export interface TopAnswer {
  readonly kind: 'answer';
  readonly ok: boolean;
  readonly msgCode: string;
  readonly msgInfo: string;
  readonly subMsgCode: string;
  readonly requestId: string;
  /** `model`, `model_list` or `models`, wherever it was */
  readonly payload: Tree;
  /** any other member, looked for under `result` and beside it */
  member(name: string): Tree;
}

/** `error_response` of the gateway. */
export interface TopError {
  readonly kind: 'gateway-error';
  readonly code: number;
  readonly msg: string;
  readonly subCode: string;
  readonly subMsg: string;
  readonly requestId: string;
}

export type TopReply =
  | TopAnswer
  | TopError
  | { readonly kind: 'bad-reply'; readonly status: number; readonly why: string }
  | { readonly kind: 'fault'; readonly sent: 'no' | 'maybe'; readonly cause: 'network' | 'timeout' | 'too-large'; readonly text: string };

/** Reads one HTTP result, tolerant of every reply form of mah.md 2.4. Never throws. */
export async function readReply(http: HttpResult): Promise<TopReply> {
  if (http.kind === 'fault') return http;
  const parsed = await parseBody(http.body, http.headers['content-type']);
  if (parsed.kind === 'unreadable') return { kind: 'bad-reply', status: http.status, why: parsed.why };
  const error = gatewayError(parsed.root);
  if (error !== undefined) return error;
  const answer = http.status >= 200 && http.status < 300 ? readAnswer(parsed.root) : undefined;
  return answer ?? { kind: 'bad-reply', status: http.status, why: '应答缺少结果标志' };
}

function gatewayError(root: TreeObject): TopError | undefined {
  const inner = unwrapRoot(root);
  const error = asObject(root['error_response']) ?? asObject(inner['error_response']) ?? (isBareError(inner) ? inner : undefined);
  if (error === undefined) return undefined;
  const code = textOf(error['code']);
  return {
    kind: 'gateway-error', code: /^\d{1,6}$/.test(code) ? Number(code) : 0, msg: textOf(error['msg']),
    subCode: textOf(error['sub_code']), subMsg: textOf(error['sub_msg']), requestId: textOf(error['request_id']),
  };
}

/** simplify may take the root key of an error away as well */
function isBareError(object: TreeObject): boolean {
  return /^\d{1,6}$/.test(textOf(object['code'])) && 'msg' in object && !('result' in object) && !('msg_code' in object);
}

/** Without simplify everything is under `alibaba_…_response`. */
function unwrapRoot(root: TreeObject): TreeObject {
  const name = Object.keys(root).find((key) => key.endsWith('_response') && key !== 'error_response');
  return (name === undefined ? undefined : asObject(root[name])) ?? root;
}

function readAnswer(root: TreeObject): TopAnswer | undefined {
  const top = unwrapRoot(root);
  const result = asObject(top['result']);
  const member = (name: string): Tree => result?.[name] ?? top[name];
  const payload = member('model') ?? member('model_list') ?? member('models');
  const msgCode = textOf(member('msg_code'));
  const flag = successFlag(member) ?? successFlag((name) => asObject(payload)?.[name]);
  // two methods are documented with a payload and nothing else (retail.searchbill, searchbill.detail)
  const ok = flag ?? (msgCode !== '' ? isSuccessCode(msgCode) : payload !== undefined ? true : undefined);
  if (ok === undefined) return undefined;
  return {
    kind: 'answer', ok: ok && !msgCode.startsWith('FAIL'), msgCode, msgInfo: textOf(member('msg_info')), subMsgCode: textOf(member('sub_msg_code')),
    requestId: textOf(top['request_id']), payload, member,
  };
}

/** The flag has two names and may be a boolean or the text "true" (mah.md 2.4). */
function successFlag(member: (name: string) => Tree): boolean | undefined {
  for (const name of ['response_success', 'success']) {
    const text = textOf(member(name)).toLowerCase();
    if (text === 'true' || text === 'false') return text === 'true';
  }
  return undefined;
}

function isSuccessCode(code: string): boolean {
  return code === 'SUCCESS' || code === '1000';
}
