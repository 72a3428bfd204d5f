import type { Setting, SettingTable, SettingsOf } from '../ports/settings.ts';
import { nearestName } from './nearest-name.ts';
import type { Place } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';
import { readScalar } from './setting-value.ts';
import type { Reading } from './substitute.ts';
import { substitute } from './substitute.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';
import { isBlank } from './yaml-tree.ts';

/**
 * Checks a part of the file against a settings table and gives the typed value. Every problem is noted in
 * `reading.problems`; after one the value is incomplete and must not be used.
 * @param node undefined when the part is not in the file: defaults apply, required settings are problems
 * @param options.alsoKnown keys that belong here but are read elsewhere (`connector`, `mapping`)
 */
export function readSettings<const Table extends SettingTable>(
  table: Table, node: YamlNode | undefined, place: Place, reading: Reading, options: { readonly alsoKnown?: readonly string[] } = {},
): SettingsOf<Table> {
  const entries = entriesOf(node, place, reading);
  const alsoKnown = options.alsoKnown ?? [];
  const known = [...alsoKnown, ...Object.keys(table)];
  for (const entry of entries) {
    if (Object.hasOwn(table, entry.key) || alsoKnown.includes(entry.key)) continue;
    reading.problems.push(problemAt({ line: entry.line, path: join(place.path, entry.key) }, problemText.unknownKey(entry.key, nearestName(entry.key, known), known)));
  }
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const entry = entries.find((candidate) => candidate.key === key);
    const value = readSetting(setting, key, entry, { line: entry?.line ?? place.line, path: join(place.path, key) }, reading);
    if (value !== undefined) values[key] = value;
  }
  return values as SettingsOf<Table>;
}

/** @returns the entries of a map; a blank node counts as an empty one, anything else is a problem */
export function entriesOf(node: YamlNode | undefined, place: Place, reading: Reading): readonly YamlEntry[] {
  if (node === undefined || isBlank(node)) return [];
  if (node.kind === 'map') return node.entries;
  reading.problems.push(problemAt({ ...place, line: node.line }, problemText.shape('map')));
  return [];
}

/** @returns `sources.his-hl7` */
export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function readSetting(setting: Setting, key: string, entry: YamlEntry | undefined, place: Place, reading: Reading): unknown {
  const node = entry === undefined || isBlank(entry.value) ? undefined : entry.value;
  if (setting.kind === 'section') return readSettings(setting.fields, node, place, reading);
  const emptyText = node?.kind === 'text' && node.value.trim() === '';
  if (node === undefined || (emptyText && (setting.required === true || setting.kind !== 'text'))) return whenAbsent(setting, key, place, reading);
  if (setting.kind === 'map') return readMap(node, place, reading);
  if (setting.kind === 'list') return readList(setting.of, node, place, reading);
  return emptyText ? '' : readScalar(setting, node, key, place, reading);
}

function whenAbsent(setting: Exclude<Setting, { kind: 'section' }>, key: string, place: Place, reading: Reading): unknown {
  if (setting.required === true) {
    reading.problems.push(problemAt(place, problemText.missing(key, setting.label, setting.secret === true ? '"${ENV_NAME}"' : setting.example)));
    return undefined;
  }
  if (setting.kind === 'map') return {};
  return setting.kind === 'list' ? [] : setting.default;
}

function readMap(node: YamlNode, place: Place, reading: Reading): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const entry of entriesOf(node, place, reading)) {
    const at = { line: entry.line, path: join(place.path, entry.key) };
    const text = readText(entry.value, at, reading);
    if (text !== undefined) Object.defineProperty(values, entry.key, { value: text, enumerable: true, configurable: true, writable: true });
  }
  return values;
}

function readList(of: SettingTable | 'text', node: YamlNode, place: Place, reading: Reading): readonly unknown[] {
  // one value may stand for a list of one
  const items = node.kind === 'list' ? node.items : of === 'text' || node.kind === 'map' ? [node] : undefined;
  if (items === undefined) {
    reading.problems.push(problemAt(place, problemText.shape('list')));
    return [];
  }
  return items.map((item, index) => {
    const at = { line: item.line, path: `${place.path}[${String(index)}]` };
    return of === 'text' ? readText(item, at, reading) : readSettings(of, item, at, reading);
  });
}

function readText(node: YamlNode, place: Place, reading: Reading): string | undefined {
  if (node.kind === 'text') return substitute(node.value, place, reading);
  reading.problems.push(problemAt(place, problemText.shape('text')));
  return undefined;
}
