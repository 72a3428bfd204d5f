import type { HisRow } from '../../adapter/ports/row.ts';
import type { Problems } from '../hl7/problems.ts';
import { canonical, fulfils } from './condition.ts';
import { converterOf } from './converters.ts';
import type { Unreadable } from './converters.ts';
import type { FieldRule, Fields } from './row-mapping.ts';
import { targetOf } from './targets.ts';
import type { TargetName } from './targets.ts';

/** What a rule found in a row, before it is converted. */
interface Found { readonly rule: FieldRule; readonly column: string; readonly value: string }

/** Reads fields of the rows of one event by the table, and notes what is wrong with them, in the HIS's own column names. */
export class RowReader {
  readonly #fields: Fields;
  readonly #problems: Problems;

  constructor(fields: Fields, problems: Problems) {
    this.#fields = fields;
    this.#problems = problems;
  }

  /** @param at `2` for the second row, where that helps to find it */
  refuse(target: TargetName, value: string, detail: string, at?: string): void {
    const found = targetOf(target);
    const field = this.columnOf(target);
    this.#problems.add('EVENT_INVALID', { field, ...(found.personal === true ? {} : { value }), detail: at === undefined ? detail : `第 ${at} 行：${detail}` });
  }

  /** @returns the column the first rule of the field reads, or the name of the field */
  columnOf(target: TargetName): string {
    const [rule] = rulesOf(this.#fields, target);
    return columnsOf(rule)[0] ?? target;
  }

  /** A field of one row. @returns undefined when it is empty or wrong (then it is noted) */
  ofRow(row: HisRow, target: TargetName, at?: string): string | undefined {
    for (const rule of rulesOf(this.#fields, target)) {
      const found = find(row, rule, target);
      if (found !== undefined) return this.#convert(found, target, at);
    }
    return undefined;
  }

  /** A field of the whole event: rows that leave it empty agree with the others; rows that contradict each other are refused, not chosen among. */
  ofEvent(rows: readonly HisRow[], target: TargetName): string | undefined {
    const values = [...new Set(rows.map((row) => this.ofRow(row, target)).filter((value) => value !== undefined))];
    if (values.length > 1) this.refuse(target, values.join(' / '), '同一事件各行的该列不一致');
    return values[0];
  }

  /** Whether the row says nothing about the field: different from saying something that cannot be read. */
  isEmpty(row: HisRow, target: TargetName): boolean {
    return rulesOf(this.#fields, target).every((rule) => find(row, rule, target) === undefined);
  }

  #convert({ rule, column, value }: Found, target: TargetName, at: string | undefined): string | undefined {
    const known = translated(value, rule.values);
    const read = typeof known === 'string' ? converterOf(rule.convert ?? targetOf(target).converters[0]).read(known) : known;
    if (typeof read === 'string') return read === '' ? undefined : `${rule.prefix ?? ''}${read}`;
    const personal = targetOf(target).personal === true;
    const code = target === 'line.codes' ? 'CODE_UNUSABLE' : 'EVENT_INVALID';
    this.#problems.add(code, { field: column, ...(personal ? {} : { value: read.value ?? value }), detail: `${at === undefined ? '' : `第 ${at} 行`}${targetOf(target).label}：${read.problem}` });
    return undefined;
  }
}

export function rulesOf(fields: Fields, target: TargetName): readonly FieldRule[] {
  const rules = fields[target];
  return rules === undefined ? [] : isList(rules) ? rules : [rules];
}

function isList(rules: FieldRule | readonly FieldRule[]): rules is readonly FieldRule[] {
  return Array.isArray(rules);
}

export function columnsOf(rule: FieldRule | undefined): readonly string[] {
  return rule?.from === undefined ? [] : typeof rule.from === 'string' ? [rule.from] : rule.from;
}

/** @returns what the rule gives for the row; undefined when it does not count there or finds nothing */
function find(row: HisRow, rule: FieldRule, target: TargetName): Found | undefined {
  if (!fulfils(row, rule.when)) return undefined;
  if (rule.constant !== undefined) return { rule, column: target, value: rule.constant };
  const held = columnsOf(rule).flatMap((column) => {
    const value = (row[column] ?? '').trim();
    return value === '' || rule.blank?.some((none) => canonical(none) === canonical(value)) === true ? [] : [{ rule, column, value }];
  });
  const [first] = held;
  if (first === undefined) return undefined;
  const together = rule.join ?? (target === 'line.codes' ? '\n' : undefined);
  const value = together === undefined ? first.value : held.map((each) => each.value).join(together);
  // a code table may say that a value means none
  return translated(value, rule.values) === '' ? undefined : { ...first, value };
}

/** @returns what the code table makes of a value; what is not in it is refused, not passed on */
function translated(value: string, values: Readonly<Record<string, string>> | undefined): string | Unreadable {
  if (values === undefined) return value;
  const names = Object.keys(values);
  const found = names.find((each) => canonical(each) === canonical(value)) ?? (names.includes('*') ? '*' : undefined);
  return found === undefined ? { problem: `不在代码表中（认识 ${names.join('、')}）；新的值可写进映射覆盖文件的 values` } : values[found] ?? '';
}
