import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import { isConverter } from './converters.ts';
import { meant } from './override-problem.ts';
import type { MapEntry, OverrideReader } from './override-reader.ts';
import type { Tree } from './override-tree.ts';
import type { Condition, FieldRule, RecordMapping, RefuseRule, SkipRule } from './row-mapping.ts';
import { converterNamesOf } from './targets.ts';
import type { TargetName } from './targets.ts';

const RULE_KEYS = ['from', 'join', 'constant', 'blank', 'values', 'prefix', 'convert', 'when'];
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One rule of a field: `{ from: ZSM }`, `{ constant: 西药房 }`, or a bare column name. */
export function readRule(tree: Tree, path: string, target: TargetName, reader: OverrideReader): FieldRule {
  if (tree.kind === 'text') return { from: column(tree.value) };
  const rule: Writable<FieldRule> = {};
  for (const entry of reader.entries(tree, path, RULE_KEYS)) {
    switch (entry.key) {
      case 'from': rule.from = reader.texts(entry).map(column); break;
      case 'blank': rule.blank = reader.texts(entry); break;
      case 'values': rule.values = reader.textMap(entry); break;
      case 'when': rule.when = readCondition(entry, reader); break;
      case 'convert': {
        const name = reader.text(entry);
        const allowed = converterNamesOf(target);
        if (isConverter(name) && allowed.includes(name)) rule.convert = name;
        else reader.refuse(entry, `${isConverter(name) ? `转换器 ${name} 不适用于 ${target}` : `没有转换器 ${name}`}${meant(name, allowed)}（可用：${allowed.join('、')}）`);
        break;
      }
      case 'join': rule.join = reader.text(entry); break;
      case 'constant': rule.constant = reader.text(entry); break;
      default: rule.prefix = reader.text(entry);
    }
  }
  if (tree.kind === 'map' && rule.from === undefined && rule.constant === undefined) reader.refuse({ line: tree.line, path }, '须写 from（来源列）或 constant（固定值）');
  if (rule.from !== undefined && rule.constant !== undefined) reader.refuse({ line: tree.line, path }, 'from 与 constant 只能写一个');
  return rule;
}

export function readSkip(entry: MapEntry, reader: OverrideReader): readonly SkipRule[] {
  return reader.items(entry).map(({ tree, path }) => {
    const rule: Writable<SkipRule> = { when: {} };
    for (const each of reader.entries(tree, path, ['when', 'reason', 'reasonFrom'])) {
      if (each.key === 'when') rule.when = readCondition(each, reader);
      else if (each.key === 'reason') rule.reason = reader.text(each);
      else rule.reasonFrom = column(reader.text(each));
    }
    if (Object.keys(rule.when).length === 0) reader.refuse({ line: tree.line, path }, '缺少 when：哪些行不追溯');
    if (rule.reason === undefined && rule.reasonFrom === undefined) reader.refuse({ line: tree.line, path }, '缺少 reason 或 reasonFrom：不追溯须有原因');
    return rule;
  });
}

export function readRefuse(entry: MapEntry, reader: OverrideReader): readonly RefuseRule[] {
  return reader.items(entry).map(({ tree, path }) => {
    const rule: Writable<RefuseRule> = { when: {}, reason: '' };
    for (const each of reader.entries(tree, path, ['when', 'reason'])) {
      if (each.key === 'when') rule.when = readCondition(each, reader);
      else rule.reason = reader.text(each);
    }
    if (Object.keys(rule.when).length === 0 || rule.reason === '') reader.refuse({ line: tree.line, path }, '须写 when 和 reason');
    return rule;
  });
}

/** kind → kind when every quantity is negative */
export function readNegative(entry: MapEntry, reader: OverrideReader): NonNullable<RecordMapping['negative']> {
  const kinds: readonly string[] = EVENT_KINDS;
  return Object.fromEntries(reader.entries(entry.value, entry.path, kinds).map((each) => {
    const kind = reader.text(each);
    if (!kinds.includes(kind)) reader.refuse(each, `没有事件类型 ${kind}${meant(kind, kinds)}`);
    return [each.key, kind];
  }));
}

export function readCondition(entry: MapEntry, reader: OverrideReader): Condition {
  return Object.fromEntries(reader.entries(entry.value, entry.path).map((each) => [column(each.key), reader.texts(each)]));
}

/** Names of columns come in capitals, whatever the database writes. */
const column = (name: string): string => name.trim().toUpperCase();
