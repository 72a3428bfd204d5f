import type { Drug } from '../domain/drug.ts';
import type { SqlQuery } from './sql-driver.ts';

/** The drug catalogue of an institution, as seen inside a transaction. */
export interface DrugLookup {
  /** @returns the known ones among the HIS drug ids */
  lookup(q: SqlQuery, institution: string, ids: readonly string[]): Promise<ReadonlyMap<string, Drug>>;
}
