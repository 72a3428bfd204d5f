import type { ChinaCrypto, Sm2PrivateKey, Sm2PublicKey, Sm2SignatureFormat, Sm4Key } from '../../../adapter/ports/china-crypto.ts';
import { readJsonMembers, valueText, type JsonMembers } from './json-text.ts';
import { NOT_DECRYPTED, NOT_JSON_OBJECT, SIGNATURE_MISSING, SIGNATURE_WRONG, type OpenedReply } from './opened-reply.ts';
import { decodeBytes, encodeBytes, utf8, utf8Text, type ByteEncoding } from './wire-bytes.ts';

/** A rule by which envelopes of the insurance platform are signed and sealed. */
export interface MessageSeal {
  /** @param envelope complete, with `input` as plain object; @returns what goes out: cainfo, signtype, enc_type and input replaced */
  seal(envelope: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** @param text body of the reply, already decoded; @returns its members with `output` plain */
  open(text: string): Promise<OpenedReply>;
}

export interface MessageSealOptions {
  readonly crypto: ChinaCrypto;
  /** without it nothing is signed */
  readonly privateKey?: Sm2PrivateKey;
  /** key of the platform; with it every reply must be signed */
  readonly platformKey?: Sm2PublicKey;
  /** without it `input` goes out plain */
  readonly inputKey?: Sm4Key;
  /** default: the standard id */
  readonly userId?: string;
  /** default Base64 of r || s */
  readonly signatureEncoding?: ByteEncoding;
  readonly signatureFormat?: Sm2SignatureFormat;
}

/** What one rule differs in from another: the text that is signed. */
export interface SignedTexts {
  readonly ofRequest: (members: JsonMembers, inputText: string) => string;
  /** @param outputText plain output as the platform wrote it */
  readonly ofReply: (members: JsonMembers, outputText: string) => string;
}

/** SM4 as 35xx uses it everywhere it was seen: ECB, PKCS#7, Base64 (insurance.md 4(b), 4(c)). */
export async function sealText(text: string, crypto: ChinaCrypto, key: Sm4Key): Promise<string> {
  return encodeBytes(await crypto.sm4Encrypt(utf8(text), { key, mode: 'ecb', padding: 'pkcs7' }), 'base64');
}

/** @returns undefined when it does not decrypt to UTF-8 text */
export async function unsealText(sealed: string, crypto: ChinaCrypto, key: Sm4Key): Promise<string | undefined> {
  const bytes = decodeBytes(sealed);
  const plain = bytes === undefined ? undefined : await crypto.sm4Decrypt(bytes, { key, mode: 'ecb', padding: 'pkcs7' });
  return plain === undefined ? undefined : utf8Text(plain);
}

/** @returns characters of a sealed input: PKCS#7 to whole blocks, then Base64; the specification bounds `input` at 40,000 */
export function sealedChars(plainText: string): number {
  const blocks = Math.floor(Buffer.byteLength(plainText, 'utf8') / 16) + 1;
  return Math.ceil((blocks * 16) / 3) * 4;
}

/** The course every rule shares; `texts` says what is signed. */
export function messageSeal(options: MessageSealOptions, texts: SignedTexts): MessageSeal {
  return { seal: (envelope) => sealEnvelope(envelope, options, texts), open: (text) => openReply(text, options, texts) };
}

async function sealEnvelope(envelope: Readonly<Record<string, unknown>>, options: MessageSealOptions, texts: SignedTexts): Promise<Readonly<Record<string, unknown>>> {
  const { crypto, privateKey, inputKey, userId } = options;
  const inputText = JSON.stringify(envelope['input'] ?? {});
  const marked = { ...envelope, ...(privateKey === undefined ? {} : { signtype: 'SM2' }), ...(inputKey === undefined ? {} : { enc_type: 'SM4' }) };
  const input = inputKey === undefined ? envelope['input'] : await sealText(inputText, crypto, inputKey);
  if (privateKey === undefined) return { ...marked, input };
  const members = readJsonMembers(JSON.stringify(marked)) ?? new Map();
  const signature = await crypto.sm2Sign(utf8(texts.ofRequest(members, inputText)), {
    key: privateKey, format: options.signatureFormat ?? 'raw', ...(userId === undefined ? {} : { userId }),
  });
  return { ...marked, cainfo: encodeBytes(signature, options.signatureEncoding ?? 'base64'), input };
}

async function openReply(text: string, options: MessageSealOptions, texts: SignedTexts): Promise<OpenedReply> {
  const nodes = readJsonMembers(text);
  if (nodes === undefined) return { kind: 'unreadable', why: NOT_JSON_OBJECT };
  const outputText = await plainOutput(nodes, options);
  if (outputText === undefined) return { kind: 'unreadable', why: NOT_DECRYPTED };
  const members = { ...(JSON.parse(text) as Record<string, unknown>), ...(nodes.has('output') ? { output: opened(outputText) } : {}) };
  const { platformKey } = options;
  if (platformKey === undefined) return { kind: 'opened', members, verified: false };
  const stated = valueText(nodes.get('cainfo'));
  if (stated === '') return { kind: 'unverified', missing: true, why: SIGNATURE_MISSING, members };
  const good = await verified(stated, texts.ofReply(nodes, outputText), { ...options, platformKey });
  return good ? { kind: 'opened', members, verified: true } : { kind: 'unverified', missing: false, why: SIGNATURE_WRONG, members };
}

async function verified(stated: string, signedText: string, options: MessageSealOptions & { readonly platformKey: Sm2PublicKey }): Promise<boolean> {
  const signature = decodeBytes(stated);
  if (signature === undefined) return false;
  const { userId } = options;
  return options.crypto.sm2Verify(utf8(signedText), { key: options.platformKey, signature, ...(userId === undefined ? {} : { userId }) });
}

/**
 * Whether output is sealed is not said reliably (a flag per tenant in Jilin, enc_type or enctype elsewhere), but it can be seen:
 * sealed text is never JSON.
 * @returns the plain text of output, or undefined when it is sealed and does not decrypt
 */
async function plainOutput(nodes: JsonMembers, { crypto, inputKey }: MessageSealOptions): Promise<string | undefined> {
  const output = nodes.get('output');
  const text = valueText(output);
  if (typeof output !== 'string' || text.trim() === '' || isJson(text) || inputKey === undefined) return text;
  const plain = await unsealText(text, crypto, inputKey);
  // a refusal may carry words instead of output; they are left to whoever reads refusals
  return plain ?? (valueText(nodes.get('infcode')).trim() === '0' ? undefined : text);
}

function isJson(text: string): boolean {
  return opened(text) !== text;
}

/** JSON text of an object or list becomes what it says; every other text stays text */
function opened(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' || typeof value === 'string' ? value : text;
  } catch {
    return text === '' ? null : text;
  }
}
