import { createHmac, randomUUID } from 'node:crypto';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { CallFault } from './exchange.ts';
import { gatewayHeaders } from './headers.ts';
import type { TokenSource } from './oauth-token.ts';
import type { Auth } from './profile.ts';
import type { NhsaSettings } from './settings.ts';

/** Headers that prove who calls. @returns the fault when they cannot be had: nothing was sent then */
export type AuthHeaders = () => Promise<{ readonly headers: Readonly<Record<string, string>> } | { readonly fault: CallFault }>;

/** @returns the headers of the region's way of authentication (insurance.md sections 3 and 5), new for each call */
export function authHeaders(auth: Auth, by: { readonly settings: Pick<NhsaSettings, 'paasId' | 'paasToken' | 'digest'>; readonly clock: Clock; readonly token: TokenSource | undefined }): AuthHeaders {
  const { settings, clock, token } = by;
  const account = { id: settings.paasId ?? '', secret: settings.paasToken ?? '' };
  switch (auth.kind) {
    case 'none': return () => Promise.resolve({ headers: {} });
    case 'x-tif': return () => Promise.resolve({ headers: gatewayHeaders({ paasId: account.id, paasToken: account.secret, digest: settings.digest }, { at: clock.now(), nonce: nonceOf(auth.nonce) }) });
    case 'csb': return () => Promise.resolve({ headers: csbHeaders(auth, { ...account, at: clock.now() }) });
    case 'oauth2': return async () => {
      const got = await token?.get();
      if (got === undefined) return { headers: {} };
      return 'fault' in got ? got : { headers: { authorization: `Bearer ${got.token}` } };
    };
  }
}

function nonceOf(form: 'uuid' | 'hex'): string {
  const nonce = randomUUID();
  return form === 'uuid' ? nonce : nonce.replaceAll('-', '');
}

/**
 * Signature of the service bus (CSB, Shanghai): Base64 of HMAC-SHA1 over the headers, sorted by name, `name=value` joined by `&`;
 * the body is not covered. INFERRED from the bus's public client: the region's note names the bus, not its headers.
 * @param by.at ms since epoch, which is what the header holds
 */
export function csbHeaders(auth: Extract<Auth, { readonly kind: 'csb' }>, by: { readonly id: string; readonly secret: string; readonly at: number }): Readonly<Record<string, string>> {
  const { headers } = auth;
  const values: Readonly<Record<string, string>> = { [headers.api]: auth.api, [headers.version]: auth.version, [headers.accessKey]: by.id, [headers.timestamp]: String(by.at) };
  const text = Object.keys(values).sort().map((name) => `${name}=${values[name] ?? ''}`).join('&');
  return { ...values, [headers.signature]: createHmac('sha1', by.secret).update(text, 'utf8').digest('base64') };
}
