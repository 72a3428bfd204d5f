import { EVENT_KINDS } from '../domain/event.ts';
import type { EventKind } from '../domain/event.ts';
import type { Language } from '../domain/error.ts';
import { EVENT_FIELD_TEXTS, KIND_ZH } from './event-field-texts.ts';
import { eventFields, type EventField } from './event-fields.ts';

const TYPES: Readonly<Record<string, string>> = { 'text': '文字', 'true/false': 'true / false', 'array': '列表', 'object': '对象' };
const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = (rows: readonly (readonly string[])[]): string => [rows[0] ?? [], (rows[0] ?? []).map(() => '---'), ...rows.slice(1)].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** @returns the kinds a member is needed for: all of them, none, or their names */
export function requiredFor(field: EventField, language: Language): string {
  const kinds = EVENT_KINDS.filter((kind) => field.needs[kind] === 'required');
  const withLines = EVENT_KINDS.filter((kind) => field.needs[kind] !== 'refused');
  if (kinds.length === 0) return '';
  if (kinds.length === EVENT_KINDS.length) return language === 'zh' ? '全部' : 'all';
  if (kinds.length === withLines.length) return language === 'zh' ? '所有带明细的业务' : 'all with lines';
  return kinds.map((kind) => `\`${kind}\``).join(' ');
}

/** @returns the members of an event with type, meaning, unit and example */
export function eventFieldsMarkdown(language: Language): string {
  const zh = language === 'zh';
  return table([
    zh ? ['字段', '取值', '必填于', '含义与单位', '示例'] : ['member', 'value', 'required for', 'meaning and unit', 'example'],
    ...eventFields().map((field) => {
      const text = EVENT_FIELD_TEXTS[field.path];
      const words = Object.hasOwn(TYPES, field.type) ? (zh ? TYPES[field.type] ?? '' : field.type) : field.path === 'kind' ? (zh ? '业务种类' : 'a kind') : field.type.split(' ').map((word) => `\`${word}\``).join(' ');
      const length = field.maxLength === undefined ? '' : zh ? ` ≤ ${String(field.maxLength)} 字` : ` ≤ ${String(field.maxLength)}`;
      return [`\`${field.path}\``, `${words}${length}`, requiredFor(field, language), text?.[language] ?? '', text?.example === undefined ? '' : `\`${text.example}\``];
    }),
  ]);
}

const MARK = { required: '●', used: '○', refused: '×', none: '' } as const;

function markOf(field: EventField, kind: EventKind): string {
  const need = field.needs[kind];
  if (need !== 'allowed') return MARK[need];
  return EVENT_FIELD_TEXTS[field.path]?.kinds.includes(kind) === true ? MARK.used : MARK.none;
}

/** @returns members × kinds: ● the intake insists, ○ it has a meaning there, × it is refused, blank = kept and of no effect */
export function eventKindsMarkdown(language: Language): string {
  const zh = language === 'zh';
  return table([
    [zh ? '字段' : 'member', ...EVENT_KINDS.map((kind) => (zh ? `${KIND_ZH[kind]}<br>\`${kind}\`` : `\`${kind}\``))],
    ...eventFields().map((field) => [`\`${field.path}\``, ...EVENT_KINDS.map((kind) => markOf(field, kind))]),
  ]);
}
