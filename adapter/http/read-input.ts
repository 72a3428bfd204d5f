import { z } from 'zod';
import { TraceError } from '../domain/error.ts';
import type { Language } from '../domain/error.ts';
import type { Route, RouteInput } from './route.ts';

const TEXTS = { zh: z.locales.zhCN().localeError, en: z.locales.en().localeError };
const SHOWN = 3;

/** What came in, before any check. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly origin: string;
}

function check(schema: z.ZodType | undefined, value: unknown, language: Language): unknown {
  if (schema === undefined) return {};
  const parsed = schema.safeParse(value, { error: TEXTS[language] });
  if (parsed.success) return parsed.data;
  const named = parsed.error.issues.slice(0, SHOWN).map((issue) => {
    const at = issue.path.map(String).join('.');
    return at === '' ? issue.message : `${at}: ${issue.message}`;
  });
  throw new TraceError('REQUEST_INVALID', named.join(language === 'zh' ? '；' : '; '));
}

function parseBody(bytes: Uint8Array, language: Language): unknown {
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new TraceError('BODY_NOT_JSON', language === 'zh' ? '须为 UTF-8 编码的 JSON 对象' : 'a JSON object in UTF-8 is needed');
  }
}

/**
 * Checks a request against the schemas its route declares.
 * @throws TraceError REQUEST_INVALID naming up to three faults, BODY_NOT_JSON
 */
export function readInput(route: Route, raw: RawInput, language: Language): RouteInput<unknown, unknown, unknown> {
  return {
    params: check(route.request.params, raw.params, language),
    query: check(route.request.query ?? z.strictObject({}), raw.query, language),
    body: route.request.body === undefined ? {} : check(route.request.body, parseBody(raw.bytes, language), language),
    raw: { bytes: raw.bytes, contentType: raw.contentType },
    origin: raw.origin,
  };
}
