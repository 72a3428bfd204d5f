import { scannedForm } from '../../adapter/domain/trace-code.ts';
import { isCalendarDate } from '../../adapter/domain/china-time.ts';
import { formatFixed, formatQuantity, parseQuantity } from '../../adapter/domain/quantity.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import type { Profile } from './profile.ts';
import type { RowValues } from './rows.ts';
import type { FieldSpec, Spec, TransactionSpec } from './spec.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A field that keeps a row from being sent. */
export interface FieldFault {
  readonly reason: Extract<FaultReason, 'MISSING_FIELD' | 'FIELD_TOO_LONG' | 'INVALID_CODE' | 'RULE'>;
  /** Chinese, names the field as the platform's own table does */
  readonly text: string;
}

export interface RowRules {
  readonly spec: Spec;
  readonly fields: Profile['fields'];
  /** conditional fields this row must hold */
  readonly conditional: readonly string[];
}

/**
 * Builds one row strictly by its field table: names, order, lengths, decimals, dates, code lists, required fields by the profile.
 * @returns the row, or every fault found; nothing is sent for a row with faults
 */
export function buildRow(transaction: TransactionSpec, values: RowValues, rules: RowRules): { readonly row: Row } | { readonly faults: readonly FieldFault[] } {
  const row: Record<string, unknown> = {};
  const faults: FieldFault[] = [];
  for (const field of transaction.fields) {
    const names = [`${baseOf(transaction.infno)}.${field.name}`, field.name];
    if (names.some((name) => rules.fields.leaveOut.includes(name))) continue;
    const wire = toWire(field, values[field.name], { ...rules, asNumber: rules.fields.numbersAs === 'number' || names.some((name) => rules.fields.jsonNumbers.includes(name)) });
    if ('fault' in wire) faults.push(wire.fault);
    else if (wire.empty && isRequired(field, names, rules)) faults.push({ reason: 'MISSING_FIELD', text: `缺少必填字段：${label(field)}` });
    else if (!wire.empty || rules.fields.empty === 'spec') row[field.name] = wire.value;
  }
  return faults.length === 0 ? { row } : { faults };
}

function baseOf(infno: string): string {
  return infno.slice(0, 4);
}

function isRequired(field: FieldSpec, names: readonly string[], rules: RowRules): boolean {
  if (names.some((name) => rules.fields.required.includes(name))) return true;
  if (names.some((name) => rules.fields.optional.includes(name))) return false;
  if (field.required === 'conditional') return rules.conditional.includes(field.name);
  return field.required !== 'no';
}

type Wire = { readonly value: unknown; readonly empty: boolean } | { readonly fault: FieldFault };

type WireRules = RowRules & { readonly asNumber: boolean };

function toWire(field: FieldSpec, value: string | readonly string[] | undefined, rules: WireRules): Wire {
  if (field.type === 'codes') return codesOf(field, typeof value === 'string' || value === undefined ? [] : value, rules);
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') return { value: emptyOf(field, rules), empty: true };
  if (field.type === 'decimal') return decimalOf(field, text, rules);
  if (field.type === 'date' && !isCalendarDate(text)) return { fault: { reason: 'RULE', text: `日期无效：${label(field)}` } };
  const longest = Number(field.length ?? '0');
  if (field.type === 'string' && longest > 0 && Array.from(text).length > longest) return { fault: { reason: 'FIELD_TOO_LONG', text: `字段超长：${label(field)}，最长 ${String(longest)} 个字符` } };
  if (field.list !== undefined && !rules.spec.isCode(field.list, text)) {
    // a code of the HIS's own dictionary: the platform checks against its list, so an optional field stays empty
    return field.required === 'yes' ? { fault: { reason: 'RULE', text: `代码不在标准字典中：${label(field)}` } } : { value: emptyOf(field, rules), empty: true };
  }
  return { value: text, empty: false };
}

/** Empty numbers are "0", other empty fields "" (SPEC 4.4). */
function emptyOf(field: FieldSpec, rules: WireRules): unknown {
  if (field.type !== 'decimal') return '';
  return rules.asNumber ? 0 : '0';
}

/** `16,4`: at most 16 digits in all, 4 of them decimals. */
function decimalOf(field: FieldSpec, text: string, rules: WireRules): Wire {
  const [digits = 16, decimals = 0] = (field.length ?? '16,0').split(',').map(Number);
  const quantity = parseQuantity(text);
  if (quantity === undefined) return { fault: { reason: 'RULE', text: `数值无效：${label(field)}` } };
  const rounded = parseQuantity(formatFixed(quantity, decimals)) ?? quantity;
  if (quantity !== 0n && rounded === 0n) return { fault: { reason: 'RULE', text: `数值小于最小精度（${String(decimals)} 位小数）：${label(field)}` } };
  const wire = formatQuantity(rounded);
  if ((wire.replace('-', '').split('.')[0] ?? '').length > digits - decimals) return { fault: { reason: 'FIELD_TOO_LONG', text: `数值超出范围：${label(field)}` } };
  return { value: rules.asNumber ? Number(wire) : wire, empty: false };
}

const CODE_CHARS = 100;

/** One object per code; GS1 codes travel as their element string (section 12: the field holds 100 characters). */
function codesOf(field: FieldSpec, codes: readonly string[], rules: WireRules): Wire {
  // the platform keeps what a scanner reads off the pack: GS1 codes travel as element string
  const scanned = codes.map(scannedForm);
  const tooLong = scanned.find((code) => Array.from(code).length > CODE_CHARS);
  if (tooLong !== undefined) return { fault: { reason: 'INVALID_CODE', text: `${field.zh}：追溯码超过 ${String(CODE_CHARS)} 个字符` } };
  const nodes = scanned.map((code) => ({ drug_trac_codg: code }));
  return { value: rules.fields.codesAs === 'one-object' && nodes.length === 1 ? nodes[0] : nodes, empty: codes.length === 0 };
}

function label(field: FieldSpec): string {
  return `${field.zh}（${field.name}）`;
}
