import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import { decodeBody } from './decode-body.ts';
import { splitJsonArray } from './split-json-array.ts';

/** Bounds of one call. */
export interface EventLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Contract section 4: at most 1,000 events or 8 MiB a call. */
export const DEFAULT_LIMITS: EventLimits = { maxEvents: 1_000, maxBytes: 8 * 1024 * 1024 };

/** One event as it was sent: its own JSON text, digit for digit, and the value JSON.parse makes of it. */
export interface EventItem {
  readonly text: string;
  readonly value: unknown;
}

export type EventBody =
  | { readonly kind: 'items'; readonly items: readonly EventItem[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const LINES_TYPE = /(?:ndjson|jsonl|jsonlines|json-lines)/i;
const BLANK = /^[ \t\r\n]*$/;

function refused(code: 'BODY_NOT_JSON' | 'RECORD_TOO_LARGE', detail: string): EventBody {
  return { kind: 'refused', refusal: refusal(code, { detail }) };
}

/** The engine's own message may quote the body, and the body holds patients: only the place is kept. */
function placeOf(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? '内容不完整或有语法错误' : `第 ${String(Number(position) + 1)} 个字符附近有语法错误`;
}

function tooMany(count: number, limits: EventLimits): EventBody {
  return refused('RECORD_TOO_LARGE', `一次至多 ${String(limits.maxEvents)} 个事件，收到 ${String(count)} 个`);
}

function readLines(text: string, limits: EventLimits): EventBody {
  const items: EventItem[] = [];
  let lineNo = 0;
  for (const line of text.split('\n')) {
    lineNo += 1;
    if (BLANK.test(line)) continue;
    if (items.length >= limits.maxEvents) return tooMany(text.split('\n').filter((other) => !BLANK.test(other)).length, limits);
    try {
      items.push({ text: line.trim(), value: JSON.parse(line) as unknown });
    } catch (error) {
      return refused('BODY_NOT_JSON', `第 ${String(lineNo)} 行${placeOf(error)}`);
    }
  }
  return items.length === 0 ? refused('BODY_NOT_JSON', '请求体为空') : { kind: 'items', items };
}

function readDocument(text: string, limits: EventLimits): EventBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused('BODY_NOT_JSON', placeOf(error));
  }
  if (Array.isArray(value)) {
    if (value.length > limits.maxEvents) return tooMany(value.length, limits);
    const texts = splitJsonArray(text);
    return { kind: 'items', items: value.map((member: unknown, index) => ({ text: texts[index] ?? JSON.stringify(member), value: member })) };
  }
  if (typeof value !== 'object' || value === null) return refused('BODY_NOT_JSON', '须为 JSON 对象、数组或逐行 JSON（application/x-ndjson）');
  return { kind: 'items', items: [{ text: text.trim(), value }] };
}

/**
 * Reads the body of `POST /api/v1/events`: one JSON object, an array of them, or one per line (application/x-ndjson).
 * The whole body is read or none of it: a broken line refuses the call, so that the HIS can send the same body again.
 * Whether an item is an event at all is not looked at here.
 * @param contentType as the caller sent it; `charset=gbk` and `gb18030` are understood, UTF-8 is assumed
 * @returns items in the order sent; or BODY_NOT_JSON (with the place), RECORD_TOO_LARGE. Never throws.
 */
export function readEvents(body: Uint8Array, contentType: string, limits: EventLimits = DEFAULT_LIMITS): EventBody {
  if (body.byteLength > limits.maxBytes) return refused('RECORD_TOO_LARGE', `一次至多 ${String(limits.maxBytes)} 字节，收到 ${String(body.byteLength)} 字节`);
  const decoded = decodeBody(body, contentType);
  if (decoded.text === undefined) return refused('BODY_NOT_JSON', decoded.problem);
  if (BLANK.test(decoded.text)) return refused('BODY_NOT_JSON', '请求体为空');
  return LINES_TYPE.test(contentType) ? readLines(decoded.text, limits) : readDocument(decoded.text, limits);
}
