/**
 * The tables of the READMEs that come from the code: between `<!-- table:NAME -->` and `<!-- /table -->`.
 * `npx tsx test/tidy/readme-tables.ts --write` refreshes them; a test fails when they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DESTINATION_TABLE, HTTP_TABLE, INSTITUTION_TABLE, LOG_TABLE, RETENTION_TABLE, ROLE_TABLE, SECURITY_TABLE, SOURCE_TABLE, STORE_TABLE } from '../../adapter/config/config-table.ts';
import { settingsMarkdown } from '../../adapter/config/settings-markdown.ts';
import { settings as DELIVERY_TABLE } from '../../adapter/delivery/settings.ts';
import { RULES_TABLE } from '../../adapter/policy/settings.ts';
import { ERRORS } from '../../adapter/domain/error.ts';
import type { Language } from '../../adapter/domain/error.ts';
import { eventFieldsMarkdown, eventKindsMarkdown } from '../../adapter/http/event-fields-markdown.ts';
import { ROUTES } from '../../adapter/http/registry.ts';
import { METRICS } from '../../adapter/ops/metric-table.ts';
import { FINDING_CODES } from '../../adapter/domain/finding.ts';
import { findingText } from '../../adapter/domain/finding-text.ts';
import { FAULT_REASONS } from '../../adapter/domain/outcome.ts';
import { faultText } from '../../adapter/domain/fault-text.ts';
import type { SettingTable } from '../../adapter/ports/settings.ts';
import { settings as soapTable } from '../../connectors/his-soap/settings.ts';
import { destinations, sources } from '../../connectors/registry.ts';
import { ROOT } from './repository-files.ts';

/** READMEs with tables, and the language of each. */
export const READMES: Readonly<Record<string, Language>> = { 'README.md': 'en', 'README.zh-CN.md': 'zh' };

const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = (rows: readonly (readonly string[])[]): string => [rows[0] ?? [], (rows[0] ?? []).map(() => '---'), ...rows.slice(1)].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function errorTable(language: Language): string {
  const zh = language === 'zh';
  return table([
    zh ? ['错误码', 'HTTP', '含义', '处理办法'] : ['code', 'HTTP', 'meaning', 'what to do'],
    ...Object.entries(ERRORS).map(([code, text]) => [`\`${code}\``, String(text.status), zh ? text.zh : text.en, zh ? text.actionZh : text.actionEn]),
  ]);
}

function metricTable(language: Language): string {
  const zh = language === 'zh';
  return table([
    zh ? ['指标', '类型', '标签', '含义'] : ['metric', 'kind', 'labels', 'meaning'],
    ...Object.entries(METRICS).map(([name, metric]) => [`\`${name}\``, metric.kind, metric.labels.map((label) => `\`${label}\``).join(' '), zh ? metric.zh : metric.help]),
  ]);
}

function routeTable(language: Language): string {
  const zh = language === 'zh';
  return table([
    zh ? ['方法', '路径', '用途', '角色'] : ['method', 'path', 'operation', 'roles'],
    ...ROUTES.map((route) => [
      route.method.toUpperCase(), `\`${route.path}\``, zh ? route.summary : `\`${route.operation}\``,
      route.roles === 'anyone' ? (zh ? '无需令牌' : 'no token') : route.roles.map((role) => `\`${role}\``).join(' '),
    ]),
  ]);
}

function wordTable(codes: readonly (readonly [string, { readonly message: string; readonly action: string }])[], language: Language): string {
  return table([language === 'zh' ? ['代码', '含义', '处理办法'] : ['code', 'meaning', 'what to do'], ...codes.map(([code, { message, action }]) => [`\`${code}\``, message, action])]);
}

const settings = (of: SettingTable) => (language: Language): string => settingsMarkdown(of, language);

/** Name of each table → its text in a language. */
export const TABLES: Readonly<Record<string, (language: Language) => string>> = {
  'role': settings(ROLE_TABLE), 'institutions': settings(INSTITUTION_TABLE), 'store': settings(STORE_TABLE), 'http': settings(HTTP_TABLE), 'http-soap': settings(soapTable),
  'delivery': settings(DELIVERY_TABLE), 'rules': settings(RULES_TABLE), 'retention': settings(RETENTION_TABLE), 'security': settings(SECURITY_TABLE), 'log': settings(LOG_TABLE), 'source': settings(SOURCE_TABLE), 'destination': settings(DESTINATION_TABLE),
  ...Object.fromEntries([...sources, ...destinations].map((connector) => [connector.name, settings(connector.settings)])),
  'event-fields': eventFieldsMarkdown, 'event-kinds': eventKindsMarkdown,
  'routes': routeTable,
  'errors': errorTable,
  'findings': (language) => wordTable(FINDING_CODES.map((code) => [code, findingText(code, language)]), language),
  'faults': (language) => wordTable(FAULT_REASONS.map((reason) => [reason, faultText(reason, language)]), language),
  'metrics': metricTable,
};

const MARKED = /<!-- table:([\w-]+) -->\n[\s\S]*?<!-- \/table -->/g;

/** @returns the README with every table as the code has it. @throws for a table the code does not know */
export function withTables(text: string, language: Language): string {
  return text.replace(MARKED, (_whole, name: string) => {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`README names an unknown table: ${name}`);
    return `<!-- table:${name} -->\n${make(language)}\n<!-- /table -->`;
  });
}

/** @returns names of the tables a README shows */
export function tablesIn(text: string): readonly string[] {
  return [...text.matchAll(MARKED)].map((match) => match[1] ?? '');
}

if (process.argv.includes('--write') && import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, language] of Object.entries(READMES)) {
    const path = join(ROOT, name);
    writeFileSync(path, withTables(readFileSync(path, 'utf8'), language));
  }
}
