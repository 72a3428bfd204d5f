import { createHash, timingSafeEqual } from 'node:crypto';
import type { HolderAccount } from './holder-platform.ts';
import { childOf, textOf, type XmlElement } from './xml-element.ts';

const MAX_AGE_MS = 300_000;
const SECEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
/** no colon: an xsd:ID is an NCName */
const NCNAME = /^[A-Za-z_][\w.-]*$/;

/** Checks a UsernameToken with password digest as the OASIS profile asks: digest, age, nonce used once. */
export function createTokenCheck(account: HolderAccount, now: () => number): (header: XmlElement | undefined) => string | undefined {
  const nonces = new Set<string>();
  return (header) => {
    const security = childOf(header, 'Security');
    const token = childOf(security, 'UsernameToken');
    if (security?.namespace !== SECEXT || token === undefined) return 'no UsernameToken';
    if (Object.entries(token.attributes).some(([name, value]) => name.endsWith('Id') && !NCNAME.test(value))) return 'wsu:Id is no NCName';
    const [created, nonce] = [textOf(token, 'Created'), textOf(token, 'Nonce')];
    const password = childOf(token, 'Password');
    if (textOf(token, 'Username') !== account.user || password?.attributes['Type']?.endsWith('#PasswordDigest') !== true) return 'unknown user or no digest';
    const wanted = createHash('sha1').update(Buffer.from(nonce, 'base64')).update(created, 'utf8').update(account.password, 'utf8').digest();
    const given = Buffer.from(password.text, 'base64');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'wrong digest';
    const at = Date.parse(created);
    if (Number.isNaN(at) || Math.abs(now() - at) > MAX_AGE_MS) return 'the token is too old';
    if (nonce === '' || nonces.has(nonce)) return 'nonce used before';
    nonces.add(nonce);
    return undefined;
  };
}
