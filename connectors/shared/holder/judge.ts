import type { AskResult, FaultReason, PeerFault, SendResult } from '../../../adapter/domain/outcome.ts';
import type { HttpResult } from '../http.ts';
import { ruleFor, type ReplyView } from '../outcome-rules/apply-rules.ts';
import type { Rule } from '../outcome-rules/rule.ts';
import { replyText } from '../reply/reply-text.ts';
import { parseReply } from '../reply/parse-reply.ts';
import type { ReplyPath } from '../reply/reply-tree.ts';
import { soapEnvelope, soapFaultOf } from '../reply/soap-envelope.ts';
import { fillText, type Maps } from '../template/placeholder.ts';
import type { Model } from '../template/value.ts';
import type { ReplyRules } from './profile.ts';
import { digestText } from './signature.ts';

/** What one call came to before it is told as a SendResult or an AskResult. */
export type Judgement =
  /** provably never left, or never got as far as the operation */
  | { readonly kind: 'not-sent'; readonly fault: PeerFault; readonly retryAfterMs?: number }
  | { readonly kind: 'ruled'; readonly rule: Rule; readonly fault: PeerFault; readonly platformRef: string | undefined; readonly evidence: string; readonly named: readonly string[] | undefined }
  | { readonly kind: 'unclear'; readonly fault: PeerFault };

export interface JudgeContext {
  readonly reply: ReplyRules;
  readonly isSoap: boolean;
  readonly scope: Model;
  readonly expected: { readonly 'report.key': string; readonly 'message.id': string };
  readonly signKey: string;
  readonly maps: Maps;
}

const MAX_EVIDENCE = 1_000;
const MAX_TEXT = 500;

/** Reads a reply by the rules of its operation. What no rule fits is unclear; never is silence or a riddle taken for a yes. Never throws. */
export async function judgeReply(result: HttpResult, context: JudgeContext): Promise<Judgement> {
  if (result.kind === 'fault') {
    const fault: PeerFault = { reason: result.cause === 'timeout' ? 'TIMEOUT' : result.cause === 'too-large' ? 'BAD_REPLY' : 'NETWORK', peerText: result.text };
    return result.sent === 'no' ? { kind: 'not-sent', fault } : { kind: 'unclear', fault };
  }
  const { view, text, why } = viewOf(result, context);
  const rule = ruleFor(context.reply.rules, view);
  if (rule === undefined) return withoutRule(result, view, why);
  if (rule.conditions.length > 0) {
    const strange = await strangeness(rule, view, text, result.headers, context);
    if (strange !== undefined) return { kind: 'unclear', fault: strange };
  }
  return ruled(rule, view, text);
}

interface Seen { readonly view: ReplyView; readonly text: string; readonly why: string | undefined }

function viewOf(result: Extract<HttpResult, { kind: 'reply' }>, { reply, isSoap }: JudgeContext): Seen {
  const nothing = { status: result.status, body: undefined, envelope: undefined };
  const read = replyText(result.body, result.headers['content-type'] ?? '', reply.charset);
  if (read.kind === 'unreadable') return { view: nothing, text: '', why: read.why };
  const { text } = read;
  if (!isSoap) {
    const parsed = parseReply(text, reply.format);
    return parsed.kind === 'tree' ? { view: { ...nothing, body: parsed.tree }, text, why: undefined } : { view: nothing, text, why: parsed.why };
  }
  const envelope = soapEnvelope(text);
  if (envelope.kind === 'unreadable') return { view: nothing, text, why: envelope.why };
  if (reply.inside === undefined) return { view: { ...nothing, envelope: envelope.tree, body: envelope.tree }, text, why: undefined };
  const outer = { ...nothing, envelope: envelope.tree };
  const [inner, ...more] = reply.inside(envelope.tree);
  if (inner === undefined || more.length > 0 || inner === '') return { view: outer, text, why: inner === undefined ? '应答中没有业务内容' : '应答中的业务内容不唯一或为空' };
  const parsed = parseReply(inner.replace(/^<\?xml[^>]*\?>/, '').trim(), reply.format);
  return parsed.kind === 'tree' ? { view: { ...outer, body: parsed.tree }, text: inner, why: undefined } : { view: outer, text: inner, why: parsed.why };
}

/** Is the reply ours, and did the platform write it? */
async function strangeness(rule: Rule, view: ReplyView, text: string, headers: Readonly<Record<string, string>>, context: JudgeContext): Promise<PeerFault | undefined> {
  const { reply, expected } = context;
  const tree = view.body;
  if (tree === undefined || !rule.conditions.some(({ of }) => of === 'body')) return undefined;
  if (reply.signature !== undefined) {
    const { rule: signature, covers, at, header } = reply.signature;
    const given = at === undefined ? headers[(header ?? '').toLowerCase()] ?? '' : at(tree)[0] ?? '';
    const covered = covers.length === 0 ? text : covers.map((path) => path(tree)[0] ?? '').join('');
    const wanted = await digestText(signature, fillText(signature.text, { ...context.scope, payload: covered, signature: '' }, context.maps), context.signKey);
    if (given !== wanted) return { reason: 'BAD_REPLY', peerText: '应答的签名不对，内容不可信' };
  }
  if (reply.echo !== undefined) {
    const found = reply.echo.path(tree);
    const wanted = expected[reply.echo.of];
    const positive = rule.then !== 'refused' && rule.then !== 'retry' && rule.then !== 'throttled';
    if (found.some((each) => each !== wanted) || (positive && found.length === 0)) return { reason: 'WRONG_MESSAGE_ID', peerText: '应答中的编号不是本次发送的编号' };
  }
  return undefined;
}

