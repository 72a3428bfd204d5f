import type { EventKind, TraceEvent } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { ErrorCode } from '../../adapter/domain/error.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import { isKind } from './actions.ts';
import type { Target } from './actions.ts';
import { readEventJson } from './event-json.ts';
import { readEventXml } from './event-xml.ts';
import { unescapeOnce } from './xml-text.ts';

/** How HL7 v2 text is read; connectors/his-hl7v2 knows, main.ts hands it in. */
export interface Hl7Reader {
  /** decode, parse and map a record of one message */
  interpret(record: HisRecord): Interpretation;
  /** MSH-10 of the message, '' when it has none */
  controlId(text: string): string;
}

/** What a payload may lean on where it does not say so itself. */
export interface PayloadContext {
  readonly institution: string;
  readonly source: string;
  readonly interpreter: string;
  readonly maxEvents: number;
  readonly hl7: Hl7Reader;
}

export interface Payload {
  readonly media: 'json' | 'xml' | 'hl7v2';
  readonly meaning: Interpretation;
  /** id the HIS gave the record, to find it again: the event's, MSH-10 */
  readonly controlId: string;
  /** id the answer refers to where the wrapper has one of its own */
  readonly messageId?: string;
  /** institution and source the record is filed under */
  readonly institution: string;
  readonly source: string;
  /** kind that only the action told; it has to be kept with the record */
  readonly toldKind?: EventKind;
}

type Media = Payload['media'];
type Values = { readonly events: readonly unknown[]; readonly messageId: string } | { readonly refused: Interpretation };

/** @returns the payload's text as it is read and kept: trimmed, and with tags where a caller escaped it twice */
export function tidyPayload(text: string): string {
  // not by an expression: /\s+$/ takes hours over two megabytes of blanks in the middle
  const blank = (at: number): boolean => /[\s\u001c\ufeff]/.test(text.charAt(at));
  let start = 0;
  let end = text.length;
  while (start < end && blank(start)) start += 1;
  while (end > start && blank(end - 1)) end -= 1;
  const trimmed = text.slice(start, end);
  return trimmed.startsWith("&lt;") ? unescapeOnce(trimmed) : trimmed;
}

/**
 * What the payload of a call means: event JSON, event XML or an HL7 v2 message, told apart by how it begins. All its events belong to one
 * record: they are taken together or not at all. Never throws.
 */
export function readPayload(text: string, target: Target, context: PayloadContext): Payload {
  const media = target === 'hl7' ? 'hl7v2' : mediaOf(text);
  if (media === 'hl7v2') return readHl7(text, context);
  const values = media === 'xml' ? xmlValues(text, target, context) : jsonValues(text);
  if ('payload' in values) return values.payload;
  const home = { institution: context.institution, source: context.source };
  if ('refused' in values) return { media, meaning: values.refused, controlId: '', ...home };
  return fileEvents(values, { media, target, context });
}

function mediaOf(text: string): Media {
  if (/^MSH\W/i.test(text)) return 'hl7v2';
  return text.startsWith('<') ? 'xml' : 'json';
}

function refused(code: ErrorCode, detail: string, at: { readonly field?: string; readonly value?: string } = {}): Interpretation {
  return { kind: 'refused', refusal: refusal(code, { ...at, detail }) };
}

