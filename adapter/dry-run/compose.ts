import { DrugCatalogue } from '../catalogue/drug-store.ts';
import type { Config } from '../config/config.ts';
import { homeOf, makeDestinations, makeSources, policyOf, type Parts } from '../context.ts';
import { TraceError } from '../domain/error.ts';
import { IntakeService } from '../intake/intake.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { Interpreter } from '../ports/his-record.ts';
import type { HisSource } from '../ports/his-source.ts';
import { silentLog } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { createCounters } from '../store/counters.ts';
import { Numbers } from '../store/numbers.ts';

/** A clock that stands where it is put: each record is played at the moment at which it came in. */
export class PlayClock implements Clock {
  #now = 0;

  put(ms: number): void {
    this.#now = ms;
  }

  now(): number {
    return this.#now;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => { setImmediate(resolve); });
  }
}

/** The product without its doors and lanes: it can read records, take events and plan reports, and has nothing that could send. */
export interface Player {
  readonly intake: IntakeService;
  readonly clock: PlayClock;
  readonly sources: readonly HisSource[];
  readonly destinations: readonly Destination[];
  /** by the name a record keeps */
  readonly interpreters: ReadonlyMap<string, Interpreter>;
}

const count = (): void => undefined;

/** Puts it together from a checked configuration. Opens nothing; no source or destination is ever started. */
export function createPlayer({ config, parts, driver }: { readonly config: Config; readonly parts: Parts; readonly driver: SqlDriver }): Player {
  const clock = new PlayClock();
  const counters = createCounters(driver);
  const deps = { config, parts, driver, log: silentLog, alone: true, overrides: { clock, sourceThreads: false } };
  const shared = { counters, clock, count };
  const destinations = makeDestinations(deps, shared);
  const intake = new IntakeService({
    driver, numbers: new Numbers(counters), clock, log: silentLog, count, onTaken: () => undefined,
    rules: { institution: (code) => config.institutions.find((one) => one.code === code), home: homeOf(config.institutions), policy: policyOf(config, parts), destinations, catalogue: new DrugCatalogue() },
  });
  const sources = makeSources(deps, { ...shared, intake, catalogue: { submit: () => Promise.reject(new TraceError('STORE_READ_ONLY')) } });
  const soap = config.http.sections?.['soap'];
  const door = soap === undefined ? undefined : parts.soap?.({ settings: soap, institutions: config.institutions, clock, log: silentLog });
  const interpreters = new Map<string, Interpreter>([[parts.rest.interpreter, parts.interpretRest], ...(door?.interpreters ?? []), ...sources.map((source) => [source.name, source.interpret] as const)]);
  return { intake, clock, sources, destinations, interpreters };
}
