import { timingSafeEqual } from 'node:crypto';
import type { ChinaCrypto, Sm2PrivateKey, Sm2PublicKey, Sm2SignatureFormat } from '../../../adapter/ports/china-crypto.ts';
import { compactJson, readJsonText, sortedNode } from './json-text.ts';
import { decodeBytes, encodeBytes, utf8, type ByteEncoding } from './wire-bytes.ts';

/**
 * How a message body is signed where the rule says "SM3" and little more (Shanxi DB14/T 3290-2025 and its kin, mah.md section 10.6).
 * A bare digest shows damage and nothing else: whoever changes the body can compute it anew.
 */
export type BodySignature =
  /** SM3 over before + body + after; a shared secret usually stands in one of the two */
  | { readonly kind: 'sm3'; readonly before?: string; readonly after?: string }
  | { readonly kind: 'hmac-sm3'; readonly secret: string }
  /** `over`: the body itself (SM3withSM2, default), or the 32 bytes of its SM3 taken as the message */
  | { readonly kind: 'sm2'; readonly privateKey?: Sm2PrivateKey; readonly publicKey?: Sm2PublicKey; readonly userId?: string; readonly format?: Sm2SignatureFormat; readonly over?: 'body' | 'digest' };

export interface BodySigning {
  readonly crypto: ChinaCrypto;
  readonly how: BodySignature;
  /** default `hex` */
  readonly encoding?: ByteEncoding;
}

/** @returns JSON without white space, member names in ascending order at every depth, numbers as written, UTF-8; undefined for no JSON */
export function canonicalBodyBytes(json: string): Uint8Array | undefined {
  const node = readJsonText(json);
  return node === undefined ? undefined : utf8(compactJson(sortedNode(node)));
}

/** @returns the signature of exactly these bytes; undefined when `sm2` has no private key */
export async function signBody(body: Uint8Array, { crypto, how, encoding = 'hex' }: BodySigning): Promise<string | undefined> {
  if (how.kind !== 'sm2') return encodeBytes(await digestOf(body, crypto, how), encoding);
  const { privateKey, userId, format } = how;
  if (privateKey === undefined) return undefined;
  const signature = await crypto.sm2Sign(messageOf(body, crypto, how), { key: privateKey, ...(userId === undefined ? {} : { userId }), ...(format === undefined ? {} : { format }) });
  return encodeBytes(signature, encoding);
}

/** @param stated hex or Base64, whatever encoding we use ourselves; @returns whether it is the signature of exactly these bytes */
export async function verifyBody(body: Uint8Array, stated: string, { crypto, how }: BodySigning): Promise<boolean> {
  const signature = decodeBytes(stated);
  if (signature === undefined) return false;
  if (how.kind !== 'sm2') {
    const digest = await digestOf(body, crypto, how);
    return signature.length === digest.length && timingSafeEqual(signature, digest);
  }
  const { publicKey, userId } = how;
  if (publicKey === undefined) return false;
  return crypto.sm2Verify(messageOf(body, crypto, how), { key: publicKey, signature, ...(userId === undefined ? {} : { userId }) });
}

async function digestOf(body: Uint8Array, crypto: ChinaCrypto, how: Exclude<BodySignature, { readonly kind: 'sm2' }>): Promise<Uint8Array> {
  if (how.kind === 'hmac-sm3') return crypto.hmacSm3(utf8(how.secret), body);
  return crypto.sm3(Buffer.concat([utf8(how.before ?? ''), body, utf8(how.after ?? '')]));
}

function messageOf(body: Uint8Array, crypto: ChinaCrypto, how: Extract<BodySignature, { readonly kind: 'sm2' }>): Uint8Array {
  return how.over === 'digest' ? crypto.sm3(body) : body;
}
