import type { PeerFault } from '../../../adapter/domain/outcome.ts';
import type { Clock } from '../../../adapter/ports/clock.ts';
import type { UpstreamAnswer, UpstreamEvidence, UpstreamQuestion } from '../../../adapter/ports/upstream.ts';
import { faultOfReply, isMethodMissing, saysNoSuchRecord, saysNotOurs } from '../fault-of-reply.ts';
import { classifyError } from '../gateway-error.ts';
import type { Gateway, GatewayReply } from '../gateway.ts';
import { METHOD_LABELS, type Method } from '../methods.ts';
import { asObject, rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import type { TopAnswer } from '../top-reply.ts';

/** An answer before the proof is put beside it. */
type WithoutEvidence<T> = T extends unknown ? Omit<T, 'evidence'> : never;
export type Given<T> = WithoutEvidence<UpstreamAnswer<T>>;
/** Every answer that is not what was asked for. */
export type Missed = Exclude<Given<never>, { readonly kind: 'found' }>;
export type Asked = { readonly kind: 'answer'; readonly reply: TopAnswer } | Missed;

/** how soon a package that is not open yet is worth another question (practice: 3 to 11 s, mah.md 5) */
export const NOT_READY_MS = 3_000;
/** proofs kept of one question */
const MAX_EVIDENCE = 200;
const MAX_SAYS = 300;

export interface Asking {
  /** our own ref_ent_id: who asks */
  readonly refEntId: string;
  readonly question: UpstreamQuestion;
  readonly clock: Clock;
  /** One call within the budget; what it gave is noted as proof. Never rejects. */
  call(method: Method, parameters: Readonly<Record<string, string>>): Promise<Asked>;
}

/**
 * Puts one question, of as many calls as it needs, and gathers its proofs. Whatever goes wrong is an answer: a fault of our own
 * too, because a screen that asks for a supplier's bill must not fail by it.
 */
export async function putQuestion<T>(deps: { readonly gateway: Gateway; readonly clock: Clock }, question: UpstreamQuestion, refEntId: string | undefined, ask: (asking: Asking) => Promise<Given<T>>): Promise<UpstreamAnswer<T>> {
  const { gateway, clock } = deps;
  const evidence: UpstreamEvidence[] = [];
  if (refEntId === undefined || refEntId === '') {
    return { kind: 'refused', reason: 'MISSING_FIELD', peerText: `机构 ${question.institution.code} 没有配置 mah.refEntId，无法查询`, evidence };
  }
  const asking: Asking = {
    refEntId, question, clock,
    async call(method, parameters) {
      const { priority, signal, maxWaitMs } = question;
      const reply = await gateway.call({ method, parameters: { ref_ent_id: refEntId, ...parameters }, lane: 'query', priority, signal, ...(maxWaitMs === undefined ? {} : { maxWaitMs }) });
      if (evidence.length < MAX_EVIDENCE) evidence.push(evidenceOf(method, reply, clock.now()));
      return askedOf(method, reply);
    },
  };
  try {
    return { ...await ask(asking), evidence };
  } catch (error) {
    return { kind: 'unavailable', reason: 'FAULT_IN_CONNECTOR', peerText: (error as Error).message.slice(0, MAX_SAYS), evidence };
  }
}

function evidenceOf(method: Method, reply: GatewayReply, at: number): UpstreamEvidence {
  const requestId = 'requestId' in reply ? reply.requestId : '';
  return { operation: method, at, says: saidIn(reply).trim().slice(0, MAX_SAYS), ...(requestId === '' ? {} : { requestId }) };
}

function saidIn(reply: GatewayReply): string {
  switch (reply.kind) {
    case 'answer': return `${reply.ok ? 'ok' : 'refused'} ${reply.msgCode} ${reply.msgInfo}`;
    case 'gateway-error': return `${String(reply.code)} ${reply.subCode} ${reply.subMsg}`;
    case 'bad-reply': return `HTTP ${String(reply.status)} ${reply.why}`;
    case 'fault': return `${reply.cause} ${reply.text}`;
    case 'not-sent': return reply.text;
  }
}

function askedOf(method: Method, reply: GatewayReply): Asked {
  if (isMethodMissing(reply)) return { kind: 'not-granted', operation: method, why: `应用未获授权调用“${METHOD_LABELS[method]}”，请向码上放心申请开通` };
  switch (reply.kind) {
    case 'answer': return reply.ok ? { kind: 'answer', reply } : missedOf(reply);
    case 'not-sent': return { kind: 'unavailable', ...faultOfReply(reply), retryAfterMs: reply.retryAfterMs };
    case 'gateway-error': {
      const error = classifyError(reply);
      // a question may be put again whatever became of it
      if (error.kind === 'refused') return { kind: 'refused', ...error.fault };
      return { kind: 'unavailable', ...error.fault, ...(error.kind === 'unavailable' && error.retryAfterMs !== undefined ? { retryAfterMs: error.retryAfterMs } : {}) };
    }
    default: return { kind: 'unavailable', ...faultOfReply(reply) };
  }
}

function missedOf(reply: TopAnswer): Missed {
  if (saysNoSuchRecord(reply)) return { kind: 'none' };
  if (saysNotOurs(reply)) return { kind: 'not-ready', why: '平台尚未处理完本院对该包装的采购入库（102），暂不能展开', retryAfterMs: NOT_READY_MS };
  return { kind: 'refused', reason: 'RULE', peerCode: reply.msgCode, peerText: reply.msgInfo.slice(0, MAX_SAYS) };
}

export function found<T>(value: T): Given<T> {
  return { kind: 'found', value };
}

/** The reply said yes and does not hold what its method promises. */
export function unreadable(why: string): Missed {
  const fault: PeerFault = { reason: 'BAD_REPLY', peerText: why };
  return { kind: 'unavailable', ...fault };
}

export interface PageRequest {
  readonly method: Method;
  readonly parameters: Readonly<Record<string, string>>;
  /** first page, from 1 */
  readonly page: number;
  readonly maxPages: number;
}
export type PagesRead = { readonly kind: 'rows'; readonly rows: readonly TreeObject[]; /** undefined when the last page was read */ readonly nextPage: number | undefined } | Missed;

const PAGE_SIZE = 100;

/** Reads the rows of `result_list` page by page; "no such record" on the first page is an empty list. */
export async function readPages(asking: Asking, { method, parameters, page: first, maxPages }: PageRequest): Promise<PagesRead> {
  const rows: TreeObject[] = [];
  for (let page = first; page < first + maxPages; page += 1) {
    const asked = await asking.call(method, { ...parameters, page_size: String(PAGE_SIZE), page: String(page) });
    if (asked.kind === 'none') return { kind: 'rows', rows, nextPage: undefined };
    if (asked.kind !== 'answer') return asked;
    const model = asObject(asked.reply.payload);
    const own = rowsOf(model !== undefined && 'result_list' in model ? model['result_list'] : model?.['total_num'] === undefined ? asked.reply.payload : undefined);
    rows.push(...own);
    const total = textOf(model?.['total_num']);
    if (own.length < PAGE_SIZE || (total !== '' && page * PAGE_SIZE >= Number(total))) return { kind: 'rows', rows, nextPage: undefined };
  }
  return { kind: 'rows', rows, nextPage: first + maxPages };
}

/** @returns the page a cursor of ours names; the first for any other text */
export function pageOfCursor(cursor: string | undefined): number {
  return /^[1-9]\d{0,5}$/.test(cursor ?? '') ? Number(cursor) : 1;
}
