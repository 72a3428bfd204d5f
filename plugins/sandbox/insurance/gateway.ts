import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { PlatformRequest } from '../platform.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceAccount, InsuranceSettings } from './settings.ts';
import type { TokenDesk } from './tokens.ts';

const MAX_NONCES = 200_000;

/** Nonces of the last minutes, so that a copied request is noticed. */
export class NonceMemory {
  readonly #seen = new Map<string, number>();
  replayed = 0;

  /** @returns whether the nonce is new; remembers it for `keepMs` */
  take(nonce: string, now: number, keepMs: number): boolean {
    if (this.#seen.size > MAX_NONCES) for (const [old, at] of this.#seen) if (now - at > keepMs) this.#seen.delete(old);
    const last = this.#seen.get(nonce);
    if (last !== undefined && now - last <= keepMs) {
      this.replayed += 1;
      return false;
    }
    this.#seen.delete(nonce);
    this.#seen.set(nonce, now);
    return true;
  }
}

type Passed = { readonly account: InsuranceAccount } | { readonly refusal: Refusal };

export interface GatewayContext {
  readonly settings: InsuranceSettings;
  readonly nonces: NonceMemory;
  readonly tokens: TokenDesk;
  readonly now: number;
}

/**
 * The gateway's part: POST, the content type, and whoever calls must be known in the region's way (insurance.md sections 3 and 5).
 * What it refuses never reaches the platform behind it.
 */
export function checkGateway(request: PlatformRequest, context: GatewayContext): Passed {
  const { settings, tokens, now } = context;
  if (request.method !== 'POST') return { refusal: { level: 'transport', code: 405, text: 'Method Not Allowed' } };
  if (!contentTypes(settings).test(request.headers['content-type'] ?? '')) return { refusal: { level: 'transport', code: 415, text: 'Unsupported Media Type' } };
  const [account = { paasId: '', paasToken: '' }] = settings.accounts;
  const denied: Passed = { refusal: { level: 'transport', code: 401, text: 'Unauthorized' } };
  switch (settings.auth) {
    case 'none': return { account };
    case 'apikey': return sameText(settings.apiKey, header(request, 'apikey')) ? { account } : denied;
    case 'oauth2': return tokens.isGood(header(request, 'authorization').replace(/^Bearer /, ''), now) ? { account } : denied;
    case 'csb': return checkBus(request, context);
    case 'x-tif': return checkTif(request, context);
  }
}

function contentTypes({ soap }: InsuranceSettings): RegExp {
  if (soap === undefined) return /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;
  return soap.version === '1.1' ? /^text\/xml\s*;\s*charset="?utf-8"?\s*$/i : /^application\/soap\+xml\s*;\s*charset="?utf-8"?/i;
}

/** The service bus of Shanghai: its headers and HMAC-SHA1 over them; a timestamp too far off is error 9000. */
function checkBus(request: PlatformRequest, { settings, now }: GatewayContext): Passed {
  const names = ['_api_access_key', '_api_name', '_api_timestamp', '_api_version'];
  const missing = [...names, '_api_signature'].find((name) => header(request, name) === '');
  if (missing !== undefined) return { refusal: messageRefusal(`验签失败:缺少请求头${missing}`) };
  const account = settings.accounts.find((each) => each.paasId === header(request, '_api_access_key'));
  if (account === undefined) return { refusal: messageRefusal('验签失败:访问密钥未开通') };
  const expected = createHmac('sha1', account.paasToken).update(names.map((name) => `${name}=${header(request, name)}`).join('&'), 'utf8').digest('base64');
  if (!sameText(expected, header(request, '_api_signature'))) return { refusal: messageRefusal('验签失败:_api_signature不正确') };
  if (Math.abs(now - Number(header(request, '_api_timestamp'))) > settings.clockSkewMs) return { refusal: messageRefusal('签名超时:请校准时钟', 9_000) };
  return { account };
}

/** The four x-tif headers (insurance.md section 3). */
function checkTif(request: PlatformRequest, { settings, nonces, now }: GatewayContext): Passed {
  const paasId = header(request, 'x-tif-paasid');
  const timestamp = header(request, 'x-tif-timestamp');
  const nonce = header(request, 'x-tif-nonce');
  const signature = header(request, 'x-tif-signature');
  for (const [name, value] of [['x-tif-paasid', paasId], ['x-tif-timestamp', timestamp], ['x-tif-nonce', nonce], ['x-tif-signature', signature]] as const) {
    if (value === '') return { refusal: messageRefusal(`验签失败:缺少请求头${name}`) };
  }
  const account = settings.accounts.find((each) => each.paasId === paasId);
  if (account === undefined) return { refusal: messageRefusal('验签失败:x-tif-paasid未开通') };
  if (!/^\d{10}$/.test(timestamp)) return { refusal: messageRefusal('验签失败:x-tif-timestamp应为秒级时间戳') };
  const expected = createHash(settings.digest).update(`${timestamp}${account.paasToken}${nonce}${timestamp}`, 'utf8').digest('hex');
  if (!sameText(expected, signature)) return { refusal: messageRefusal('验签失败:x-tif-signature不正确') };
  if (Math.abs(now - Number(timestamp) * 1_000) > settings.clockSkewMs) return { refusal: messageRefusal('签名超时:请校准时钟', 9_000) };
  if (settings.rules.nonce === 'hex' && !/^[0-9a-f]{32}$/.test(nonce)) return { refusal: messageRefusal('验签失败:x-tif-nonce应为32位十六进制') };
  if (nonce.length > 64) return { refusal: messageRefusal('验签失败:x-tif-nonce过长') };
  if (!nonces.take(`${paasId}|${nonce}`, now, settings.clockSkewMs * 2)) return { refusal: messageRefusal('验签失败:x-tif-nonce重复') };
  return { account };
}

function header(request: PlatformRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
