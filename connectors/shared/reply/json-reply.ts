import { JSONPath } from 'jsonpath-plus';
import type { ParsedReply, ReplyPath } from './reply-tree.ts';

const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_DEPTH = 100;
const MAX_FOUND = 10_000;

/** @returns the value, or in Chinese why it is none */
export function parseJsonReply(text: string): ParsedReply {
  if (text.length > MAX_CHARACTERS) return { kind: 'unreadable', why: '应答过大' };
  if (isTooDeep(text)) return { kind: 'unreadable', why: '应答嵌套过深' };
  try {
    const value = JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    return typeof value === 'object' && value !== null ? { kind: 'tree', tree: { kind: 'json', value } } : { kind: 'unreadable', why: '应答不是 JSON 对象' };
  } catch {
    return { kind: 'unreadable', why: '应答不是完整的 JSON' };
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Scripts and filters are no part of a profile: `eval` stays off, and what would need it is refused when the profile is read. */
export function compileJsonPath(expression: string): ReplyPath {
  if (!expression.startsWith('$') || expression.includes('(')) throw new Error(`“${expression.slice(0, 80)}”不是可用的 JSON 路径：以 $ 开头，不能含有括号表达式`);
  try {
    find(expression, {});
  } catch (error) {
    throw new Error(`“${expression.slice(0, 80)}”不是可用的 JSON 路径：${(error as Error).message.slice(0, 120)}`, { cause: error });
  }
  return (tree) => {
    if (tree.kind !== 'json') return [];
    try {
      return find(expression, tree.value);
    } catch {
      return [];
    }
  };
}

function find(path: string, value: unknown): readonly string[] {
  const found = JSONPath<unknown[]>({ path, json: value as object, eval: false, wrap: true });
  return found.slice(0, MAX_FOUND).flatMap((each) => {
    if (typeof each === 'string') return [each.trim()];
    return typeof each === 'number' || typeof each === 'boolean' ? [String(each)] : [];
  });
}
