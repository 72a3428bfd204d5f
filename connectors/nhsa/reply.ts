import type { ReplyShape } from './profile.ts';

/** A reply of the platform whose envelope could be read. */
export interface Reply {
  /** infcode is 0 */
  readonly ok: boolean;
  /** infcode as text */
  readonly code: string;
  /** err_msg, at most 500 characters */
  readonly text: string;
  /** `output` with JSON text opened; undefined when empty */
  readonly output: unknown;
  /** true when `output` is text that is no JSON (sealed or damaged) */
  readonly outputUnreadable: boolean;
  /** inf_refmsgid */
  readonly ref: string;
  /** msgid where the platform echoes it; '' when it does not */
  readonly echoedId: string;
}

/** what a reply may hold of a text before it is cut; err_msg is 200 characters, msgRslt 2,000 */
const TEXT_CHARS = 500;

/** @returns the text of a body in UTF-8 or the charset it declares, or why there is none */
export function decodeReply(body: Uint8Array, contentType: string | undefined): { readonly text: string } | { readonly unreadable: string } {
  const text = decode(body, contentType);
  if (text === undefined) return { unreadable: '应答不是声明的字符集' };
  const trimmed = text.trim();
  return trimmed === '' ? { unreadable: '应答为空' } : { text: trimmed };
}

/** @returns the members of a plain JSON answer; anything else (HTML, XML, half of it) says nothing about what the platform did */
export function readMembers(text: string): { readonly members: Readonly<Record<string, unknown>> } | { readonly unreadable: string } {
  if (text.startsWith('<')) return { unreadable: '应答是网页或 XML，不是 JSON' };
  const members = parseObject(text);
  return members === undefined ? { unreadable: '应答不是完整的 JSON 对象' } : { members };
}

/** @returns the reply under the names of the region, or why it cannot be read */
export function readReply(members: Readonly<Record<string, unknown>>, shape: ReplyShape): Reply | { readonly unreadable: string } {
  const code = codeOf(member(members, shape.code), shape.success);
  if (code === undefined) return { unreadable: `应答没有有效的 ${shape.code}` };
  const output = openJson(member(members, shape.output));
  return {
    ok: shape.success.includes(code), code,
    text: textOf(member(members, shape.text)),
    output: output.value,
    outputUnreadable: output.unreadable,
    ref: textOf(member(members, shape.ref)),
    echoedId: textOf(member(members, shape.echo)),
  };
}

const CHARSETS = new Set(['utf-8', 'utf8', 'gbk', 'gb2312', 'gb18030']);

function decode(body: Uint8Array, contentType: string | undefined): string | undefined {
  const declared = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (!CHARSETS.has(declared)) return undefined;
  try {
    return new TextDecoder(declared, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** infcode arrives as number or as text; the success codes of the region alone are success. */
function codeOf(value: unknown, success: readonly string[]): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  if (typeof value !== 'string' || value.trim() === '' || value.length > 20) return undefined;
  const text = value.trim();
  // "00" or "0.0" is neither the 0 of the table nor a refusal
  return !success.includes(text) && /^[+-]?0*\.?0*$/.test(text) ? undefined : text;
}

/** `output` is an object, an array, JSON text of one (some platforms write it twice), or nothing. */
function openJson(value: unknown): { readonly value: unknown; readonly unreadable: boolean } {
  let at = value;
  for (let depth = 0; depth < 3 && typeof at === 'string'; depth += 1) {
    if (at.trim() === '') return { value: undefined, unreadable: false };
    try {
      at = JSON.parse(at);
    } catch {
      return { value: undefined, unreadable: true };
    }
  }
  if (at === null || at === undefined) return { value: undefined, unreadable: false };
  return typeof at === 'object' ? { value: at, unreadable: false } : { value: undefined, unreadable: true };
}

/** @returns text of a value that may be text or a number, cut to 500 characters; '' for anything else */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, TEXT_CHARS) : '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns a member of a node, own properties only */
export function member(node: unknown, name: string): unknown {
  return isObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}
