import { describeError, ERRORS, TraceError } from '../domain/error.ts';
import type { ErrorCode, Language } from '../domain/error.ts';
import type { Refusal } from '../domain/refusal.ts';
import { detailInEnglish } from './detail-english.ts';
import type { ErrorReply } from './route.ts';

const DEFAULT_RETRY_SECONDS = 5;

/** @returns the refusal's text and remedy for people, with the field, the value and the detail */
export function describeRefusal(refusal: Refusal, language: Language): { readonly message: string; readonly action: string } {
  const named = refusal.field === undefined ? undefined : refusal.value === undefined ? refusal.field : `${refusal.field}=${JSON.stringify(refusal.value)}`;
  if (language === 'zh') {
    const detail = refusal.detail ?? named;
    const valued = refusal.detail !== undefined && refusal.value !== undefined ? `${refusal.detail}（收到 ${JSON.stringify(refusal.value)}）` : detail;
    return describeError(refusal.code, valued, 'zh');
  }
  const detail = refusal.detail === undefined ? undefined : detailInEnglish(refusal.detail);
  // the detail of a shape begins with the field: it is not said twice
  const own = detail !== undefined && refusal.field !== undefined && detail.startsWith(`${refusal.field} `) ? detail.slice(refusal.field.length + 1) : detail;
  const parts = [named, own].filter((part) => part !== undefined);
  return describeError(refusal.code, parts.join(' — '), 'en');
}

function errorBody(code: ErrorCode, text: { message: string; action: string }, requestId: string): ErrorReply['body'] {
  return { code, message: text.message, action: text.action, requestId };
}

function retryHeaders(status: number, retryAfterMs: number | undefined): Readonly<Record<string, string>> {
  if (status !== 503 && status !== 429) return {};
  const seconds = retryAfterMs === undefined ? DEFAULT_RETRY_SECONDS : Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return { 'retry-after': String(seconds) };
}

/** @returns the error body of the contract (section 4) with its status, and Retry-After where sending again helps */
export function errorReply(
  code: ErrorCode,
  context: { readonly language: Language; readonly requestId: string },
  options: { readonly detail?: string; readonly retryAfterMs?: number | undefined } = {},
): ErrorReply {
  const status = ERRORS[code].status;
  return {
    status,
    body: errorBody(code, describeError(code, options.detail, context.language), context.requestId),
    headers: retryHeaders(status, options.retryAfterMs),
  };
}

/** @returns the same for a refusal of the domain; `status` overrides the code's own */
export function refusalReply(
  refusal: Refusal,
  context: { readonly language: Language; readonly requestId: string },
  options: { readonly retryAfterMs?: number; readonly status?: number } = {},
): ErrorReply {
  const status = options.status ?? ERRORS[refusal.code].status;
  return {
    status,
    body: errorBody(refusal.code, describeRefusal(refusal, context.language), context.requestId),
    headers: retryHeaders(status, options.retryAfterMs),
  };
}

/** Faults of Express and its body reader carry a status and a type. */
interface EdgeFault { readonly status?: unknown; readonly type?: unknown }

function codeOfEdgeFault(fault: EdgeFault): ErrorCode {
  if (fault.status === 413) return 'RECORD_TOO_LARGE';
  if (typeof fault.status === 'number' && fault.status >= 400 && fault.status < 500) return 'REQUEST_INVALID';
  return 'INTERNAL';
}

/** @returns the code a thrown value is answered with; anything unforeseen is INTERNAL, and its text stays inside */
export function codeOfThrown(thrown: unknown): ErrorCode {
  if (thrown instanceof TraceError) return thrown.code;
  return typeof thrown === 'object' && thrown !== null ? codeOfEdgeFault(thrown) : 'INTERNAL';
}

/** @returns the reply for whatever a handler threw: a TraceError's own detail, nothing else's */
export function thrownReply(thrown: unknown, context: { readonly language: Language; readonly requestId: string }): ErrorReply {
  const code = codeOfThrown(thrown);
  if (!(thrown instanceof TraceError)) return errorReply(code, context);
  // a store's or connector's own words may hold paths or data: only what the caller can act on is repeated
  const detail = ERRORS[code].status < 500 ? thrown.detail : '';
  return errorReply(code, context, { detail, retryAfterMs: thrown.retryAfterMs });
}
