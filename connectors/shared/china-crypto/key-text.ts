import { keyOfBytes, type KeyBytes } from './key-bytes.ts';

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]{0,20000})-----END \1-----/g;
/** `openssl ec` from 3.0 on writes SM2 PRIVATE KEY for what it wrote as EC PRIVATE KEY before */
const PEM_KEYS = new Set(['PRIVATE KEY', 'EC PRIVATE KEY', 'SM2 PRIVATE KEY', 'PUBLIC KEY', 'CERTIFICATE']);
/** longest text that is looked at; a certificate of 2 KB is usual */
const MOST_CHARS = 32_768;
/** hex digits of a raw key: d, compressed point or 00 and d, x and y, 04 and x and y */
const RAW_HEX_DIGITS = new Set([64, 66, 128, 130]);

const problem = (text: string): KeyBytes => ({ kind: 'problem', problem: text });

/**
 * Reads an SM2 key as it is handed about: PEM (PKCS#8, SEC1, SPKI, certificate), DER or raw bytes as Base64, raw or DER as hex.
 * @returns what it is, or what is wrong with it, without any part of it
 */
export function readKeyText(text: string): KeyBytes {
  // environment variables often carry a PEM with written-out line ends
  const trimmed = text.replaceAll('\\r', '').replaceAll('\\n', '\n').replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return problem('内容为空');
  if (trimmed.length > MOST_CHARS) return problem(`内容过长（${String(trimmed.length)} 字符）`);
  if (trimmed.includes('-----BEGIN')) return readPem(trimmed);
  const compact = trimmed.replaceAll(/\s/g, '').replace(/^0x/i, '');
  if (/^[0-9a-f]+$/i.test(compact)) return readHex(compact);
  const bytes = base64Bytes(compact);
  return bytes === undefined ? problem('不是 PEM、十六进制或 Base64') : keyOfBytes(bytes);
}

/** @returns the 16 bytes of an SM4 key: 32 hex digits, Base64 of 16 bytes, or 16 characters as they are; else what is wrong */
export function readSm4KeyText(text: string): { readonly bytes: Uint8Array } | { readonly problem: string } {
  const trimmed = text.trim();
  if (/^[0-9a-f]{32}$/i.test(trimmed)) return { bytes: Buffer.from(trimmed, 'hex') };
  const literal = Buffer.from(trimmed, 'utf8');
  if (literal.length === 16) return { bytes: literal };
  const decoded = base64Bytes(trimmed);
  if (decoded?.length === 16) return { bytes: decoded };
  return { problem: `SM4 密钥应为 32 位十六进制、16 个字符或 16 字节的 Base64，实际 ${String(trimmed.length)} 个字符` };
}

function readPem(text: string): KeyBytes {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type:.*ENCRYPTED/.test(text)) return problem('是加密的私钥文件，请先用口令解密再配置');
  const blocks = [...text.matchAll(PEM_BLOCK)];
  // `openssl ecparam -genkey` writes EC or SM2 PARAMETERS before the key
  const block = blocks.find((each) => PEM_KEYS.has(each[1] ?? ''));
  if (block === undefined) return problem(blocks.length === 0 ? 'PEM 不完整（缺少 BEGIN 与 END 之间的内容）' : 'PEM 中没有密钥');
  const bytes = base64Bytes((block[2] ?? '').replaceAll(/\s/g, ''));
  return bytes === undefined ? problem('PEM 内容不是 Base64') : keyOfBytes(bytes);
}

function readHex(digits: string): KeyBytes {
  if (RAW_HEX_DIGITS.has(digits.length) || (digits.startsWith('30') && digits.length > 70 && digits.length % 2 === 0)) return keyOfBytes(Buffer.from(digits, 'hex'));
  // 44 characters of Base64 may happen to be hex digits only
  const bytes = base64Bytes(digits);
  const key = bytes === undefined ? undefined : keyOfBytes(bytes);
  if (key !== undefined && key.kind !== 'problem') return key;
  return problem(`十六进制 ${String(digits.length)} 位不是 SM2 密钥：私钥 64 位，公钥 128、130（04 开头）或 66 位（02、03 开头）`);
}

/** Base64 and base64url, with or without padding; undefined for anything else (Buffer would skip over it). */
function base64Bytes(text: string): Uint8Array | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]+$/.test(plain) || plain.length % 4 === 1) return undefined;
  return Buffer.from(plain, 'base64');
}
