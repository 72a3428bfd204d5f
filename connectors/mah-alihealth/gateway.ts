import { chinaDateTime } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { CallBudget } from '../shared/budget/call-budget.ts';
import type { HttpClient } from '../shared/http.ts';
import { banOf, isThrottle } from './gateway-error.ts';
import type { MethodGrants } from './method-grants.ts';
import type { Method } from './methods.ts';
import type { MahSettings } from './settings.ts';
import { signParameters, type Parameters } from './sign.ts';
import { readReply, type TopReply } from './top-reply.ts';

export interface GatewayCall {
  readonly method: Method;
  readonly parameters: Parameters;
  readonly lane: 'upload' | 'query';
  /** 0 before 9 (call-priority.ts) */
  readonly priority: number;
  readonly signal: AbortSignal;
  /** gives up sooner than `maxBudgetWait` says */
  readonly maxWaitMs?: number;
  /** asks the gateway although it is known to refuse the method: a probe wants to know whether it still does */
  readonly evenIfRefused?: boolean;
}

/** What a call gave; `not-sent` never reached the method. */
export type GatewayReply = TopReply | { readonly kind: 'not-sent'; readonly reason: 'throttled' | 'stopped'; readonly retryAfterMs: number; readonly text: string };

export interface Gateway {
  /** One call within the budget; a throttle answer is waited out and tried again, at most three times. Never throws. */
  call(call: GatewayCall): Promise<GatewayReply>;
}

export interface GatewayDeps {
  readonly settings: MahSettings;
  readonly http: HttpClient;
  readonly budget: CallBudget;
  readonly clock: Clock;
  readonly grants: MethodGrants;
  /** told of every exchange with the gateway */
  readonly note: (method: Method, result: string) => void;
}

const MAX_TRIES = 3;

export function createGateway(deps: GatewayDeps): Gateway {
  return {
    async call(call) {
      const refused = call.evenIfRefused === true ? undefined : await deps.grants.refusalOf(call.method);
      if (refused !== undefined) return refused;
      const reply = await callWithinBudget(deps, call);
      await deps.grants.note(call.method, reply);
      return reply;
    },
  };
}

async function callWithinBudget(deps: GatewayDeps, call: GatewayCall): Promise<GatewayReply> {
  const { budget, settings } = deps;
  let banMs = 0;
  let said = '';
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const grant = await budget.take({ lane: call.lane, priority: call.priority, maxWaitMs: Math.min(settings.maxBudgetWait, call.maxWaitMs ?? Infinity), signal: call.signal });
    if (grant.kind === 'aborted') return { kind: 'not-sent', reason: 'stopped', retryAfterMs: 0, text: '发送前被停止' };
    if (grant.kind === 'too-long') return { kind: 'not-sent', reason: 'throttled', retryAfterMs: grant.retryAfterMs, text: said === '' ? '接口调用额度不足，稍后重试' : said };
    const reply = await exchange(deps, call);
    grant.ended(!(reply.kind === 'fault' && reply.sent === 'no'));
    deps.note(call.method, resultName(reply));
    if (reply.kind !== 'gateway-error' || !isThrottle(reply)) return reply;
    banMs = banOf(reply);
    said = `${reply.msg} ${reply.subMsg}`.trim();
    // the ban concerns the key, so every destination on it pauses
    budget.throttled(banMs);
  }
  return { kind: 'not-sent', reason: 'throttled', retryAfterMs: banMs, text: said };
}

async function exchange(deps: GatewayDeps, call: GatewayCall): Promise<TopReply> {
  const { settings, http, clock } = deps;
  const common = commonParameters(settings, call.method, clock.now());
  const signed = { ...common, sign: signParameters({ ...common, ...call.parameters }, settings.appSecret, settings.signMethod) };
  const inQuery = settings.commonIn === 'query';
  const query = inQuery ? `?${new URLSearchParams(signed).toString()}` : '';
  const body = new URLSearchParams(inQuery ? call.parameters : { ...signed, ...call.parameters }).toString();
  const result = await http.post(query, {
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', accept: 'application/json, text/xml' },
    body, timeoutMs: call.lane === 'upload' ? settings.uploadTimeout : settings.queryTimeout, signal: call.signal,
  });
  return readReply(result);
}

/** mah.md 2.2; the time is GMT+8 whatever the host's zone */
function commonParameters(settings: MahSettings, method: Method, nowMs: number): Record<string, string> {
  const { format, simplify, session } = settings;
  return {
    method, app_key: settings.appKey, timestamp: chinaDateTime(nowMs), v: '2.0', sign_method: settings.signMethod, format,
    ...(format === 'json' && simplify ? { simplify: 'true' } : {}),
    ...(session === undefined || session === '' ? {} : { session }),
  };
}

function resultName(reply: TopReply): string {
  switch (reply.kind) {
    case 'answer': return reply.ok ? 'ok' : 'refused';
    case 'gateway-error': return `gateway-${String(reply.code)}`;
    case 'bad-reply': return 'bad-reply';
    case 'fault': return reply.cause;
  }
}
