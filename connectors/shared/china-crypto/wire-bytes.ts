/** How bytes are written on a wire. */
export type ByteEncoding = 'base64' | 'hex' | 'hex-upper';

/** @returns the bytes as text */
export function encodeBytes(bytes: Uint8Array, encoding: ByteEncoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'base64') return buffer.toString('base64');
  return encoding === 'hex' ? buffer.toString('hex') : buffer.toString('hex').toUpperCase();
}

/**
 * Reads what a peer wrote, hex of either case or Base64 of either alphabet, line ends allowed. Text that could be both is hex.
 * @returns undefined for anything else; Buffer alone would skip over it
 */
export function decodeBytes(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s/g, '');
  if (compact === '') return undefined;
  if (/^[0-9a-f]+$/i.test(compact) && compact.length % 2 === 0) return Buffer.from(compact, 'hex');
  const plain = compact.replaceAll('-', '+').replaceAll('_', '/').replace(/={1,2}$/, '');
  return /^[A-Za-z0-9+/]+$/.test(plain) && plain.length % 4 !== 1 ? Buffer.from(plain, 'base64') : undefined;
}

export function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** @returns undefined when the bytes are not UTF-8 */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
