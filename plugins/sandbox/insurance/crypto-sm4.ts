import { createCipheriv, createDecipheriv } from 'node:crypto';

/** @param key 16 characters or 32 hex digits; @returns SM4/ECB/PKCS#7 of the UTF-8 text */
export function sealSm4(text: string, key: string): Buffer {
  const cipher = createCipheriv('sm4-ecb', keyBytes(key), null);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
}

/** @returns the text, or undefined when it does not decrypt to UTF-8 */
export function openSm4(sealed: Buffer, key: string): string | undefined {
  try {
    const decipher = createDecipheriv('sm4-ecb', keyBytes(key), null);
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } catch {
    return undefined;
  }
}

function keyBytes(key: string): Buffer {
  return /^[0-9a-fA-F]{32}$/.test(key) ? Buffer.from(key, 'hex') : Buffer.from(key, 'utf8');
}
