import { createHash, createHmac } from 'node:crypto';

export type SignMethod = 'md5' | 'hmac' | 'hmac-sha256';
export type Parameters = Readonly<Record<string, string>>;

/**
 * Signature of a TOP call (mah.md 2.3): names sorted by byte, name and value run together, not URL-encoded, UTF-8.
 * @param parameters everything that is sent except `sign`; empty values are signed as they are sent
 * @returns upper-case hex, 32 characters (md5, hmac) or 64 (hmac-sha256)
 */
export function signParameters(parameters: Parameters, secret: string, method: SignMethod): string {
  const names = Object.keys(parameters).filter((name) => name !== 'sign').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const text = names.map((name) => `${name}${parameters[name] ?? ''}`).join('');
  return digest(text, secret, method).toUpperCase();
}

function digest(text: string, secret: string, method: SignMethod): string {
  switch (method) {
    case 'md5': return createHash('md5').update(`${secret}${text}${secret}`, 'utf8').digest('hex');
    case 'hmac': return createHmac('md5', secret).update(text, 'utf8').digest('hex');
    case 'hmac-sha256': return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
  }
}
