import { parseStringPromise } from 'xml2js';

/** A reply as nested objects, lists and scalars, whatever its format was. Trace codes are text in it. */
export type Tree = unknown;
export type TreeObject = Readonly<Record<string, Tree>>;
export type ParsedBody = { readonly kind: 'tree'; readonly root: TreeObject } | { readonly kind: 'unreadable'; readonly why: string };

const ALLOWED_CHARSETS = new Set(['utf-8', 'utf8', 'gbk', 'gb2312', 'gb18030']);

/** Reads a reply body: JSON or XML by its first character. Never throws; HTML, DOCTYPE, truncation and wrong charset are `unreadable`. */
export async function parseBody(body: Uint8Array, contentType: string | undefined): Promise<ParsedBody> {
  const text = decode(body, contentType);
  if (text === undefined) return unreadable('字符集无法识别');
  const trimmed = text.trim();
  if (trimmed === '') return unreadable('应答为空');
  return trimmed.startsWith('<') ? parseXml(trimmed) : parseJson(trimmed);
}

function decode(body: Uint8Array, contentType: string | undefined): string | undefined {
  const named = /charset=["']?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  try {
    // fatal: a broken character in a code or a bill number must not pass as a character
    return new TextDecoder(ALLOWED_CHARSETS.has(named) ? named : 'utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Strings are kept, numbers of 16 digits and more become strings: a 20-digit code does not fit a number. */
const STRING_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d{16,}(?:\.\d+)?/g;

function parseJson(text: string): ParsedBody {
  try {
    const value: unknown = JSON.parse(text.replace(STRING_OR_LONG_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)));
    const root = asObject(value);
    return root === undefined ? unreadable('应答不是 JSON 对象') : { kind: 'tree', root };
  } catch {
    return unreadable('应答不是完整的 JSON');
  }
}

async function parseXml(text: string): Promise<ParsedBody> {
  if (/^<!doctype html|^<html[\s>]/i.test(text)) return unreadable('应答是网页，不是接口结果');
  // no entity is ever expanded, but a reply that declares a document type is none of the gateway's
  if (/<!doctype/i.test(text)) return unreadable('应答含有 DOCTYPE');
  try {
    const value: unknown = await parseStringPromise(text, { explicitArray: false, ignoreAttrs: true, trim: true });
    const root = asObject(value);
    const name = root === undefined ? undefined : Object.keys(root)[0];
    if (root === undefined || name?.endsWith('_response') !== true) return unreadable('应答不是接口的 XML');
    return { kind: 'tree', root };
  } catch {
    return unreadable('应答不是完整的 XML');
  }
}

function unreadable(why: string): ParsedBody {
  return { kind: 'unreadable', why };
}

/** @returns the value as an object; text that holds a JSON object counts, lists do not */
export function asObject(value: Tree): TreeObject | undefined {
  if (typeof value === 'string' && value.startsWith('{')) {
    const parsed = parseJson(value);
    return parsed.kind === 'tree' ? parsed.root : undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TreeObject) : undefined;
}

/** @returns a scalar as trimmed text, '' when there is none */
export function textOf(value: Tree): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

/**
 * Rows of a list in any of its shapes (mah.md 2.4): plain list, object with the DTO name as its one key, a one-row list that
 * looks like a single object, nothing at all.
 */
export function rowsOf(value: Tree, depth = 0): TreeObject[] {
  if (depth > 6) return []; // no reply of the gateway nests a list so deep
  if (Array.isArray(value)) return value.flatMap((item: Tree) => rowsOf(item, depth + 1));
  const object = asObject(value);
  if (object === undefined) return [];
  const names = Object.keys(object);
  const only = names.length === 1 ? object[names[0] ?? ''] : undefined;
  if (Array.isArray(only) || asObject(only) !== undefined) return rowsOf(only, depth + 1);
  if (names.length === 1 && textOf(only) === '') return []; // the wrapper of an empty list
  return names.length === 0 ? [] : [object];
}

/** @returns the texts of a list of strings in any of its shapes, comma-joined text included */
export function textsOf(value: Tree, depth = 0): string[] {
  if (depth > 6) return [];
  if (Array.isArray(value)) return value.flatMap((item: Tree) => textsOf(item, depth + 1));
  const object = asObject(value);
  if (object !== undefined) return Object.values(object).flatMap((item) => textsOf(item, depth + 1));
  return splitText(value);
}

function splitText(value: Tree): string[] {
  return textOf(value).split(',').map((text) => text.trim()).filter((text) => text !== '');
}
