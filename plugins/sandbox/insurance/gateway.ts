import { createHash, timingSafeEqual } from 'node:crypto';
import type { PlatformRequest } from '../platform.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceAccount, InsuranceSettings } from './settings.ts';

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

/**
 * The gateway's part: POST, JSON in UTF-8, and the four x-tif headers (insurance.md section 3). What it refuses never
 * reaches the platform behind it.
 */
export function checkGateway(request: PlatformRequest, settings: InsuranceSettings, nonces: NonceMemory, now: number): { readonly account: InsuranceAccount } | { readonly refusal: Refusal } {
  if (request.method !== 'POST') return { refusal: { level: 'transport', code: 405, text: 'Method Not Allowed' } };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i.test(type)) return { refusal: { level: 'transport', code: 415, text: 'Unsupported Media Type' } };

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
