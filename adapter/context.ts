import { randomUUID } from 'node:crypto';
import { createCatalogueIntake } from './catalogue/catalogue-intake.ts';
import { tableReader } from './catalogue/csv-stream.ts';
import { DrugCatalogue } from './catalogue/drug-store.ts';
import { configuredPolicy } from './policy/configured-policy.ts';
import type { Config, ConfigParts } from './config/config.ts';
import { createAlerts } from './checks/findings/alert-store.ts';
import { DriftWatch } from './drift/drift-watch.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { resendDeliveries } from './delivery/resend.ts';
import type { RetrySettings } from './delivery/retry-policy.ts';
import { renumbers } from './delivery/new-number.ts';
import { retryFrom } from './delivery/settings.ts';
import { TraceError } from './domain/error.ts';
import type { Operations } from './http/operations.ts';
import type { ReadinessCheck, RestEvents, SoapCalls } from './http/http-deps.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { IntakeService } from './intake/intake.ts';
import { retryQuarantine } from './intake/retry-quarantine.ts';
import { refreshBacklog } from './checks/backlog.ts';
import type { FreeSpace } from './ops/free-space.ts';
import { createMetrics, type Metrics } from './ops/metrics.ts';
import type { Schedule } from './ops/schedule.ts';
import { systemClock } from './ops/system-clock.ts';
import type { CatalogueIntake } from './ports/catalogue-intake.ts';
import type { Clock } from './ports/clock.ts';
import type { Counters } from './ports/counters.ts';
import type { Destination } from './ports/destination.ts';
import type { Interpreter } from './ports/his-record.ts';
import type { HisSource, HisSourceDeps } from './ports/his-source.ts';
import type { Institution } from './ports/institution.ts';
import type { Log } from './ports/log.ts';
import type { FullPolicy } from './ports/policy.ts';
import type { SqlDriver } from './ports/sql-driver.ts';
import { routeHolders } from './routing/route-holders.ts';
import { createCounters } from './store/counters.ts';
import { Numbers } from './store/numbers.ts';
import { createSettlementDesk } from './settlement-help/settlement-desk.ts';
import { scheduledWork } from './scheduled-work.ts';
import { threadsPay } from './source-thread/spawn-thread.ts';
import { ThreadedSource } from './source-thread/threaded-source.ts';

/** Everything a site can switch on, by registry; main.ts passes the real ones. */
export interface Parts extends ConfigParts {
  /** how events are written on the REST wire, which is always on */
  readonly rest: RestEvents;
  readonly interpretRest: Interpreter;
  /** the SOAP wire at /soap/his; left out, there is none */
  readonly soap?: (deps: SoapDeps) => SoapDoor;
}

/** What the SOAP wire is opened with. */
export interface SoapDeps {
  /** checked values of `http.soap` */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly institutions: readonly Institution[];
  readonly clock: Clock;
  readonly log: Log;
}

/** The SOAP wire, and who reads the records it has stored. */
export interface SoapDoor extends SoapCalls {
  readonly interpreters: ReadonlyMap<string, Interpreter>;
}

/** What tests put in place of the real thing. */
export interface ContextOverrides {
  readonly clock?: Clock;
  readonly retry?: Partial<RetrySettings>;
  readonly random?: () => number;
  readonly version?: string;
  /** whether sources that can run in threads of their own; otherwise decided by the machine */
  readonly sourceThreads?: boolean;
}

export interface ContextDeps {
  readonly config: Config;
  readonly parts: Parts;
  readonly driver: SqlDriver;
  readonly log: Log;
  /** no other process works on this store */
  readonly alone: boolean;
  /** the disk under an embedded store, watched; left out: nobody watches */
  readonly space?: FreeSpace;
  readonly overrides?: ContextOverrides;
}

