import { createHash, createHmac } from 'node:crypto';

/** @returns the SM3 digest (GB/T 32905), 32 bytes; @throws what OpenSSL throws when it was built without SM3 */
export function sm3Digest(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** @returns HMAC over SM3 (GB/T 15852.2, GM/T 0042), 32 bytes */
export function hmacSm3Digest(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sm3', key).update(data).digest();
}
