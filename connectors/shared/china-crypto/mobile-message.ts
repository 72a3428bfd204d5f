import { TraceError } from '../../../adapter/domain/error.ts';
import type { ChinaCrypto, Sm2PrivateKey, Sm2PublicKey, Sm4Key } from '../../../adapter/ports/china-crypto.ts';
import { readJsonMembers, readJsonText, valueText, type JsonMembers, type JsonNode } from './json-text.ts';
import { mobileCanonicalText } from './mobile-canonical-text.ts';
import { NOT_DECRYPTED, NOT_JSON_OBJECT, SIGNATURE_MISSING, SIGNATURE_WRONG, type OpenedReply } from './opened-reply.ts';
import { decodeBytes, encodeBytes, utf8, utf8Text } from './wire-bytes.ts';

export interface MobileMessageOptions {
  readonly crypto: ChinaCrypto;
  /** channel id, 16 ASCII characters at least */
  readonly appId: string;
  readonly appSecret: string;
  readonly privateKey: Sm2PrivateKey;
  /** key of the platform; with it every good reply must be signed */
  readonly platformKey?: Sm2PublicKey;
  readonly userId?: string;
  /** default 1.0.0 */
  readonly version?: string;
  /** default SM4; seen in lower case as well, and it takes part in the signature */
  readonly encType?: string;
  /** default SM2 */
  readonly signType?: string;
}

export interface MobileRequest {
  readonly transType: string;
  /** ms since epoch */
  readonly timestamp: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A reply with a code other than "0" is a refusal; nothing of it is signed or sealed. */
export type MobileReply = OpenedReply | { readonly kind: 'refused'; readonly code: string; readonly text: string };

export interface MobileMessage {
  /** @returns what goes out: `data` replaced by encData and signData */
  seal(request: MobileRequest): Promise<Readonly<Record<string, unknown>>>;
  /** @param text body of the reply; @returns its members with `data` in plain */
  open(text: string): Promise<MobileReply>;
}

/** Mobile payment and e-prescription family (insurance.md section 4(c)). @throws TraceError CONFIG_INVALID for an appId that makes no key */
export function mobileMessage(options: MobileMessageOptions): MobileMessage {
  if (!/^[\x21-\x7e]{16,}$/.test(options.appId)) throw new TraceError('CONFIG_INVALID', 'appId 应为至少 16 个 ASCII 字符');
  return { seal: (request) => sealRequest(request, options), open: (text) => openReply(text, options) };
}

/** First 16 characters of UPPERHEX(SM4(first 16 characters of appId, appSecret)) (insurance.md section 4(c) 6). */
export async function mobileDataKey({ crypto, appId, appSecret }: Pick<MobileMessageOptions, 'crypto' | 'appId' | 'appSecret'>): Promise<Sm4Key> {
  const outer = crypto.sm4Key(utf8(appId.slice(0, 16)), 'appId');
  const sealed = await crypto.sm4Encrypt(utf8(appSecret), { key: outer, mode: 'ecb', padding: 'pkcs7' });
  return crypto.sm4Key(utf8(encodeBytes(sealed, 'hex-upper').slice(0, 16)), 'appSecret');
}

async function sealRequest({ transType, timestamp, data }: MobileRequest, options: MobileMessageOptions): Promise<Readonly<Record<string, unknown>>> {
  const { crypto, appId, appSecret, privateKey, userId, version = '1.0.0', encType = 'SM4', signType = 'SM2' } = options;
  const outer = { appId, encType, signType, timestamp, transType, version };
  const members = readJsonMembers(JSON.stringify({ ...outer, data })) ?? new Map();
  const signature = await crypto.sm2Sign(utf8(mobileCanonicalText(members, appSecret)), { key: privateKey, ...(userId === undefined ? {} : { userId }) });
  const sealed = await crypto.sm4Encrypt(utf8(JSON.stringify(data)), { key: await mobileDataKey(options), mode: 'ecb', padding: 'pkcs7' });
  return { ...outer, encData: encodeBytes(sealed, 'hex-upper'), signData: encodeBytes(signature, 'base64') };
}

async function openReply(text: string, options: MobileMessageOptions): Promise<MobileReply> {
  const nodes = readJsonMembers(text);
  if (nodes === undefined) return { kind: 'unreadable', why: NOT_JSON_OBJECT };
  const code = valueText(nodes.get('code')).trim();
  if (code === '') return { kind: 'unreadable', why: '应答没有 code' };
  if (code !== '0') return { kind: 'refused', code, text: (valueText(nodes.get('message')) || valueText(nodes.get('error'))).slice(0, 500) };
  const plain = await plainData(nodes, options);
  if (plain === undefined) return { kind: 'unreadable', why: NOT_DECRYPTED };
  const { encData: _encData, signData: _signData, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const members = { ...rest, data: JSON.parse(plain.text) as unknown };
  const { platformKey } = options;
  if (platformKey === undefined) return { kind: 'opened', members, verified: false };
  const stated = valueText(nodes.get('signData'));
  if (stated === '') return { kind: 'unverified', missing: true, why: SIGNATURE_MISSING, members };
  const signature = decodeBytes(stated);
  const signed = mobileCanonicalText(new Map([...nodes, ['data', plain.node]]), options.appSecret);
  const { crypto, userId } = options;
  const good = signature !== undefined && await crypto.sm2Verify(utf8(signed), { key: platformKey, signature, ...(userId === undefined ? {} : { userId }) });
  return good ? { kind: 'opened', members, verified: true } : { kind: 'unverified', missing: false, why: SIGNATURE_WRONG, members };
}

/** encData under the data key; the reply may name another appId than ours, then its key is derived from that one */
async function plainData(nodes: JsonMembers, options: MobileMessageOptions): Promise<{ readonly text: string; readonly node: JsonNode } | undefined> {
  const sealed = decodeBytes(valueText(nodes.get('encData')));
  const named = valueText(nodes.get('appId'));
  const appId = /^[\x21-\x7e]{16,}$/.test(named) ? named : options.appId;
  if (sealed === undefined) return undefined;
  const bytes = await options.crypto.sm4Decrypt(sealed, { key: await mobileDataKey({ ...options, appId }), mode: 'ecb', padding: 'pkcs7' });
  const text = bytes === undefined ? undefined : utf8Text(bytes);
  const node = text === undefined ? undefined : readJsonText(text);
  return text === undefined || node === undefined ? undefined : { text, node };
}
