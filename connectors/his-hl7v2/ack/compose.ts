import { ERRORS } from '../../../adapter/domain/error.ts';
import { chinaCompact } from '../../../adapter/domain/china-time.ts';
import type { Refusal } from '../../../adapter/domain/refusal.ts';
import { charsetName, encodeText } from '../codec/charset.ts';
import type { DecidedCharset } from '../codec/charset.ts';
import { encodeEscapes } from '../codec/escape.ts';
import type { Hl7Header } from '../codec/header.ts';
import { errorSegment } from './error-segment.ts';
import type { ErrorText } from './error-segment.ts';
import { masterFileSegments } from './master-file.ts';
import type { MasterFileReply } from './master-file.ts';
import type { Reply } from './reply.ts';

/** What engines still show whole; the action at the end is what may be cut. */
const LONGEST_TEXT = 400;
const LONGEST_ECHO = 250;

export interface AckContext {
  readonly header: Hl7Header;
  /** charset the message came in; the answer is written in it */
  readonly charset: DecidedCharset;
  /** MSH-10 of the answer */
  readonly controlId: string;
  readonly nowMs: number;
  /** what became of the entries of a master file message, where the sender asks for it: the answer is an MFK */
  readonly masterFile?: MasterFileReply;
}

/**
 * Writes one acknowledgement: sender and receiver exchanged, MSH-9 ACK^trigger^ACK, version, processing id and charset of the message,
 * the message's own delimiters. Refusals carry our error code and Chinese text in MSA-3 and an ERR segment.
 * @returns the bytes in the charset of the message, not framed
 */
export function composeAck(reply: Reply, context: AckContext): Buffer {
  const { header, charset } = context;
  const { delimiters } = header;
  const { field: bar } = delimiters;
  const error = reply.refusal === undefined ? undefined : errorText(reply.refusal, charset);
  const msa = ['MSA', reply.code, echo(header, 10, charset), error === undefined ? '' : encodeEscapes(`${error.code} ${error.full}`, delimiters)];
  const segments = [mshOf(context), msa.join(bar)];
  if (error !== undefined) segments.push(errorSegment(error, header.version, delimiters));
  if (context.masterFile !== undefined) segments.push(...masterFileSegments(context.masterFile, { delimiters, charset, nowMs: context.nowMs }));
  return encodeText(`${segments.map((segment) => trimEnd(segment, bar)).join('\r')}\r`, charset);
}

function mshOf(context: AckContext): string {
  const { header, charset, controlId, nowMs } = context;
  const { field: bar, component: hat, repetition, escape, subcomponent } = header.delimiters;
  const trigger = cleaned(header.trigger, 20);
  const type = trigger === '' ? 'ACK' : context.masterFile === undefined ? ['ACK', trigger, 'ACK'].join(hat) : ['MFK', trigger, `MFK_${trigger}`].join(hat);
  const declared = (header.charsets[0] ?? '').slice(0, 40);
  const rest = [
    echo(header, 5, charset), echo(header, 6, charset), echo(header, 3, charset), echo(header, 4, charset), chinaCompact(nowMs), '', type,
    controlId === '' ? echo(header, 10, charset) : controlId, echo(header, 11, charset) || 'P', echo(header, 12, charset) || '2.4', '', '', '', '', '',
    cleaned(charsetName(declared, charset), 40),
  ];
  return `MSH${bar}${header.raw[2] ?? `${hat}${repetition}${escape}${subcomponent}`}${bar}${rest.join(bar)}`;
}

/** A field of the message as it stands, without control characters; what could not be decoded is left out rather than garbled. */
function echo(header: Hl7Header, field: number, charset: DecidedCharset): string {
  const text = cleaned(header.raw[field] ?? '', LONGEST_ECHO);
  return charset === 'unknown' ? text.replace(/[^\u0020-\u007e]/g, '') : text;
}

function cleaned(text: string, longest: number): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, longest);
}

/** Peers that read Latin letters only get the English text. */
function errorText(refusal: Refusal, charset: DecidedCharset): ErrorText {
  const text = ERRORS[refusal.code];
  const value = refusal.value === undefined || refusal.value === '' ? '' : `=${refusal.value}`;
  const at = refusal.field === undefined ? '' : `${refusal.field}${value}`;
  if (charset === 'iso-8859-1') {
    const message = at === '' ? text.en : `${text.en} (${at})`;
    return { code: refusal.code, field: refusal.field, message, full: `${message}; ${text.actionEn}`.slice(0, LONGEST_TEXT) };
  }
  const head = at === '' ? text.zh : `${text.zh}（${at}）`;
  const message = refusal.detail === undefined || refusal.detail === '' ? head : `${head}：${refusal.detail}`;
  return { code: refusal.code, field: refusal.field, message: head.slice(0, LONGEST_TEXT), full: `${message}；${text.actionZh}`.slice(0, LONGEST_TEXT) };
}

function trimEnd(segment: string, bar: string): string {
  let end = segment.length;
  while (end > 0 && segment.charAt(end - 1) === bar) end -= 1;
  return segment.slice(0, end);
}
