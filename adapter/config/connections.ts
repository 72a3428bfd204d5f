import type { DestinationConnector } from '../ports/destination.ts';
import type { HisMapping } from '../ports/his-mapping.ts';
import type { HisSourceConnector } from '../ports/his-source.ts';
import type { Institution } from '../ports/institution.ts';
import type { SettingTable } from '../ports/settings.ts';
import { DESTINATION_TABLE, SOURCE_TABLE } from './config-table.ts';
import { readMappingFile } from './mapping-file.ts';
import type { ConfigParts, DestinationConfig, SourceConfig } from './config.ts';
import { nearestName } from './nearest-name.ts';
import type { Place } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';
import { entriesOf, join, readSettings } from './settings-table.ts';
import type { Reading } from './substitute.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** The names under which `POST /api/v1/events` and `POST /soap/his` file records without a `source`; they are always there. */
const BUILT_IN_SOURCES: readonly string[] = ['his-rest', 'his-soap'];

export interface SourceParts {
  readonly connectors: readonly HisSourceConnector[];
  readonly mappings: readonly HisMapping[];
  readonly changedMapping?: ConfigParts['changedMapping'];
  readonly institutions: readonly Institution[];
}

/** @returns the entries under `sources`, each checked against its connector's own table */
export function readSources(node: YamlNode | undefined, place: Place, parts: SourceParts, reading: Reading): readonly SourceConfig[] {
  return entriesOf(node, place, reading).flatMap((entry) => {
    const at = { line: entry.line, path: join(place.path, entry.key) };
    checkName(entry, at, reading);
    const common = readCommon(SOURCE_TABLE, entry, at, reading);
    if (BUILT_IN_SOURCES.includes(entry.key) && common.connector !== entry.key) reading.problems.push(problemAt(at, problemText.entryNameReserved(entry.key)));
    const connector = connectorOf('source', common.connector, parts.connectors, entry, at, reading);
    const mapping = mappingOf(common.mapping, parts.mappings, entry, at, reading);
    const institution = institutionOf(common.institution, parts.institutions, entry, at, reading);
    const changed = common.mappingFile === undefined ? undefined
      : readMappingFile(common.mappingFile, { base: parts.mappings.find(({ name }) => name === mapping), change: parts.changedMapping, hl7Only: connector?.ownThread === true, place: placeOf(entry, 'mappingFile', at) }, reading);
    if (connector === undefined) return [];
    const settings = readSettings(connector.settings, entry.value, at, reading, { alsoKnown: Object.keys(SOURCE_TABLE) });
    return [{ name: entry.key, connector: connector.name, ...(mapping === undefined ? {} : { mapping }), ...(changed === undefined ? {} : { changed }), institution, settings }];
  });
}

/** @returns the entries under `destinations`, each checked against its connector's own table */
export function readDestinations(node: YamlNode | undefined, place: Place, connectors: readonly DestinationConnector[], reading: Reading): readonly DestinationConfig[] {
  return entriesOf(node, place, reading).flatMap((entry) => {
    const at = { line: entry.line, path: join(place.path, entry.key) };
    checkName(entry, at, reading);
    const common = readCommon(DESTINATION_TABLE, entry, at, reading);
    const connector = connectorOf('destination', common.connector, connectors, entry, at, reading);
    if (connector === undefined) return [];
    const settings = readSettings(connector.settings, entry.value, at, reading, { alsoKnown: Object.keys(DESTINATION_TABLE) });
    const said = entriesOf(entry.value, at, reading).some(({ key }) => key === 'products');
    if (said && connector.side !== 'holder') reading.problems.push(problemAt(placeOf(entry, 'products', at), problemText.productsOfInsurance()));
    return [{ name: entry.key, connector: connector.name, ...(said ? { products: common.products } : {}), settings }];
  });
}

/** Reads the keys every entry has; the others are checked against the connector's table. */
function readCommon<const Table extends SettingTable>(table: Table, entry: YamlEntry, at: Place, reading: Reading): ReturnType<typeof readSettings<Table>> {
  const entries = entriesOf(entry.value, at, reading).filter(({ key }) => Object.hasOwn(table, key));
  return readSettings(table, { kind: 'map', line: entry.line, entries }, at, reading);
}

function connectorOf<Connector extends { readonly name: string }>(
  kind: 'source' | 'destination', name: string | undefined, connectors: readonly Connector[], entry: YamlEntry, at: Place, reading: Reading,
): Connector | undefined {
  if (name === undefined) return undefined; // noted as missing already
  const found = connectors.find((connector) => connector.name === name);
  if (found !== undefined) return found;
  const known = connectors.map((connector) => connector.name);
  reading.problems.push(problemAt(placeOf(entry, 'connector', at), problemText.connectorUnknown(name, kind, known, nearestName(name, known))));
  return undefined;
}

function mappingOf(name: string | undefined, mappings: readonly HisMapping[], entry: YamlEntry, at: Place, reading: Reading): string | undefined {
  const known = mappings.map((mapping) => mapping.name);
  if (name === undefined) return known.includes('standard') ? 'standard' : undefined;
  if (known.includes(name)) return name;
  reading.problems.push(problemAt(placeOf(entry, 'mapping', at), problemText.mappingUnknown(name, known, nearestName(name, known))));
  return undefined;
}

function institutionOf(code: string | undefined, institutions: readonly Institution[], entry: YamlEntry, at: Place, reading: Reading): string {
  const known = institutions.map((institution) => institution.code);
  if (code === undefined || known.includes(code)) return code ?? known[0] ?? '';
  reading.problems.push(problemAt(placeOf(entry, 'institution', at), problemText.institutionUnknown(code, known)));
  return code;
}

function checkName(entry: YamlEntry, at: Place, reading: Reading): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,39}$/u.test(entry.key)) reading.problems.push(problemAt(at, problemText.entryName(entry.key)));
}

function placeOf(entry: YamlEntry, key: string, at: Place): Place {
  const found = entry.value.kind === 'map' ? entry.value.entries.find((candidate) => candidate.key === key) : undefined;
  return { line: found?.line ?? at.line, path: join(at.path, key) };
}
