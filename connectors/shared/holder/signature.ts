import { createHash, createHmac } from 'node:crypto';
import { createSoftwareChinaCrypto } from '../china-crypto/software-china-crypto.ts';
import type { MapReader } from '../profile-file/profile-reader.ts';
import { compileText, fillText, type CompileContext, type Maps, type Part } from '../template/placeholder.ts';
import type { Model } from '../template/value.ts';

/** Signature of a message body (DB14/T 3290-2025 style: SM3 over request and reply). */
export interface SignatureRule {
  readonly algorithm: 'sm3' | 'hmac-sm3' | 'sha256' | 'hmac-sha256' | 'md5';
  readonly encoding: 'hex' | 'hex-upper' | 'base64';
  /** what is digested, from `payload` and `account.key`; of replies: what the covered values and the key are joined by */
  readonly text: readonly Part[];
  /** HTTP header that carries it; undefined = only where a template writes `signature` */
  readonly header: string | undefined;
}

const crypto = createSoftwareChinaCrypto();

/** Reads `signature:` of a profile. Standard: SM3 over payload followed by the key, lower-case hex. */
export function readSignature(map: MapReader, context: CompileContext): SignatureRule {
  const text = map.text('text') ?? '{{payload}}{{account.key}}';
  let parts: readonly Part[] = [];
  try {
    parts = compileText(text, context);
  } catch (error) {
    map.problem('text', (error as Error).message);
  }
  return {
    algorithm: map.choice('algorithm', ['sm3', 'hmac-sm3', 'sha256', 'hmac-sha256', 'md5'], 'sm3'),
    encoding: map.choice('encoding', ['hex', 'hex-upper', 'base64'], 'hex'), text: parts,
    header: map.text('header', { pattern: /^[A-Za-z0-9-]{1,60}$/ }),
  };
}

/** @returns the signature of what the rule's text comes to in this scope (which holds `payload`) */
export function signatureOf(rule: SignatureRule, scope: Model, key: string, maps: Maps): Promise<string> {
  return digestText(rule, fillText(rule.text, scope, maps), key);
}

/** @returns the digest of a text in UTF-8, written as the rule says; the key takes part in the HMAC kinds only */
export async function digestText({ algorithm, encoding }: Pick<SignatureRule, 'algorithm' | 'encoding'>, text: string, key: string): Promise<string> {
  const bytes = Buffer.from(await digest(algorithm, Buffer.from(text, 'utf8'), Buffer.from(key, 'utf8')));
  if (encoding === 'base64') return bytes.toString('base64');
  return encoding === 'hex' ? bytes.toString('hex') : bytes.toString('hex').toUpperCase();
}

async function digest(algorithm: SignatureRule['algorithm'], data: Buffer, key: Buffer): Promise<Uint8Array> {
  switch (algorithm) {
    case 'sm3': return crypto.sm3(data);
    case 'hmac-sm3': return await crypto.hmacSm3(key, data);
    case 'sha256': return createHash('sha256').update(data).digest();
    case 'hmac-sha256': return createHmac('sha256', key).update(data).digest();
    case 'md5': return createHash('md5').update(data).digest();
  }
}
