import { isCalendarDate } from '../../../adapter/domain/china-time.ts';
import { asObject } from '../platform.ts';
import { isDateTime } from '../wire-time.ts';
import type { FieldRow } from './field-table.ts';

export interface FieldCheckOptions {
  /** requiredness beyond the table: fields a region demands, conditional ones that apply here */
  readonly alsoRequired: (field: FieldRow) => boolean;
  /** told of every member that no table knows; they are tolerated */
  readonly onUnknown: (name: string) => void;
}

/**
 * Checks one node against its field table: required, type, length, date masks, code lists.
 * An empty string and null count as "not sent" (insurance.md section 2: other empty = "").
 * @returns problems in the platform's words, empty when the node is right
 */
export function checkFields(node: Readonly<Record<string, unknown>>, table: readonly FieldRow[], options: FieldCheckOptions): readonly string[] {
  const problems: string[] = [];
  const known = new Map(table.map((field) => [field.name, field]));
  for (const name of Object.keys(node)) if (!known.has(name)) options.onUnknown(name);
  for (const field of table) {
    const value = node[field.name];
    const label = `${field.name}(${field.zh})`;
    if (value === undefined || value === null || value === '') {
      if (field.required === true || options.alsoRequired(field)) problems.push(`${label}不能为空`);
      continue;
    }
    const problem = checkValue(value, field);
    if (problem !== undefined) problems.push(`${label}${problem}`);
  }
  return problems;
}

function checkValue(value: unknown, field: FieldRow): string | undefined {
  switch (field.type) {
    case 'array': return checkCodeNode(value);
    case 'decimal': return checkDecimal(value, field.length ?? '16,2');
    case 'date': return typeof value === 'string' && isCalendarDate(value) ? undefined : '格式应为yyyy-MM-dd';
    case 'datetime': return typeof value === 'string' && isDateTime(value) ? undefined : '格式应为yyyy-MM-dd HH:mm:ss';
    case 'string': return checkText(value, field);
  }
}

function checkText(value: unknown, field: FieldRow): string | undefined {
  if (typeof value !== 'string') return '应为字符串';
  const limit = Number(field.length ?? '0');
  if (limit > 0 && Array.from(value).length > limit) return `长度超过${String(limit)}`;
  if (field.codes !== undefined && !field.codes.includes(value)) return `不是码表中的值:${value}`;
  return undefined;
}

/** `16,4`: at most 16 digits, of which at most 4 behind the point. JSON number or decimal text, never an exponent. */
function checkDecimal(value: unknown, length: string): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^-?\d+(\.\d+)?$/.test(text)) return '应为数值';
  const [digits = 16, decimals = 0] = length.split(',').map(Number);
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (fraction.length > decimals) return `小数位超过${String(decimals)}`;
  if (whole.replace(/^0+/, '').length > digits - decimals) return `超过长度${length}`;
  return text.startsWith('-') ? '不能为负数' : undefined;
}

/** One object per code; a single object, a text or an entry without code is what public implementations got wrong (section 13). */
function checkCodeNode(value: unknown): string | undefined {
  if (!Array.isArray(value)) return '应为数组,每个追溯码一个节点';
  const seen = new Set<string>();
  for (const entry of value as unknown[]) {
    const code = asObject(entry)?.['drug_trac_codg'];
    if (typeof code !== 'string' || code === '') return '中drug_trac_codg(药品追溯码)不能为空且应为字符串';
    if (code.length > 100) return '中drug_trac_codg(药品追溯码)长度超过100';
    if (seen.has(code)) return `中追溯码重复:${code}`;
    seen.add(code);
  }
  return undefined;
}

/** @returns the codes of a checked node, in order */
export function codesOf(node: Readonly<Record<string, unknown>>): readonly string[] {
  const value = node['drugtracinfo'];
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((entry) => {
    const code = asObject(entry)?.['drug_trac_codg'];
    return typeof code === 'string' ? [code] : [];
  });
}
