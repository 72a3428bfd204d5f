import type { Language } from '../domain/error.ts';
import type { Setting, SettingTable } from '../ports/settings.ts';
import { formatDuration, rangeOf } from './setting-value.ts';

const HEADS = {
  en: ['key', 'value', 'default', 'meaning', 'example'],
  zh: ['配置项', '取值', '默认', '含义', '示例'],
} as const;

/** @returns a settings table as a Markdown table, sections flattened (`ack.mode`), lists as `peers[].name` */
export function settingsMarkdown(table: SettingTable, language: Language): string {
  const rows = rowsOf(table, '', language);
  return [HEADS[language], HEADS[language].map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowsOf(table: SettingTable, prefix: string, language: Language): readonly (readonly string[])[] {
  return Object.entries(table).flatMap(([key, setting]) => {
    const path = `${prefix}${key}`;
    if (setting.kind === 'section') return rowsOf(setting.fields, `${path}.`, language);
    const own = [`\`${path}\``, valueOf(setting, language), defaultOf(setting, language), cell(language === 'zh' ? meaningOf(setting) : setting.description), exampleOf(setting)];
    return setting.kind === 'list' && setting.of !== 'text' ? [own, ...rowsOf(setting.of, `${path}[].`, language)] : [own];
  });
}

/** The label, and what it means where the table says more. */
const meaningOf = ({ label, meaning }: Setting): string => (meaning === undefined ? label : `${label}：${meaning}`);

const KINDS: Readonly<Record<Exclude<Setting['kind'], 'section' | 'choice'>, { readonly zh: string; readonly en: string }>> = {
  text: { zh: '文字', en: 'text' }, url: { zh: '网址', en: 'URL' }, integer: { zh: '整数', en: 'integer' }, number: { zh: '数字', en: 'number' },
  boolean: { zh: 'true / false', en: 'true / false' }, duration: { zh: '时长', en: 'duration' }, map: { zh: '名称: 值', en: 'name: value' }, list: { zh: '列表', en: 'list' },
};

function valueOf(setting: Exclude<Setting, { kind: 'section' }>, language: Language): string {
  const kind = setting.kind === 'choice' ? setting.choices.map((choice) => `\`${cell(choice)}\``).join(' ') : KINDS[setting.kind][language];
  const range = setting.kind === 'duration' ? rangeOf(setting, formatDuration) : setting.kind === 'integer' || setting.kind === 'number' ? rangeOf(setting, String) : '';
  const secret = setting.secret === true ? { zh: '密钥，', en: 'secret, ' }[language] : '';
  return `${secret}${kind}${range === '' ? '' : ` ${range}`}`;
}

function defaultOf(setting: Exclude<Setting, { kind: 'section' }>, language: Language): string {
  if (setting.required === true) return language === 'zh' ? '必填' : 'required';
  if (!('default' in setting)) return '';
  const value = setting.kind === 'duration' ? formatDuration(setting.default) : String(setting.default);
  return value === '' ? '' : `\`${cell(value)}\``;
}

function exampleOf(setting: Setting): string {
  const example = setting.secret === true ? setting.example ?? '"${ENV_NAME}"' : setting.example;
  return example === undefined ? '' : `\`${cell(example)}\``;
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
