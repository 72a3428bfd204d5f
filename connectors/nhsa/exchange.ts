import { parseInstant } from '../../adapter/domain/china-time.ts';
import type { PeerFault } from '../../adapter/domain/outcome.ts';
import type { HttpResult } from '../shared/http.ts';
import type { ReplyShape } from './profile.ts';
import { decodeReply, readReply } from './reply.ts';
import type { Reply } from './reply.ts';

/** What one call came to: a reply that can be judged, or a fault with what is known about the request. */
export type Answer = { readonly kind: 'reply'; readonly reply: Reply } | CallFault;

export type CallFault =
  /** provably not processed; `signIn`: the business was not even sent, because there was no sign-in for it */
  | ({ readonly kind: 'unavailable'; readonly retryAfterMs?: number; readonly signIn?: true } & PeerFault)
  /** may have been processed */
  | ({ readonly kind: 'unknown'; readonly tooLarge?: true } & PeerFault);

/** @returns the fault without its kind: to give a question, or a report that was not sent, the same reason */
export function faultOf(answer: CallFault): PeerFault & { readonly retryAfterMs?: number } {
  return {
    reason: answer.reason,
    ...(answer.peerCode === undefined ? {} : { peerCode: answer.peerCode }),
    ...(answer.peerText === undefined ? {} : { peerText: answer.peerText }),
    ...(answer.kind === 'unavailable' && answer.retryAfterMs !== undefined ? { retryAfterMs: answer.retryAfterMs } : {}),
  };
}

/** How the text of an answer becomes its members: plain JSON, sealed, signed, inside SOAP. */
export type OpenText = (text: string) => Promise<OpenedText>;
export type OpenedText =
  | { readonly kind: 'members'; readonly members: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** a fault of the layer around the message (SOAP) */
  | { readonly kind: 'fault'; readonly fault: CallFault };

export interface Reading {
  readonly open: OpenText;
  readonly reply: ReplyShape;
  /** answers with a status of 5xx may hold a fault that says more (SOAP) */
  readonly readsFaults?: boolean;
}

/**
 * What an HTTP exchange says before its content is judged. 2xx alone is read; 4xx never reached the platform's business
 * (insurance.md section 11); 5xx and whatever cannot be read may have been processed.
 */
export async function readExchange(result: HttpResult, sent: { readonly msgid: string; readonly at: number }, reading: Reading): Promise<Answer> {
  if (result.kind === 'fault') return transportFault(result);
  const { status } = result;
  const peerCode = `HTTP ${String(status)}`;
  const fine = status >= 200 && status < 300;
  if (!fine && !(reading.readsFaults === true && status >= 500)) return statusFault(result);
  const decoded = decodeReply(result.body, result.headers['content-type']);
  if ('unreadable' in decoded) return fine ? { kind: 'unknown', reason: 'BAD_REPLY', peerCode, peerText: decoded.unreadable } : statusFault(result);
  const opened = await reading.open(decoded.text);
  if (opened.kind === 'fault') return opened.fault;
  if (!fine) return statusFault(result);
  const reply = opened.kind === 'members' ? readReply(opened.members, reading.reply) : { unreadable: opened.why };
  if ('unreadable' in reply) return { kind: 'unknown', reason: 'BAD_REPLY', peerCode, peerText: evidence(reply.unreadable, decoded.text) };
  if (reply.echoedId !== '' && reply.echoedId !== sent.msgid) {
    return { kind: 'unknown', reason: 'WRONG_MESSAGE_ID', peerCode: reply.code, peerText: `应答的报文编号 ${reply.echoedId} 不是本次的 ${sent.msgid}` };
  }
  if (reply.ok && isStale(reply.ref, sent.at)) {
    return { kind: 'unknown', reason: 'WRONG_MESSAGE_ID', peerCode: reply.code, peerText: `应答的接收方报文编号 ${reply.ref} 不是本次交易的` };
  }
  return { kind: 'reply', reply };
}

/** what is kept of an answer that could not be read, for whoever has to find out what it was */
const EVIDENCE_CHARS = 120;

/** Answers to uploads hold no patients, queries do: of JSON nothing is kept. */
function evidence(why: string, text: string): string {
  if (!text.startsWith('<')) return why;
  return `${why}：${text.slice(0, EVIDENCE_CHARS).replaceAll(/\s+/g, ' ')}`;
}

/** clocks differ, and the platform's text has no zone */
const STALE_MS = 86_400_000;

/**
 * inf_refmsgid is area (6) + yyyyMMddHHmmss + sequence (10): one of another day answers another message. Platforms that number
 * otherwise, or not at all, are believed.
 */
function isStale(ref: string, at: number): boolean {
  const match = /^\d{6}(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d{10}$/.exec(ref);
  if (match === null) return false;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match;
  const time = parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  return time === undefined || Math.abs(time - at) > STALE_MS;
}

function transportFault(fault: Extract<HttpResult, { kind: 'fault' }>): CallFault {
  if (fault.sent === 'no') return { kind: 'unavailable', reason: 'NETWORK', peerText: fault.text };
  if (fault.cause === 'too-large') return { kind: 'unknown', tooLarge: true, reason: 'BAD_REPLY', peerText: '应答过大，已中断接收' };
  return { kind: 'unknown', reason: fault.cause === 'timeout' ? 'TIMEOUT' : 'NETWORK', peerText: fault.text };
}

function statusFault(reply: Extract<HttpResult, { kind: 'reply' }>): CallFault {
  const { status } = reply;
  const peerCode = `HTTP ${String(status)}`;
  if (status === 401 || status === 403) return { kind: 'unavailable', reason: 'AUTH', peerCode, peerText: '网关拒绝了账号或签名' };
  if (status === 429) {
    const retryAfterMs = retryAfter(reply.headers['retry-after']);
    return { kind: 'unavailable', reason: 'THROTTLED', peerCode, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status === 408) return { kind: 'unknown', reason: 'TIMEOUT', peerCode };
  if (status >= 500) return { kind: 'unknown', reason: 'SERVER_FAULT', peerCode };
  return { kind: 'unavailable', reason: 'CONFIGURATION', peerCode, peerText: '平台地址或路径不对，请核对 baseUrl 与 paths' };
}

/** Seconds, as gateways send them; at most an hour. */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,5}$/.test(header.trim()) ? Math.min(Number(header), 3_600) * 1000 : undefined;
}