/** The running product: start() opens everything in order, stop() drains and closes within 10 s. */
export interface Service {
  readonly driver: SqlDriver;
  readonly intake: IntakeService;
  readonly dispatcher: Dispatcher;
  readonly destinations: readonly Destination[];
  readonly sources: readonly HisSource[];
  readonly http: HttpServer;
  readonly operations: Operations;
  readonly metrics: Metrics;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the product together from a checked configuration. Opens nothing yet. */
export function createService(deps: ContextDeps): Service {
  const { config, parts, driver, log } = deps;
  const clock = deps.overrides?.clock ?? systemClock;
  const metrics = createMetrics({ log, processMetrics: true });
  const count = (metric: string, labels: Readonly<Record<string, string>>): void => { metrics.count(metric, labels); };
  const counters = createCounters(driver);
  const catalogue = new DrugCatalogue();
  const destinations = makeDestinations(deps, { counters, clock, count });
  const policy = policyOf(config, parts);
  const numbers = new Numbers(counters);
  const dispatcher = new Dispatcher({
    driver, destinations, institutions: config.institutions, catalogue, clock, log, count, alone: deps.alone,
    retry: { ...retryFrom(config.delivery), ...deps.overrides?.retry }, random: deps.overrides?.random ?? Math.random, processId: randomUUID(),
  });
  const intake = new IntakeService({
    driver, numbers, clock, log, count, onTaken: (institution) => { dispatcher.wake(institution); },
    closed: () => (deps.space?.isLow === true ? 'STORE_FULL' : undefined),
    rules: { institution: (code) => config.institutions.find((one) => one.code === code), home: homeOf(config.institutions), policy, destinations, catalogue },
  });
  const resend: Operations['resend'] = (filter, options) => resendDeliveries({ driver, numbers, institutions: config.institutions, destinations, catalogue, policy, clock, onQueued: (institution) => { dispatcher.wake(institution); } }, filter, options);
  const drift = new DriftWatch({
    driver, institutions: config.institutions.map(({ code }) => code), alerts: createAlerts(driver, clock), clock, log, onQueued: (institution) => { dispatcher.wake(institution); },
    renumbers: (name) => destinations.some((destination) => destination.name === name && renumbers(destination)),
    resend: async (institution, deliveryNos) => { for (let at = 0; at < deliveryNos.length; at += 500) await resend({ institution, deliveryNos: deliveryNos.slice(at, at + 500) }, { dryRun: false, by: 'drift' }); },
  });
  const catalogueIntake = createCatalogueIntake({
    driver, numbers, clock, log, count,
    // what waited for these drugs is planned again before the sender is answered
    replan: async (institution, drugs) => { for (const drug of drugs) await resend({ institution, drug, reason: 'DRUG_UNKNOWN' }, { dryRun: false, by: 'catalogue' }); },
  });
  const sources = makeSources(deps, { intake, catalogue: catalogueIntake, counters, clock, count });
  const soapSettings = config.http.sections?.['soap'];
  const soap = soapSettings === undefined ? undefined : parts.soap?.({ settings: soapSettings, institutions: config.institutions, clock, log });
  const interpreters = new Map<string, Interpreter>([[parts.rest.interpreter, parts.interpretRest], ...(soap?.interpreters ?? []), ...sources.map((source) => [source.name, source.interpret] as const)]);
  const operations: Operations = {
    resend,
    retryQuarantine: (filter, options) => retryQuarantine({ driver, intake, interpreters, clock }, filter, options),
    switchDestination: (change) => dispatcher.switch(change, change),
  };
  const open = new Set<string>();
  const backlog = refreshBacklog({ driver, metrics, dispatcher, config });
  metrics.beforeReading(backlog);
  metrics.beforeReading(() => { if (deps.space?.freeBytes !== undefined) metrics.gauge('his_trace_store_free_bytes', deps.space.freeBytes); });
  const scheduled: Schedule[] = [];
  const http = createHttpServer({
    config: config.http,
    deps: {
      driver, intake, rest: parts.rest, ...(soap === undefined ? {} : { soap }), institutions: config.institutions, destinations: destinations.map((destination) => destination.name), operations, scan: { policy }, drift, settlementDesk: createSettlementDesk({ driver, institutions: config.institutions, destinations, catalogue }),
      metrics: () => metrics.text(), readiness: () => readiness({ driver, sources, open, space: deps.space }), count, clock, log, version: deps.overrides?.version ?? '0.0.0',
    },
  });
  return {
    driver, intake, dispatcher, destinations, sources, http, operations, metrics,
    async start() {
      await dispatcher.start();
      drift.start();
      for (const source of sources) {
        await source.start();
        open.add(source.name);
        log.info('source open', { source: source.name, address: source.address() });
      }
      scheduled.push(...scheduledWork({ driver, config, log, metrics, clock }));
      await http.start();
      log.info('service ready', { http: http.address() });
    },
    async stop() {
      // first the doors, then what is in hand, then the platforms, then the store
      await Promise.allSettled([...sources.map((source) => source.stop()), http.stop()]);
      open.clear();
      await Promise.all(scheduled.splice(0).map((one) => one.stop()));
      await intake.stop();
      await drift.stop();
      await dispatcher.stop();
    },
  };
}

export interface Shared { readonly counters: Counters; readonly clock: Clock; readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void }

export function makeDestinations({ config, parts, log }: ContextDeps, { counters, clock, count }: Shared): readonly Destination[] {
  return routeHolders(config.destinations.map((entry) => {
    const connector = connectorNamed(parts.destinations, entry.connector);
    const destination = connector.create({ name: entry.name, settings: entry.settings, institutions: config.institutions, clock, log, counters, count });
    return { destination, holderSide: connector.side === 'holder', products: entry.products };
  }));
}

export function makeSources({ config, parts, log, overrides }: ContextDeps, shared: Shared & { readonly intake: IntakeService; readonly catalogue: CatalogueIntake }): readonly HisSource[] {
  // a clock of a test cannot be sent to a thread
  const threads = overrides?.sourceThreads ?? (overrides?.clock === undefined && threadsPay());
  return config.sources.map((entry) => {
    const connector = connectorNamed(parts.sources, entry.connector);
    // a connector that has the setting itself is told only what was written: silence lets it look at the message
    const settings: Readonly<Record<string, unknown>> = Object.hasOwn(connector.settings, 'institution') ? entry.settings : { ...entry.settings, institution: entry.institution };
    const given: HisSourceDeps<unknown> = {
      ...shared, name: entry.name, settings, mapping: entry.changed?.mapping ?? parts.mappings.find((mapping) => mapping.name === entry.mapping), institutions: config.institutions, log, tables: tableReader,
    };
    const local = connector.create(given);
    if (!threads || connector.ownThread !== true || settings['ownThread'] === false) return local;
    return new ThreadedSource({ ...shared, setup: { name: entry.name, connector: entry.connector, mapping: entry.mapping, settings, institutions: config.institutions }, local, log });
  });
}

/** Records of a hub that name no institution of it belong to nobody and are filed so; a single hospital's are its own. */
export function homeOf(institutions: readonly Institution[]): Institution | undefined {
  return institutions.length === 1 ? institutions[0] : { code: '*', name: '未归属', region: '', level: 3 };
}

function connectorNamed<C extends { readonly name: string }>(connectors: readonly C[], name: string): C {
  const found = connectors.find((connector) => connector.name === name);
  if (found === undefined) throw new TraceError('CONFIG_INVALID', name);
  return found;
}

/** The province's pack where one is installed; the national exemptions otherwise. */
export function policyOf(config: Config, parts: Parts): FullPolicy {
  return configuredPolicy(parts.packs ?? [], config.rules);
}

async function readiness({ driver, sources, open, space }: { readonly driver: SqlDriver; readonly sources: readonly HisSource[]; readonly open: ReadonlySet<string>; readonly space: FreeSpace | undefined }): Promise<ReadinessCheck[]> {
  const checks: ReadinessCheck[] = [];
  try {
    await driver.write((q) => q.run(`INSERT INTO counter (institution, name, text_value) VALUES ('*', 'readiness', ?) ON CONFLICT (institution, name) DO UPDATE SET text_value = excluded.text_value`, [String(systemClock.now())]));
    checks.push({ what: 'store', ok: true, detail: '数据库可写', en: 'the store can be written' });
  } catch (error) {
    const code = error instanceof TraceError ? error.code : 'STORE_UNAVAILABLE';
    checks.push({ what: 'store', ok: false, detail: '写入检查未通过', en: 'a test write failed', code });
  }
  if (space !== undefined && space.minFreeMB > 0) checks.push(diskCheck(space));
  for (const source of sources) {
    const ok = open.has(source.name) && !(source instanceof ThreadedSource && !source.isOpen);
    checks.push({ what: source.name, ok, detail: ok ? `来源 ${source.name} 已打开` : `来源 ${source.name} 未打开`, en: ok ? `source ${source.name} is open` : `source ${source.name} is not open` });
  }
  return checks;
}

function diskCheck(space: FreeSpace): ReadinessCheck {
  const free = space.freeBytes === undefined ? '?' : String(Math.floor(space.freeBytes / 1_048_576));
  const least = String(space.minFreeMB);
  if (!space.isLow) return { what: 'disk', ok: true, detail: `数据盘剩余 ${free} MB（下限 ${least} MB）`, en: `${free} MB free on the disk of the store (at least ${least} MB)` };
  return { what: 'disk', ok: false, code: 'STORE_FULL', detail: `数据盘剩余 ${free} MB，低于 store.minFreeMB 的 ${least} MB`, en: `${free} MB free on the disk of the store, less than the ${least} MB of store.minFreeMB` };
}
