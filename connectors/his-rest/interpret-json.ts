import type { TraceEvent } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import { decodeBody } from './decode-body.ts';

/** Name under which stored REST records ask to be read again. */
export const INTERPRETER = 'his-rest';

function refused(code: 'RECORD_UNREADABLE' | 'EVENT_INVALID', detail: string): Interpretation {
  return { kind: 'refused', refusal: refusal(code, { detail }) };
}

/**
 * Interpreter of stored REST records: the bytes are the JSON text of one event. The members are handed on as sent; the
 * intake checks every event against contract section 4 before it takes it, whatever source it came from.
 */
export function interpretJson(record: HisRecord): Interpretation {
  const decoded = decodeBody(record.bytes, `application/json; charset=${record.charset}`);
  if (decoded.text === undefined) return refused('RECORD_UNREADABLE', decoded.problem);
  let value: unknown;
  try {
    value = JSON.parse(decoded.text);
  } catch {
    return refused('RECORD_UNREADABLE', '记录不是 JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('EVENT_INVALID', '事件须为 JSON 对象');
  return { kind: 'events', events: [value as TraceEvent] };
}
