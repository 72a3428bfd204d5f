import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { PlatformRequest } from '../platform.ts';
import { isDateTime } from '../wire-time.ts';
import { mahSpec } from './method-table.ts';
import type { MahApp, MahSettings } from './settings.ts';

/** A failure of the gateway itself: error_response with the code table of mah.md section 2.5. */
export interface GatewayError {
  readonly code: number;
  readonly subCode: string;
  readonly subMessage: string;
}

export interface Call {
  readonly app: MahApp;
  readonly method: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** How the caller wants to be answered; readable even when nothing else of the call is. */
export interface ReplyFormat {
  readonly format: 'json' | 'xml';
  readonly simplify: boolean;
}

const SIGN_METHODS = ['md5', 'hmac', 'hmac-sha256'];

/** @returns query and form parameters in one map; the form wins */
export function parametersOf(request: PlatformRequest): ReadonlyMap<string, string> {
  return new Map([...request.query, ...new URLSearchParams(request.body.toString('utf8'))]);
}

export function formatOf(parameters: ReadonlyMap<string, string>): ReplyFormat {
  const format = parameters.get('format') === 'json' ? 'json' : 'xml';
  return { format, simplify: format === 'json' && parameters.get('simplify') === 'true' };
}

/** Checks what every method has in common (mah.md sections 2.2, 2.3): who, when, signature, rate, grant. */
export function checkCall(request: PlatformRequest, settings: MahSettings, limiter: CallLimiter, now: number): { readonly call: Call } | { readonly error: GatewayError } {
  if (request.method !== 'POST') return fail(9, 'isv.http-method-not-allowed', '仅支持POST');
  if (!/^application\/x-www-form-urlencoded(\s*;\s*charset="?utf-8"?)?\s*$/i.test(request.headers['content-type'] ?? '')) return fail(43, 'isv.invalid-content-type', '应为application/x-www-form-urlencoded;charset=utf-8');
  const parameters = parametersOf(request);
  const value = (name: string): string => parameters.get(name) ?? '';

  const method = value('method');
  if (method === '') return fail(21, 'isv.missing-method', '缺少method');
  if (value('app_key') === '') return fail(28, 'isv.missing-app-key', '缺少app_key');
  const app = settings.apps.find((each) => each.appKey === value('app_key'));
  if (app === undefined) return fail(29, 'isv.appkey-not-exists', 'app_key不存在');
  if (value('v') === '') return fail(32, 'isv.missing-version', '缺少v');
  if (value('v') !== '2.0') return fail(33, 'isv.invalid-version', 'v应为2.0');
  if (!['', 'json', 'xml'].includes(value('format'))) return fail(23, 'isv.invalid-format', 'format应为xml或json');
  if (value('timestamp') === '') return fail(30, 'isv.missing-timestamp', '缺少timestamp');
  const sentAt = isDateTime(value('timestamp')) ? Date.parse(`${value('timestamp').replace(' ', 'T')}+08:00`) : Number.NaN;
  if (Number.isNaN(sentAt) || Math.abs(now - sentAt) > settings.timestampToleranceMs) return fail(31, 'isv.invalid-timestamp', 'timestamp应为北京时间yyyy-MM-dd HH:mm:ss,误差不超过10分钟');
  if (value('sign') === '') return fail(24, 'isv.missing-signature', '缺少sign');
  if (!SIGN_METHODS.includes(value('sign_method'))) return fail(25, 'isv.invalid-signature', 'sign_method应为md5、hmac或hmac-sha256');
  if (!sameText(signatureOf(parameters, app.appSecret), value('sign'))) return fail(25, 'isv.invalid-signature', '签名不正确');
  const bannedSeconds = limiter.take(app.appKey, now);
  if (bannedSeconds > 0) return throttled(bannedSeconds);
  return checkGrant(method, app) ?? { call: { app, method, parameters } };
}

/** @returns the answer to a call above the limit */
export function throttled(seconds: number): { readonly error: GatewayError } {
  return fail(7, 'accesscontrol.limited-by-app-api-access-count', `This ban will last for ${String(seconds)} more seconds`);
}

/** Names sorted by byte order, name and value run together, not URL-encoded, upper-case hex (mah.md section 2.3). */
export function signatureOf(parameters: ReadonlyMap<string, string>, secret: string): string {
  const names = [...parameters.keys()].filter((name) => name !== 'sign').sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  const text = names.map((name) => name + (parameters.get(name) ?? '')).join('');
  const method = parameters.get('sign_method');
  if (method === 'md5') return createHash('md5').update(secret + text + secret, 'utf8').digest('hex').toUpperCase();
  return createHmac(method === 'hmac' ? 'md5' : 'sha256', secret).update(text, 'utf8').digest('hex').toUpperCase();
}

function checkGrant(method: string, app: MahApp): { readonly error: GatewayError } | undefined {
  const { methods, notGranted } = mahSpec();
  const isGranted = app.methods === undefined || app.methods.some((name) => method === name || method.endsWith(`yljg.${name}`) || method.endsWith(`myj.${name}`));
  if (notGranted.includes(method) || (Object.hasOwn(methods, method) && !isGranted)) return fail(11, 'isv.permission-api-package-limit', `应用未获得${method}的权限`);
  return Object.hasOwn(methods, method) ? undefined : fail(22, 'isv.invalid-method', `不存在的方法${method}`);
}

/** Calls of each application within the last second; above the limit the application is banned for a while, as seen in production. */
export class CallLimiter {
  readonly #limit: MahSettings['limit'];
  readonly #calls = new Map<string, number[]>();
  readonly #bannedUntil = new Map<string, number>();
  throttled = 0;

  constructor(limit: MahSettings['limit']) {
    this.#limit = limit;
  }

  /** @returns 0 when the call may pass, otherwise the seconds the ban still lasts */
  take(appKey: string, now: number): number {
    const until = this.#bannedUntil.get(appKey) ?? 0;
    const recent = (this.#calls.get(appKey) ?? []).filter((at) => now - at < 1_000);
    if (now >= until && recent.length < this.#limit.callsPerSecond) {
      this.#calls.set(appKey, [...recent, now]);
      return 0;
    }
    this.throttled += 1;
    const end = now < until ? until : now + this.#limit.banMs;
    this.#bannedUntil.set(appKey, end);
    return Math.max(1, Math.ceil((end - now) / 1_000));
  }
}

function fail(code: number, subCode: string, subMessage: string): { readonly error: GatewayError } {
  return { error: { code, subCode, subMessage } };
}

function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
