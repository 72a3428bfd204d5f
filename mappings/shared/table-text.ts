import { CONVERTERS, CONVERTER_NAMES } from './converters.ts';
import type { Condition, FieldRule, RecordMapping, RowMapping } from './row-mapping.ts';
import { columnsOf, rulesOf } from './row-reader.ts';
import { TARGET_NAMES, targetOf } from './targets.ts';
import type { TargetName } from './targets.ts';

/** @returns the mapping as Markdown tables for hospital IT; the READMEs beside the mappings hold exactly this */
export function mappingText(mapping: RowMapping): string {
  return Object.entries(mapping.records).map(([name, record]) => recordText(name, record)).join('\n\n');
}

/** @returns every converter with what it does, as a Markdown table */
export function converterText(): string {
  return ['| 转换器 | 作用 |', '|---|---|', ...CONVERTER_NAMES.map((name) => `| \`${name}\` | ${CONVERTERS[name].meaning} |`)].join('\n');
}

function recordText(name: string, record: RecordMapping): string {
  const rows = TARGET_NAMES.flatMap((target) => rulesOf(record.fields, target).map((rule) => fieldText(target, rule)));
  const notes = [
    `来源表：${record.tables}${record.when === undefined ? '' : `；行条件：${conditionText(record.when)}`}`,
    ...(record.skip ?? []).map((rule) => `不追溯：${conditionText(rule.when)} → ${rule.reasonFrom === undefined ? rule.reason ?? '' : `原因取 ${rule.reasonFrom}`}`),
    ...(record.refuse ?? []).map((rule) => `拒绝：${conditionText(rule.when)} → ${rule.reason}`),
    ...Object.entries(record.negative ?? {}).map(([kind, turned]) => `数量全为负的 ${kind} 记为 ${turned}`),
  ];
  return [`### ${record.title}（${name}）`, '', ...notes.map((note) => `- ${note}`), '', '| 字段 | 含义 | 来源列 | 转换 | 条件 |', '|---|---|---|---|---|', ...rows].join('\n');
}

function fieldText(target: TargetName, rule: FieldRule): string {
  const columns = columnsOf(rule);
  const source = rule.constant === undefined ? columns.join(rule.join === undefined ? '，空则 ' : ` \`${rule.join}\` `) : `固定值 ${rule.constant}`;
  const table = rule.values === undefined ? '' : `；${Object.entries(rule.values).map(([from, to]) => `${from}→${to === '' ? '空' : to}`).join(' ')}`;
  const extra = `${rule.prefix === undefined ? '' : `；前加 ${rule.prefix}`}${rule.blank === undefined ? '' : `；${rule.blank.join('、')} 视为空`}`;
  return `| \`${target}\` | ${targetOf(target).label} | ${source} | ${rule.convert ?? targetOf(target).converters[0]}${table}${extra} | ${rule.when === undefined ? '' : conditionText(rule.when)} |`;
}

function conditionText(condition: Condition): string {
  return Object.entries(condition).map(([column, wanted]) => {
    const values = typeof wanted === 'string' ? [wanted] : wanted;
    return values.length === 1 && values[0] === '*' ? `${column} 非空` : values.length === 1 && values[0] === '' ? `${column} 为空` : `${column}＝${values.join('/')}`;
  }).join(' 且 ');
}
