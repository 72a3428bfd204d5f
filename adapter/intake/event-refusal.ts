import type { z } from 'zod';
import type { ErrorCode } from '../domain/error.ts';
import { refusal } from '../domain/refusal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { nearestName } from './nearest-name.ts';

/** One thing wrong with an event. `field` in the sender's terms: `lines[0].quantity`. */
export interface EventProblem {
  readonly code: ErrorCode;
  readonly field: string;
  readonly value?: string;
  readonly detail: string;
}

/** People's data must not be repeated in answers, logs or the quarantine list. */
const PERSONAL = /^(?:patient|operator|prescriber)(?:\.|$)/;
const MORE_SHOWN = 3;
const NUMBER_HINT = '必须是文本（加引号），不能是 JSON 数字';

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${String(part)}]`;
    return field === '' ? String(part) : `${field}.${String(part)}`;
  }, '');
}

function memberAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return '数组';
  switch (typeof value) {
    case 'number': return '数字';
    case 'boolean': return '布尔值';
    case 'string': return '文本';
    default: return '对象';
  }
}

const EXPECTED: Readonly<Record<string, string>> = { string: '文本', boolean: ' true 或 false', array: '数组', object: '对象' };

function missingDetail(path: readonly PropertyKey[], root: unknown): string {
  const name = String(path.at(-1));
  const siblings = memberAt(root, path.slice(0, -1));
  const near = typeof siblings === 'object' && siblings !== null ? nearestName(name, Object.keys(siblings)) : undefined;
  return near === undefined ? '缺少必填项' : `缺少必填项，是否写成了 ${near.slice(0, 40)}？`;
}

function detailOf(issue: z.core.$ZodIssue, value: unknown, root: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return missingDetail(issue.path, root);
      if (issue.expected === 'string' && typeof value === 'number') return NUMBER_HINT;
      return `须为${EXPECTED[issue.expected] ?? issue.expected}，收到${typeName(value)}`;
    case 'invalid_value':
      return value === undefined ? missingDetail(issue.path, root) : `只能是 ${issue.values.map(String).join('、')}`;
    case 'too_big':
      return issue.origin === 'array' ? `至多 ${String(issue.maximum)} 项` : `至多 ${String(issue.maximum)} 个字符`;
    default:
      return issue.message;
  }
}

/** @returns the problem behind one issue of the schema, in Chinese, with the value unless it is about a person */
export function problemOfIssue(issue: z.core.$ZodIssue, root: unknown): EventProblem {
  const field = fieldOf(issue.path);
  const value = memberAt(root, issue.path);
  const isCode = /\.codes\[\d+\]$/.test(field);
  const detail = isCode && typeof value === 'number' ? `追溯码${NUMBER_HINT}，数字会丢失末尾的位` : detailOf(issue, value, root);
  const shown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return {
    code: isCode ? 'CODE_UNUSABLE' : field.endsWith('.codes') && issue.code === 'too_big' ? 'EVENT_TOO_MANY_CODES' : 'EVENT_INVALID',
    field,
    detail,
    ...(shown && !PERSONAL.test(field) ? { value: String(value) } : {}),
  };
}

/** What is shown of a sender's text is stored too, and not every database takes control characters. */
function printable(text: string): string {
   
  return text.replace(/[\u0000-\u001F\u007F\p{Cs}]/gu, '�');
}

/** @returns one refusal for all problems: the first in full, the next few by field, the rest counted */
export function refuseEvent(problems: readonly EventProblem[]): Refusal {
  const [first, ...more] = problems;
  if (first === undefined) return refusal('EVENT_INVALID');
  const named = more.slice(0, MORE_SHOWN).map((problem) => `${problem.field} ${problem.detail}`).join('；');
  const rest = more.length > MORE_SHOWN ? ` 等，共 ${String(problems.length)} 处` : '';
  const detail = `${first.field === '' ? '' : `${first.field} `}${first.detail}${named === '' ? '' : `；${named}${rest}`}`;
  return refusal(first.code, {
    detail: printable(detail),
    ...(first.field === '' ? {} : { field: first.field }),
    ...(first.value === undefined ? {} : { value: printable(first.value.slice(0, 100)) }),
  });
}
