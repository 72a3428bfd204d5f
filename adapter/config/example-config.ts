import { settings as DELIVERY_TABLE } from '../delivery/settings.ts';
import type { Setting, SettingTable } from '../ports/settings.ts';
import { HTTP_TABLE, INSTITUTION_TABLE, LOG_TABLE, RETENTION_TABLE, SECURITY_TABLE, STORE_TABLE } from './config-table.ts';
import type { ConfigParts } from './config.ts';
import { formatDuration } from './setting-value.ts';

/** What `init` knows of the site. */
export interface ExampleSite { readonly code: string; readonly name: string; readonly region: string; readonly province?: string; readonly level?: number; /** a source in use: lines of its entry under `sources`, without secrets */ readonly source?: readonly string[] }

/**
 * A commented `his-trace.yaml`: every setting of the product and of the connectors, the optional ones commented out with
 * their defaults. Sources and destinations are commented out whole, so that the file is valid as it stands.
 */
export function exampleConfig(parts: ConfigParts, site: ExampleSite): string {
  const lines = [
    '# his-trace.yaml — 药品追溯码前置机配置。密钥只写 "${环境变量}" 或 "file:路径"；改好后运行 his-trace check。',
    'role: hospital          # hospital 医院 | hub 平台',
    'institutions:',
    ...institutionLines(site),
    'store:',
    ...settingLines(STORE_TABLE, '  '),
    'http:',
    ...settingLines({ ...HTTP_TABLE, ...parts.httpSections }, '  '),
    '',
    '# 来源：HIS 的数据从哪里来。每项一个名称；去掉 # 启用。REST 接口（POST /api/v1/events）始终可用。',
    'sources:',
    ...(site.source ?? []).map((line) => `  ${line}`),
    ...parts.sources.flatMap((connector) => entryLines(connector.name, { connector: connector.name, mapping: parts.mappings[0]?.name }, connector.settings)),
    '',
    '# 上报目标：报给哪些平台。',
    'destinations:',
    ...parts.destinations.flatMap((connector) => entryLines(connector.name, { connector: connector.name }, connector.settings)),
    '',
    '# 上报节奏：重试与查询的间隔，一般不用改。',
    'delivery:',
    ...settingLines(DELIVERY_TABLE, '  '),
    '# 保存期限：只清理已了结事件的原始报文，台账、事件、上报记录不清理。',
    'retention:',
    ...settingLines(RETENTION_TABLE, '  '),
    'security:',
    ...settingLines(SECURITY_TABLE, '  '),
    'log:',
    ...settingLines(LOG_TABLE, '  '),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function institutionLines(site: ExampleSite): readonly string[] {
  const given: Readonly<Record<string, string | undefined>> = {
    code: site.code, name: site.name, region: `"${site.region}"`, province: site.province, level: site.level === undefined ? undefined : String(site.level),
  };
  return Object.entries(INSTITUTION_TABLE).flatMap(([key, setting], index) => {
    const lead = index === 0 ? '  - ' : '    ';
    const value = given[key];
    return value === undefined ? settingLines({ [key]: setting }, '    ') : [`${lead}${key}: ${value}`.padEnd(34) + `# ${setting.label}`];
  });
}

function entryLines(name: string, common: Readonly<Record<string, string | undefined>>, table: SettingTable): readonly string[] {
  const own = Object.entries(common).flatMap(([key, value]) => (value === undefined ? [] : [`    ${key}: ${value}`]));
  return [`  ${name}:`, ...own, ...settingLines(table, '    ')].map((line) => `  # ${line.slice(2)}`);
}

/** @returns the settings as YAML lines, each with its Chinese label; what is not required stands as a comment with its default */
export function settingLines(table: SettingTable, indent: string): readonly string[] {
  return Object.entries(table).flatMap(([key, setting]) => {
    if (setting.kind === 'section') {
      const inner = settingLines(setting.fields, `${indent}  `);
      const used = inner.some((line) => !line.trimStart().startsWith('#'));
      return [`${indent}${used ? '' : '# '}${key}:`.padEnd(34) + `# ${setting.label}`, ...inner];
    }
    const head = `${indent}${setting.required === true ? '' : '# '}${key}: ${valueText(setting)}`;
    return [`${head.padEnd(34)}${head.length >= 34 ? '  ' : ''}# ${setting.label}${setting.required === true ? '（必填）' : ''}`];
  });
}

function valueText(setting: Exclude<Setting, { kind: 'section' }>): string {
  if (setting.secret === true) return setting.example ?? '"${ENV_NAME}"';
  if (setting.kind === 'list') return setting.example ?? '[]';
  if (setting.kind === 'map') return setting.example ?? '{}';
  const fallback = setting.default === undefined ? undefined : setting.kind === 'duration' ? formatDuration(setting.default) : setting.kind === 'text' ? JSON.stringify(setting.default) : String(setting.default);
  return fallback ?? setting.example ?? '""';
}
