import { meant } from './override-problem.ts';
import type { OverrideProblem } from './override-problem.ts';
import { OverrideReader } from './override-reader.ts';
import type { MapEntry } from './override-reader.ts';
import { readCondition, readNegative, readRefuse, readRule, readSkip } from './override-rules.ts';
import { readTree } from './override-tree.ts';
import type { FieldRule, Fields, RecordMapping, RowMapping } from './row-mapping.ts';
import { rulesOf } from './row-reader.ts';
import { isTarget, REQUIRED_TARGETS, TARGET_NAMES } from './targets.ts';
import type { TargetName } from './targets.ts';

const RECORD_KEYS = ['new', 'title', 'when', 'fields', 'skip', 'refuse', 'negative', 'sameLine'];

/**
 * A site's override of a mapping: fields to change, add (`line.codes: { from: ZSM2 }`) or take away (`location: ~`), rows to leave
 * out, records to add. Skip and refuse rules of the site stand before those of the mapping; everything not named stays as it is.
 * Pure; whatever the text. @returns the mapping with the changes, or every problem with its line
 */
export function loadRowMapping(base: RowMapping, yamlText: string): { readonly mapping: RowMapping } | { readonly problems: readonly OverrideProblem[] } {
  const { tree, problems } = readTree(yamlText);
  if (tree === undefined) return { problems };
  const reader = new OverrideReader();
  const records = new Map(Object.entries(base.records));
  for (const entry of reader.entries(tree, '', ['base', 'overrides'])) {
    if (entry.key === 'base') {
      const name = reader.text(entry);
      if (name !== base.name) reader.refuse(entry, `这个文件是为映射 ${name} 写的，来源用的是 ${base.name}`);
    } else {
      for (const record of reader.entries(entry.value, entry.path)) overrideRecord(record, records, reader);
    }
  }
  if (reader.problems.length > 0) return { problems: reader.problems.sort((a, b) => a.line - b.line) };
  return { mapping: { ...base, records: Object.fromEntries(records) } };
}

/** `all` stands for every record there is. */
function overrideRecord(entry: MapEntry, records: Map<string, RecordMapping>, reader: OverrideReader): void {
  const changes = reader.entries(entry.value, entry.path, RECORD_KEYS);
  const isNew = changes.some((change) => change.key === 'new' && reader.text(change) === 'true');
  const known = records.get(entry.key);
  if (known === undefined && !isNew && entry.key !== 'all') {
    reader.refuse(entry, `映射里没有 ${entry.key}${meant(entry.key, [...records.keys()])}（有：${[...records.keys()].join('、')}；新增一种单据请写 new: true）`);
    return;
  }
  if (entry.key === 'all') {
    for (const [name, record] of [...records]) records.set(name, changed(record, changes, entry, reader));
    // one mistake is one problem, however many records it concerns
    const seen = new Map(reader.problems.map((problem) => [JSON.stringify(problem), problem]));
    reader.problems.splice(0, reader.problems.length, ...seen.values());
    return;
  }
  records.set(entry.key, changed(known ?? { title: entry.key, tables: '', fields: {} }, changes, entry, reader));
}

function changed(base: RecordMapping, changes: readonly MapEntry[], entry: MapEntry, reader: OverrideReader): RecordMapping {
  let record = base;
  for (const change of changes) {
    switch (change.key) {
      case 'title': record = { ...record, title: reader.text(change) }; break;
      case 'when': record = { ...record, when: readCondition(change, reader) }; break;
      case 'skip': record = { ...record, skip: [...readSkip(change, reader), ...record.skip ?? []] }; break;
      case 'refuse': record = { ...record, refuse: [...readRefuse(change, reader), ...record.refuse ?? []] }; break;
      case 'negative': record = { ...record, negative: { ...record.negative, ...readNegative(change, reader) } }; break;
      case 'fields': record = { ...record, fields: changedFields(record.fields, change, reader) }; break;
      case 'sameLine': {
        const way = reader.text(change);
        if (way === 'once' || way === 'sum') record = { ...record, sameLine: way };
        else reader.refuse(change, 'sameLine 只能是 once（各行重复整行数量）或 sum（各行数量相加）');
        break;
      }
      default: break;
    }
  }
  for (const target of REQUIRED_TARGETS) if (rulesOf(record.fields, target).length === 0) reader.refuse(entry, `字段 ${target} 必须有来源`);
  return record;
}

function changedFields(base: Fields, entry: MapEntry, reader: OverrideReader): Fields {
  const fields: Partial<Record<TargetName, FieldRule | readonly FieldRule[]>> = { ...base };
  for (const field of reader.entries(entry.value, entry.path, TARGET_NAMES)) {
    const target = field.key;
    if (!isTarget(target)) continue;
    const { value } = field;
    if (value.kind === 'text' && value.none) fields[target] = [];
    else if (value.kind === 'list') fields[target] = value.items.map((item, at) => readRule(item, `${field.path}[${String(at + 1)}]`, target, reader));
    else fields[target] = readRule(value, field.path, target, reader);
  }
  return fields;
}
