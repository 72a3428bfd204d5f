import type { DeliverySettings } from '../delivery/settings.ts';
import type { DestinationConnector } from '../ports/destination.ts';
import type { HisMapping } from '../ports/his-mapping.ts';
import type { HisSourceConnector } from '../ports/his-source.ts';
import type { Institution } from '../ports/institution.ts';
import type { Setting } from '../ports/settings.ts';
import type { ProductSettings } from '../routing/settings.ts';

/** What is wrong in a `mappingFile`: line there, path, and in Chinese what to mend. */
export interface MappingProblem { readonly line: number; readonly path: string; readonly reason: string }

/** The parts a configuration may name; main.ts passes the registries, tests pass what they like. */
import type { ProvincePack } from '../ports/province-pack.ts';
import type { RuleOverrides } from '../policy/settings.ts';
export interface ConfigParts {
  readonly sources: readonly HisSourceConnector[];
  readonly destinations: readonly DestinationConnector[];
  readonly mappings: readonly HisMapping[];
  /** rules of the provinces on board; `rules:` may name their exemptions */
  readonly packs?: readonly ProvincePack[];
  /**
   * Puts a site's changes on a mapping of rows: the text of `mappingFile`. Left out: there are no such changes.
   * @returns undefined for a mapping that has no table of rows
   */
  readonly changedMapping?: (mapping: HisMapping, yamlText: string) => { readonly mapping: HisMapping } | { readonly problems: readonly MappingProblem[] } | undefined;
  /** sections under `http` that a connector brings: `soap` */
  readonly httpSections?: Readonly<Record<string, Extract<Setting, { kind: 'section' }>>>;
}

export interface SourceConfig {
  /** key under `sources` */
  readonly name: string;
  readonly connector: string;
  /** name of a known mapping; undefined when none was named and there is no `standard` */
  readonly mapping?: string;
  /** the mapping with the site's changes (`mappingFile`), in place of the known one */
  readonly changed?: { readonly file: string; readonly mapping: HisMapping };
  /** institution a record is filed under when it names none */
  readonly institution: string;
  /** checked against the connector's table */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface DestinationConfig {
  /** key under `destinations` */
  readonly name: string;
  readonly connector: string;
  /** what a holder's system answers for; undefined when nothing was said */
  readonly products?: ProductSettings;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The whole configuration, checked: whoever holds one need not look for mistakes again. */
export interface Config {
  readonly role: 'hospital' | 'hub';
  /** at least one */
  readonly institutions: readonly Institution[];
  /** `file:PATH` or `postgres://…`, passwords put in */
  readonly store: { readonly url: string; /** MB that must stay free on the disk of an embedded store; 0 = not watched */ readonly minFreeMB: number };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** PEM texts */
    readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
    /** values of the sections connectors bring, by key; checked against their tables */
    readonly sections?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly sources: readonly SourceConfig[];
  readonly destinations: readonly DestinationConfig[];
  readonly delivery: DeliverySettings;
  readonly retention: { /** 0 = for ever */ readonly rawRecordDays: number; /** wins over log.keepDays */ readonly logDays?: number };
  /** departures from the province's pack, each with its reason */
  readonly rules?: RuleOverrides;
  readonly security: { readonly tokenDays: number };
  readonly log: { readonly dir?: string; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly keepDays: number };
}
