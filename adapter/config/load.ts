import { problemsOfDelivery, settings as DELIVERY_TABLE } from '../delivery/settings.ts';
import type { Institution } from '../ports/institution.ts';
import { EMPTY_SECTIONS, HTTP_TABLE, LOG_TABLE, RETENTION_TABLE, ROLE_TABLE, SECURITY_TABLE, STORE_TABLE, TOP_LEVEL_KEYS } from './config-table.ts';
import type { Config, ConfigParts } from './config.ts';
import { readDestinations, readSources } from './connections.ts';
import { readInstitutions } from './institutions.ts';
import { readRules } from '../policy/read-rules.ts';
import { nearestName } from './nearest-name.ts';
import type { ConfigProblem } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';
import { maskUrlPassword } from './setting-value.ts';
import { entriesOf, readSettings } from './settings-table.ts';
import type { Reading } from './substitute.ts';
import { readText } from './substitute.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';
import { isBlank, parseYamlTree } from './yaml-tree.ts';

export type LoadedConfig =
  | { readonly ok: Config; readonly problems?: never }
  | { readonly ok?: never; readonly problems: readonly ConfigProblem[] };

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** reads a text file whose path is relative to the configuration file; throws when it cannot */
  readonly readFile: (path: string) => string;
  readonly parts: ConfigParts;
}

/**
 * Reads and checks a whole `his-trace.yaml`: the configuration, or every problem at once, each with line, path, reason
 * and remedy. Nothing is opened. Contract section 3.
 */
export function loadConfig(text: string, options: LoadOptions): LoadedConfig {
  const tree = parseYamlTree(text);
  const reading: Reading = { env: options.env, readFile: options.readFile, problems: [...tree.problems] };
  if (tree.root === undefined && tree.problems.length > 0) return { problems: reading.problems };
  const config = readConfig(tree.root, options.parts, reading);
  if (reading.problems.length === 0) return { ok: config };
  const seen = new Set<string>();
  const distinct = reading.problems.filter(({ line, path, reason }) => !seen.has(`${String(line)} ${path} ${reason}`) && seen.add(`${String(line)} ${path} ${reason}`));
  return { problems: distinct.toSorted((a, b) => a.line - b.line) };
}

function readConfig(root: YamlNode | undefined, parts: ConfigParts, reading: Reading): Config {
  const entries = entriesOf(root, { line: 1, path: '' }, reading);
  checkTopLevel(entries, reading);
  const nodeOf = (key: string): YamlNode | undefined => entries.find((entry) => entry.key === key)?.value;
  const placeOf = (key: string): { line: number; path: string } => ({ line: entries.find((entry) => entry.key === key)?.line ?? 0, path: key });
  const section = (key: string): readonly [YamlNode | undefined, { line: number; path: string }, Reading] => [nodeOf(key), placeOf(key), reading];

  const roleEntry = entries.find((entry) => entry.key === 'role');
  const role = readSettings(ROLE_TABLE, roleEntry === undefined ? undefined : { kind: 'map', line: roleEntry.line, entries: [roleEntry] }, { line: 0, path: '' }, reading);
  const institutions: readonly Institution[] = readInstitutions(...section('institutions'));
  return {
    role: role.role,
    institutions,
    store: readStore(...section('store')),
    http: readHttp(nodeOf('http'), placeOf('http'), parts, reading),
    sources: readSources(nodeOf('sources'), placeOf('sources'), { connectors: parts.sources, mappings: parts.mappings, changedMapping: parts.changedMapping, institutions }, reading),
    destinations: readDestinations(nodeOf('destinations'), placeOf('destinations'), parts.destinations, reading),
    delivery: readDelivery(...section('delivery')),
    retention: readSettings(RETENTION_TABLE, ...section('retention')),
    rules: readRules(nodeOf('rules'), placeOf('rules'), reading, { institutions, packs: parts.packs ?? [] }),
    security: readSettings(SECURITY_TABLE, ...section('security')),
    log: readSettings(LOG_TABLE, ...section('log')),
  };
}

function readDelivery(node: YamlNode | undefined, place: { line: number; path: string }, reading: Reading): Config['delivery'] {
  const delivery = readSettings(DELIVERY_TABLE, node, place, reading);
  for (const text of problemsOfDelivery(delivery)) reading.problems.push(problemAt(place, problemText.contradiction(text)));
  return delivery;
}