function jsonValues(text: string): Values {
  if (!/^[[{"]/.test(text)) return { refused: refused('RECORD_UNREADABLE', '消息内容既不是事件 JSON、事件 XML，也不是 HL7 v2 消息') };
  const read = readEventJson(text);
  return read.kind === 'refused' ? { refused: refused('RECORD_UNREADABLE', read.why) } : { events: read.events, messageId: '' };
}

function xmlValues(text: string, target: Target, context: PayloadContext): Values | { readonly payload: Payload } {
  const read = readEventXml(text);
  if (read.kind === 'refused') return { refused: refused('RECORD_UNREADABLE', read.why) };
  if (read.kind === 'events') return read;
  const inner = tidyPayload(read.text);
  // once: a wrapper in a wrapper is nobody's format
  if (inner.startsWith('<')) {
    const again = readEventXml(inner);
    return again.kind === 'events' ? { events: again.events, messageId: read.messageId } : { refused: refused('RECORD_UNREADABLE', again.kind === 'refused' ? again.why : 'XML 中没有 TraceEvent 元素') };
  }
  const payload = readPayload(inner, target, context);
  return { payload: { ...payload, media: payload.media === 'hl7v2' ? 'hl7v2' : 'xml', controlId: payload.controlId || read.messageId, ...named(read.messageId) } };
}

function fileEvents(values: { readonly events: readonly unknown[]; readonly messageId: string }, how: { readonly media: Media; readonly target: Target; readonly context: PayloadContext }): Payload {
  const { media, target, context } = how;
  const first: unknown = values.events[0];
  const institution = textMember(first, 'institution') || context.institution;
  const source = textMember(first, 'source').slice(0, 64) || context.source;
  const controlId = values.events.length === 1 ? textMember(first, 'id') : values.messageId;
  const filed = (meaning: Interpretation): Payload => ({ media, meaning, controlId, institution, source, ...named(values.messageId) });
  if (values.events.length === 0) return filed(refused('EVENT_INVALID', '消息中没有事件'));
  if (values.events.length > context.maxEvents) return filed(refused('RECORD_TOO_LARGE', `一次至多 ${String(context.maxEvents)} 个事件，收到 ${String(values.events.length)} 个`));
  const kind = isKind(target) ? target : undefined;
  const other = kind === undefined ? undefined : values.events.map((event) => textMember(event, 'kind')).find((given) => given !== '' && given !== kind);
  if (kind !== undefined && other !== undefined) return filed(refused('EVENT_INVALID', `动作要求 ${kind}，与事件的 kind 不一致`, { field: 'kind', value: other }));
  const told = kind !== undefined && values.events.some((event) => textMember(event, 'kind') === '') ? { toldKind: kind } : {};
  const defaults = { source, institution, ...(kind === undefined ? {} : { kind }) };
  return { ...filed({ kind: 'events', events: values.events.map((event) => withDefaults(event, defaults) as TraceEvent) }), ...told };
}

function named(messageId: string): { readonly messageId?: string } {
  return messageId === '' ? {} : { messageId };
}

/** The members an old HIS leaves to the action and the token; anything that is no object is for the intake to refuse. */
function withDefaults(event: unknown, defaults: Readonly<Record<string, string>>): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const missing = Object.entries(defaults).filter(([name]) => [undefined, null, ''].includes((event as Readonly<Record<string, never>>)[name]));
  return missing.length === 0 ? event : { ...event, ...Object.fromEntries(missing) };
}

/** A member as far as it can serve to file the record; ids are keys, so nothing invisible stays in them. */
function textMember(value: unknown, name: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof found === 'string' ? found.replace(/[\u0000-\u001F\u007F\p{Cs}]/gu, '').slice(0, 128) : '';
}

function readHl7(text: string, context: PayloadContext): Payload {
  const home = { media: 'hl7v2' as const, institution: context.institution, source: context.source };
  const controlId = context.hl7.controlId(text).slice(0, 128);
  if (/[\r\n][ \t]*MSH\W/i.test(text)) return { ...home, controlId, meaning: refused('RECORD_UNREADABLE', '一次调用只能发送一条 HL7 消息') };
  const meaning = context.hl7.interpret({
    institution: context.institution, source: context.source, controlId, media: 'hl7v2', charset: 'utf-8', bytes: Buffer.from(text, 'utf8'), interpreter: context.interpreter,
  });
  const institution = meaning.kind === 'events' ? meaning.events[0]?.institution : undefined;
  return { ...home, controlId, meaning, institution: institution ?? context.institution };
}
