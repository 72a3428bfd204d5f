import { randomBytes } from 'node:crypto';
import type { PlatformReply, PlatformRequest } from '../platform.ts';
import type { OauthAccount } from './settings.ts';

/** Hands out tokens by the OAuth2 password grant (insurance.md section 4(b)). */
export class TokenDesk {
  readonly #account: OauthAccount;
  readonly #good = new Map<string, number>();

  constructor(account: OauthAccount) {
    this.#account = account;
  }

  isGood(token: string, now: number): boolean {
    return (this.#good.get(token) ?? 0) > now;
  }

  /** Makes every token bad at once, as a restart of the token service does. */
  revokeAll(): void {
    this.#good.clear();
  }

  answer(request: PlatformRequest, now: number): PlatformReply {
    const { clientId, clientSecret, username, password, seconds } = this.#account;
    const form = new URLSearchParams(request.body.toString('utf8'));
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64')}`;
    if (request.method !== 'POST' || !(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return json(400, { error: 'invalid_request' });
    if (request.headers.authorization !== basic) return json(401, { error: 'invalid_client' });
    if (form.get('grant_type') !== 'password') return json(400, { error: 'unsupported_grant_type' });
    if (form.get('username') !== username || form.get('password') !== password || (form.get('scope') ?? '') === '') return json(400, { error: 'invalid_grant' });
    const token = randomBytes(24).toString('hex');
    this.#good.set(token, now + seconds * 1_000);
    return json(200, { access_token: token, token_type: 'bearer', expires_in: seconds, scope: form.get('scope') });
  }
}

function json(status: number, value: unknown): PlatformReply {
  return { status, contentType: 'application/json;charset=UTF-8', value, render: (shown) => JSON.stringify(shown) };
}
