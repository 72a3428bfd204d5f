import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TraceError } from '../../../adapter/domain/error.ts';
import type { Sm4Padding } from '../../../adapter/ports/china-crypto.ts';

export const SM4_BLOCK_BYTES = 16;

/** What SM4 needs, with the key laid open; the port's options hold it closed. */
export interface Sm4Parameters {
  readonly key: Uint8Array;
  readonly mode: 'ecb' | 'cbc';
  readonly padding: Sm4Padding;
  readonly iv?: Uint8Array | undefined;
}

/** @throws TraceError CONFIG_INVALID for a wrong key or iv, and for padding `none` with a text that fills no whole blocks */
export function sm4Seal(plain: Uint8Array, parameters: Sm4Parameters): Uint8Array {
  const text = padded(plain, parameters.padding);
  const cipher = createCipheriv(algorithmOf(parameters.mode), checkedKey(parameters.key), checkedIv(parameters));
  cipher.setAutoPadding(parameters.padding === 'pkcs7');
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

/** @returns undefined when it is no whole number of blocks or its padding is not what it should be */
export function sm4Open(sealed: Uint8Array, parameters: Sm4Parameters): Uint8Array | undefined {
  const decipher = createDecipheriv(algorithmOf(parameters.mode), checkedKey(parameters.key), checkedIv(parameters));
  decipher.setAutoPadding(parameters.padding === 'pkcs7');
  if (sealed.length % SM4_BLOCK_BYTES !== 0) return undefined;
  try {
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    return parameters.padding === 'zero' ? withoutTrailingZeros(plain) : plain;
  } catch {
    // a wrong key and a damaged text look the same here: the padding is not PKCS#7
    return undefined;
  }
}

function algorithmOf(mode: 'ecb' | 'cbc'): string {
  return mode === 'cbc' ? 'sm4-cbc' : 'sm4-ecb';
}

function checkedKey(key: Uint8Array): Uint8Array {
  if (key.length !== SM4_BLOCK_BYTES) throw new TraceError('CONFIG_INVALID', `SM4 密钥应为 16 字节，实际 ${String(key.length)} 字节`);
  return key;
}

/** A missing iv must never become zeros: equal beginnings would show, and the peer could not read the first block. */
function checkedIv({ mode, iv }: Sm4Parameters): Uint8Array | null {
  if (mode === 'ecb') return null;
  if (iv?.length !== SM4_BLOCK_BYTES) throw new TraceError('CONFIG_INVALID', `SM4-CBC 必须给出 16 字节的初始向量（iv），实际 ${String(iv?.length ?? 0)} 字节`);
  return iv;
}

function padded(plain: Uint8Array, padding: Sm4Padding): Uint8Array {
  const over = plain.length % SM4_BLOCK_BYTES;
  if (padding === 'pkcs7' || over === 0) return plain;
  if (padding === 'none') throw new TraceError('CONFIG_INVALID', `SM4 不填充时明文应为 16 字节的整数倍，实际 ${String(plain.length)} 字节`);
  return Buffer.concat([plain, Buffer.alloc(SM4_BLOCK_BYTES - over)]);
}

function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
