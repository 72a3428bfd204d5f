import { z } from 'zod';
import type { Language } from '../../domain/error.ts';
import { errorReply } from '../error-reply.ts';
import type { HttpDeps, ReadinessCheck } from '../http-deps.ts';
import { defineRoute } from '../route.ts';

const checkSchema = z.strictObject({ what: z.string(), ok: z.boolean(), detail: z.string() });

/** Anyone may ask, so the checks themselves run at most this often. */
const CACHE_MS = 1_000;
const recent = new WeakMap<HttpDeps, { readonly at: number; readonly checks: Promise<readonly ReadinessCheck[]> }>();

function checksOf(deps: HttpDeps): Promise<readonly ReadinessCheck[]> {
  const now = deps.clock.now();
  const known = recent.get(deps);
  if (known !== undefined && now >= known.at && now - known.at < CACHE_MS) return known.checks;
  const checks = deps.readiness();
  recent.set(deps, { at: now, checks });
  return checks;
}

function detailOf({ detail, en }: ReadinessCheck, language: Language): string {
  return language === 'en' ? en ?? detail : detail;
}

export const getReadiness = defineRoute({
  operation: 'get-readiness',
  method: 'get',
  path: '/readyz',
  roles: 'anyone',
  summary: '是否可以接收：库可写、磁盘有余、来源已打开；不可以时逐项说明原因',
  request: { query: z.looseObject({}) },
  response: { description: '可以接收', schema: z.strictObject({ status: z.literal('ready'), checks: z.array(checkSchema) }) },
  errors: ['STORE_UNAVAILABLE'],
  async handle(context) {
    const found = await checksOf(context.deps);
    const checks = found.map((check) => ({ what: check.what, ok: check.ok, detail: detailOf(check, context.language) }));
    const bad = found.find((check) => !check.ok);
    if (bad === undefined) return { status: 200, body: { status: 'ready', checks } };
    const reply = errorReply(bad.code ?? 'STORE_UNAVAILABLE', context, { detail: detailOf(bad, context.language) });
    return { ...reply, status: 503, headers: { 'retry-after': '5' }, body: { status: 'not-ready', ...(reply.body as object), checks } };
  },
});
