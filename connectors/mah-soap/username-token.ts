import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { escapeXmlText } from '../shared/template/xml-escape.ts';

const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';

export interface UsernameTokenInput {
  readonly user: string;
  readonly password: string;
  readonly kind: 'text' | 'digest';
  readonly timestamp: boolean;
  readonly nowMs: number;
  /** 16 random bytes; given by tests */
  readonly nonce?: Uint8Array;
}

/** the timestamp is valid so long; services reject older ones */
const VALID_MS = 300_000;

/**
 * `wsse:Security` with a UsernameToken (OASIS WSS UsernameToken Profile 1.0). The digest is Base64(SHA-1(nonce + created + password)).
 * Our own and not the soap package's: its ids hold colons, which a strict reader refuses, and its clock cannot be moved.
 */
export function usernameTokenXml({ user, password, kind, timestamp, nowMs, nonce = randomBytes(16) }: UsernameTokenInput): string {
  const created = instant(nowMs);
  const secret = kind === 'text' ? password : createHash('sha1').update(nonce).update(created, 'utf8').update(password, 'utf8').digest('base64');
  const stamp = timestamp ? `<wsu:Timestamp wsu:Id="TS-${randomUUID()}"><wsu:Created>${created}</wsu:Created><wsu:Expires>${instant(nowMs + VALID_MS)}</wsu:Expires></wsu:Timestamp>` : '';
  return `<wsse:Security xmlns:wsse="${OASIS}-wssecurity-secext-1.0.xsd" xmlns:wsu="${OASIS}-wssecurity-utility-1.0.xsd" soap:mustUnderstand="1">${stamp}`
    + `<wsse:UsernameToken wsu:Id="UT-${randomUUID()}"><wsse:Username>${escapeXmlText(user)}</wsse:Username>`
    + `<wsse:Password Type="${OASIS}-username-token-profile-1.0#${kind === 'text' ? 'PasswordText' : 'PasswordDigest'}">${escapeXmlText(secret)}</wsse:Password>`
    + `<wsse:Nonce EncodingType="${OASIS}-soap-message-security-1.0#Base64Binary">${Buffer.from(nonce).toString('base64')}</wsse:Nonce><wsu:Created>${created}</wsu:Created>`
    + '</wsse:UsernameToken></wsse:Security>';
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