function checkTopLevel(entries: readonly YamlEntry[], reading: Reading): void {
  for (const { key, line, value } of entries) {
    const place = { line, path: key };
    if (!(TOP_LEVEL_KEYS as readonly string[]).includes(key)) {
      reading.problems.push(problemAt(place, problemText.unknownKey(key, nearestName(key, TOP_LEVEL_KEYS), TOP_LEVEL_KEYS)));
    } else if ((EMPTY_SECTIONS as readonly string[]).includes(key) && !isBlank(value) && entriesOf(value, place, reading).length > 0) {
      reading.problems.push(problemAt(place, problemText.notYet(key)));
    }
  }
}

function readStore(node: YamlNode | undefined, place: { line: number; path: string }, reading: Reading): Config['store'] {
  const before = reading.problems.length;
  const store = readSettings(STORE_TABLE, node, place, reading);
  if (reading.problems.length > before) return store;
  const entry = node?.kind === 'map' ? node.entries.find(({ key }) => key === 'url') : undefined;
  const at = { line: entry?.line ?? place.line, path: 'store.url' };
  const written = entry?.value.kind === 'text' ? entry.value.value : '';
  if (!/^file:.+/.test(store.url) && !/^postgres(ql)?:\/\/[^\s/]/.test(store.url)) reading.problems.push(problemAt(at, problemText.storeUrl()));
  // what is masked and not a reference was written in the clear
  else if (maskUrlPassword(written) !== written && !/:\$\{[^}]*\}@/.test(written)) reading.problems.push(problemAt(at, problemText.urlPassword()));
  return store;
}

function readHttp(node: YamlNode | undefined, place: { line: number; path: string }, parts: ConfigParts, reading: Reading): Config['http'] {
  const { tls, host, port, ...others } = readSettings<typeof HTTP_TABLE>({ ...HTTP_TABLE, ...parts.httpSections }, node, place, reading);
  checkSoapMapping(others, node, place, { parts, reading });
  const plain = { host, port, ...(parts.httpSections === undefined ? {} : { sections: others as NonNullable<Config['http']['sections']> }) };
  if (tls.cert === undefined && tls.key === undefined && tls.clientCa === undefined) return plain;
  const at = { line: place.line, path: 'http.tls' };
  if (tls.cert === undefined || tls.key === undefined) {
    // a key that could not be read has its own problem already
    if (!reading.problems.some((problem) => problem.path.startsWith('http.tls'))) reading.problems.push(problemAt(at, problemText.tlsPair()));
    return plain;
  }
  const cert = pemOf('cert', tls.cert, at, reading);
  const key = pemOf('key', tls.key, at, reading);
  const clientCa = tls.clientCa === undefined ? undefined : pemOf('clientCa', tls.clientCa, at, reading);
  return { ...plain, tls: { cert, key, ...(clientCa === undefined ? {} : { clientCa }) } };
}

/** HL7 v2 messages sent by SOAP need a mapping that reads HL7; the service would not start without. */
function checkSoapMapping(sections: Readonly<Record<string, unknown>>, node: YamlNode | undefined, place: { line: number }, given: { readonly parts: ConfigParts; readonly reading: Reading }): void {
  const { parts, reading } = given;
  const name = (sections['soap'] as { readonly mapping?: unknown } | undefined)?.mapping;
  const known = parts.mappings.map((mapping) => mapping.name);
  if (typeof name !== 'string' || known.includes(name)) return;
  const soap = node?.kind === 'map' ? node.entries.find(({ key }) => key === 'soap') : undefined;
  const entry = soap?.value.kind === 'map' ? soap.value.entries.find(({ key }) => key === 'mapping') : undefined;
  reading.problems.push(problemAt({ line: entry?.line ?? soap?.line ?? place.line, path: 'http.soap.mapping' }, problemText.mappingUnknown(name, known, nearestName(name, known))));
}

/** A PEM text, or a file of it given as `file:PATH` or plain path. */
function pemOf(key: string, value: string, place: { line: number; path: string }, reading: Reading): string {
  const text = value.includes('-----BEGIN') || key === 'key' ? value : readText(value.replace(/^file:/, ''), place, reading);
  if (text !== undefined && !text.includes('-----BEGIN')) reading.problems.push(problemAt(place, problemText.tlsMaterial(key)));
  return text ?? '';
}