function ruled(rule: Rule, view: ReplyView, text: string): Judgement {
  const first = (path: ReplyPath | undefined): string | undefined => (path === undefined || view.body === undefined ? undefined : path(view.body)[0]?.slice(0, MAX_TEXT));
  const fault = view.envelope === undefined ? undefined : soapFaultOf(view.envelope);
  const [peerCode, peerText] = [first(rule.code) ?? fault?.code ?? `HTTP ${String(view.status)}`, first(rule.text) ?? fault?.text];
  const codes = rule.codes === undefined || view.body === undefined ? [] : [...new Set(rule.codes(view.body))].filter((code) => code !== '').slice(0, 1_000);
  const named = rule.sameCodes === undefined || view.body === undefined ? undefined : rule.sameCodes(view.body);
  return {
    kind: 'ruled', rule, named, platformRef: first(rule.ref), evidence: text.slice(0, MAX_EVIDENCE),
    fault: { reason: rule.reason ?? STANDARD_REASON[rule.then] ?? 'UNKNOWN_TEXT', peerCode, ...(peerText === undefined || peerText === '' ? {} : { peerText }), ...(codes.length === 0 ? {} : { codes }) },
  };
}

const STANDARD_REASON: Readonly<Partial<Record<Rule['then'], FaultReason>>> = { retry: 'SERVICE_DOWN', throttled: 'THROTTLED', refused: 'RULE' };

/** Statuses that say by themselves that a gateway let nothing through; everything else stays unclear. */
function withoutRule(result: Extract<HttpResult, { kind: 'reply' }>, view: ReplyView, why: string | undefined): Judgement {
  const peerCode = `HTTP ${String(result.status)}`;
  if (result.status === 429) {
    const seconds = Number(result.headers['retry-after'] ?? '');
    return { kind: 'not-sent', fault: { reason: 'THROTTLED', peerCode }, ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, 3_600) * 1_000 } : {}) };
  }
  if (result.status === 401 || result.status === 403) return { kind: 'not-sent', fault: { reason: 'AUTH', peerCode, peerText: '平台不认可账号、口令、令牌或签名' } };
  const fault = view.envelope === undefined ? undefined : soapFaultOf(view.envelope);
  if (fault !== undefined) return { kind: 'unclear', fault: { reason: 'SERVER_FAULT', peerCode: fault.code || peerCode, peerText: fault.text } };
  const reason = result.status >= 500 ? 'SERVER_FAULT' : view.body === undefined ? 'BAD_REPLY' : 'UNKNOWN_TEXT';
  return { kind: 'unclear', fault: { reason, peerCode, peerText: why ?? '应答不符合对接文件中的任何一条判定规则' } };
}

/** @returns what follows for a report that was sent */
export function sendResultOf(judgement: Judgement, codes: readonly string[]): SendResult {
  switch (judgement.kind) {
    case 'not-sent': return { kind: 'unavailable', ...judgement.fault, ...(judgement.retryAfterMs === undefined ? {} : { retryAfterMs: judgement.retryAfterMs }) };
    case 'unclear': return { kind: 'unknown', ...judgement.fault };
    case 'ruled':
  }
  const { rule, fault, evidence, platformRef } = judgement;
  const kept = { evidence, ...(platformRef === undefined ? {} : { platformRef }) };
  const missing = codesNotNamed(judgement, codes);
  switch (rule.then) {
    case 'accepted': case 'duplicate': return missing === undefined ? { kind: rule.then, ...kept } : { kind: 'unknown', reason: 'BILL_CONFLICT', ...textOf(fault), codes: missing };
    case 'refused': return { kind: 'rejected', ...fault };
    case 'retry': case 'throttled': return { kind: 'unavailable', ...fault, ...(rule.afterMs === undefined ? {} : { retryAfterMs: rule.afterMs }) };
    case 'processing': return { kind: 'processing', askAfterMs: rule.afterMs ?? 3_000, evidence };
    case 'unknown': case 'absent': return { kind: 'unknown', ...fault };
  }
}

/** @returns what a query has taught */
export function askResultOf(judgement: Judgement, codes: readonly string[]): AskResult {
  if (judgement.kind !== 'ruled') return { kind: 'no-answer', ...judgement.fault };
  const { rule, fault, evidence, platformRef } = judgement;
  switch (rule.then) {
    case 'accepted': case 'duplicate': {
      const missing = codesNotNamed(judgement, codes);
      if (missing !== undefined) return { kind: 'settled', outcome: { kind: 'rejected', reason: 'BILL_CONFLICT', peerText: `平台上有同号的单据，但缺少本单的 ${String(missing.length)} 个码，请人工核对`, codes: missing } };
      return { kind: 'settled', outcome: { kind: rule.then, evidence, ...(platformRef === undefined ? {} : { platformRef }) } };
    }
    case 'refused': return { kind: 'settled', outcome: { kind: 'rejected', ...fault } };
    case 'processing': return { kind: 'processing' };
    case 'absent': return { kind: 'absent' };
    case 'retry': case 'throttled': case 'unknown': return { kind: 'no-answer', ...fault };
  }
}

/** @returns the codes of ours that the platform should have named and did not; undefined when all is well or nothing is compared */
function codesNotNamed({ named }: Extract<Judgement, { kind: 'ruled' }>, codes: readonly string[]): readonly string[] | undefined {
  if (named === undefined) return undefined;
  const there = new Set(named);
  const missing = codes.filter((code) => !there.has(code));
  return missing.length === 0 ? undefined : missing;
}

function textOf(fault: PeerFault): Omit<PeerFault, 'reason'> {
  return { ...(fault.peerCode === undefined ? {} : { peerCode: fault.peerCode }), ...(fault.peerText === undefined ? {} : { peerText: fault.peerText }) };
}
