import { DrugCatalogue } from '../catalogue/drug-store.ts';
import { nationalPolicy } from '../checks/national-policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { RecallBook } from '../recall/recall-book.ts';
import { createReceiving, type Receiving } from './receiving.ts';

interface Deps { readonly driver: SqlDriver; readonly clock: Clock; readonly log: Log; readonly receiving?: Receiving }

const made = new WeakMap<SqlDriver, Receiving>();

/** @returns the receiving that was handed in, or one on the same store under the national rules */
export function receivingOf(deps: Deps): Receiving {
  if (deps.receiving !== undefined) return deps.receiving;
  const known = made.get(deps.driver);
  if (known !== undefined) return known;
  const fresh = createReceiving({ driver: deps.driver, clock: deps.clock, log: deps.log, catalogue: new DrugCatalogue(), recalls: new RecallBook(), policy: nationalPolicy });
  made.set(deps.driver, fresh);
  return fresh;
}
