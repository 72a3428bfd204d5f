import type { ChinaCrypto, Sm4Key } from '../../../adapter/ports/china-crypto.ts';
import { readJsonMembers, valueText } from './json-text.ts';
import { sealText, unsealText } from './message-seal.ts';
import { NOT_DECRYPTED, NOT_JSON_OBJECT, type OpenedReply } from './opened-reply.ts';

export interface BeijingMessage {
  readonly hospitalCode: string;
  /** MSG_NO */
  readonly messageNo: string;
  /** MSG_TYPE: 0205 sale, 0206 sale return */
  readonly messageType: string;
  /** business JSON */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface BeijingBodyOptions {
  readonly crypto: ChinaCrypto;
  readonly key: Sm4Key;
  /** INF_VER, default V1.0 */
  readonly version?: string;
  /** member of the reply that is sealed; no source shows a reply, default OUT_DATA */
  readonly replyMember?: string;
}

/** Request of Beijing's local interface (insurance.md section 4(d)): IN_DATA = Base64(SM4(MSG_NO + MSG_TYPE + business JSON)). There is no signature. */
export async function sealBeijingBody(message: BeijingMessage, { crypto, key, version = 'V1.0' }: BeijingBodyOptions): Promise<Readonly<Record<string, string>>> {
  const { hospitalCode, messageNo, messageType, body } = message;
  return {
    INF_VER: version,
    HOSP_CODE: hospitalCode,
    MSG_NO: messageNo,
    MSG_TYPE: messageType,
    IN_DATA: await sealText(messageNo + messageType + JSON.stringify(body), crypto, key),
  };
}

/**
 * Opens a reply whose data member is plain JSON, JSON text, or sealed like a request. SM4 alone proves no origin, so the only thing
 * that can be checked is that a sealed text which names its message names ours.
 * @returns the members with the data member opened; `verified` is always false
 */
export async function openBeijingReply(text: string, sent: Pick<BeijingMessage, 'messageNo' | 'messageType'>, options: BeijingBodyOptions): Promise<OpenedReply> {
  const nodes = readJsonMembers(text);
  if (nodes === undefined) return { kind: 'unreadable', why: NOT_JSON_OBJECT };
  const { replyMember = 'OUT_DATA', crypto, key } = options;
  const members = JSON.parse(text) as Record<string, unknown>;
  const data = nodes.get(replyMember);
  if (typeof data !== 'string' || data.trim() === '') return { kind: 'opened', members, verified: false };
  const plain = isObjectText(data) ? data : await unsealText(data, crypto, key);
  if (plain === undefined) return { kind: 'unreadable', why: NOT_DECRYPTED };
  const head = sent.messageNo + sent.messageType;
  const json = plain.startsWith(head) ? plain.slice(head.length) : plain;
  if (!isObjectText(json)) return { kind: 'unreadable', why: '应答数据不属于本次报文或不是 JSON' };
  if (nodes.has('MSG_NO') && valueText(nodes.get('MSG_NO')) !== sent.messageNo) return { kind: 'unreadable', why: '应答的报文编号与本次不符' };
  return { kind: 'opened', members: { ...members, [replyMember]: JSON.parse(json) as unknown }, verified: false };
}

function isObjectText(text: string): boolean {
  return readJsonMembers(text) !== undefined;
}
