import type { AskResult, PeerFault } from '../../adapter/domain/outcome.ts';
import { classifyError, isMethodMissing as isMissing } from './gateway-error.ts';
import type { GatewayReply } from './gateway.ts';
import type { TopAnswer } from './top-reply.ts';

/** What is wrong with a reply that is no business answer. */
export function faultOfReply(reply: Exclude<GatewayReply, TopAnswer>): PeerFault {
  switch (reply.kind) {
    case 'gateway-error': return classifyError(reply).fault;
    case 'bad-reply': return { reason: reply.status >= 500 ? 'SERVER_FAULT' : 'BAD_REPLY', peerCode: `HTTP ${String(reply.status)}`, peerText: reply.why };
    case 'fault': return { reason: reply.cause === 'timeout' ? 'TIMEOUT' : reply.cause === 'too-large' ? 'BAD_REPLY' : 'NETWORK', peerText: reply.text };
    case 'not-sent': return { reason: reply.reason === 'throttled' ? 'THROTTLED' : 'TIMEOUT', peerText: reply.text };
  }
}

/** A question that failed settles nothing, whatever the failure was. */
export function noAnswer(reply: GatewayReply): Extract<AskResult, { kind: 'no-answer' }> {
  if (reply.kind === 'answer') return { kind: 'no-answer', reason: 'UNKNOWN_TEXT', peerCode: reply.msgCode, peerText: reply.msgInfo };
  return { kind: 'no-answer', ...faultOfReply(reply) };
}

/** @returns whether the reply says that the application may not call the method, or that there is none */
export function isMethodMissing(reply: GatewayReply): boolean {
  return reply.kind === 'gateway-error' && isMissing(reply);
}

/** @returns whether the platform understood the call and said no to it */
export function isRefusal(reply: GatewayReply): boolean {
  return reply.kind === 'answer' ? !reply.ok : reply.kind === 'gateway-error' && classifyError(reply).kind === 'refused';
}

/** FAIL_BIZ_NOT_CURRENT_OPERATE_CODE: not in our hands, or our own bill is not processed yet (mah.md 0.4, 2.6) */
export function saysNotOurs(answer: TopAnswer): boolean {
  return answer.msgCode === 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE' || answer.subMsgCode === 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE';
}

/** FAIL_BIZ_NO_PAT_INFO 信息不存在: no such record or bill (mah.md 2.4, 2.6) */
export function saysNoSuchRecord(answer: TopAnswer): boolean {
  return answer.msgCode === 'FAIL_BIZ_NO_PAT_INFO' || answer.subMsgCode === 'FAIL_BIZ_NO_PAT_INFO';
}
