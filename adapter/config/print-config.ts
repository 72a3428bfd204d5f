import { stringify } from 'yaml';
import { settings as DELIVERY_TABLE } from '../delivery/settings.ts';
import type { Setting, SettingTable } from '../ports/settings.ts';
import { HTTP_TABLE, LOG_TABLE, RETENTION_TABLE, SECURITY_TABLE } from './config-table.ts';
import type { Config, ConfigParts } from './config.ts';
import { formatDuration, maskUrlPassword } from './setting-value.ts';

const MASK = '******';

/** @returns the configuration in effect as YAML, defaults put in, secrets masked: safe to show and to send on */
export function printConfig(config: Config, parts: ConfigParts): string {
  const entry = (connectors: readonly { readonly name: string; readonly settings: SettingTable }[], item: { readonly connector: string; readonly settings: Readonly<Record<string, unknown>> }): unknown =>
    maskSettings(connectors.find((connector) => connector.name === item.connector)?.settings ?? {}, item.settings);
  const tls = config.http.tls;
  return stringify({
    role: config.role,
    institutions: config.institutions,
    store: { ...config.store, url: maskUrlPassword(config.store.url) },
    http: {
      host: config.http.host, port: config.http.port,
      ...Object.fromEntries(Object.entries(parts.httpSections ?? {}).map(([name, section]) => [name, maskSettings(section.fields, config.http.sections?.[name] ?? {})])),
      ...(tls === undefined ? {} : { tls: maskSettings(HTTP_TABLE.tls.fields, { cert: '(PEM)', key: tls.key, ...(tls.clientCa === undefined ? {} : { clientCa: '(PEM)' }) }) }),
    },
    sources: Object.fromEntries(config.sources.map((source) => [source.name, {
      connector: source.connector, ...(source.mapping === undefined ? {} : { mapping: source.mapping }), ...(source.changed === undefined ? {} : { mappingFile: source.changed.file }), institution: source.institution,
      ...(entry(parts.sources, source) as object),
    }])),
    destinations: Object.fromEntries(config.destinations.map((destination) => [destination.name, { connector: destination.connector, ...(destination.products === undefined ? {} : { products: destination.products }), ...(entry(parts.destinations, destination) as object) }])),
    delivery: maskSettings(DELIVERY_TABLE, config.delivery),
    retention: maskSettings(RETENTION_TABLE, config.retention),
    security: maskSettings(SECURITY_TABLE, config.security),
    log: maskSettings(LOG_TABLE, config.log),
  }, { lineWidth: 0 });
}

/** @returns the values of a settings table with secrets masked and durations written as people write them; anything not in the table is left out */
export function maskSettings(table: SettingTable, values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const value = values[key];
    if (value !== undefined) shown[key] = maskValue(setting, value);
  }
  return shown;
}

function maskValue(setting: Setting, value: unknown): unknown {
  if (setting.secret === true) return MASK;
  if (setting.kind === 'section') return maskSettings(setting.fields, value as Readonly<Record<string, unknown>>);
  if (setting.kind === 'list' && setting.of !== 'text') {
    const fields = setting.of;
    return (value as readonly Readonly<Record<string, unknown>>[]).map((item) => maskSettings(fields, item));
  }
  if (setting.kind === 'duration') return formatDuration(value as number);
  return setting.kind === 'url' || setting.kind === 'text' ? maskUrlPassword(value as string) : value;
}
