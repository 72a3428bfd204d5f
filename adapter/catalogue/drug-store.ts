import type { Drug } from '../domain/drug.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { BUMP, SELECT_DRUG, UPSERT } from './stored-drug.ts';

const SELECT_VERSION = `SELECT version FROM drug_version WHERE institution = ?`;
/** drugs kept in memory per institution; a hospital has a few thousand */
const MAX_CACHED = 20_000;
const MAX_INSTITUTIONS = 500;
const ROWS_PER_TRANSACTION = 500;

/**
 * Writes drugs of an institution's catalogue; what is there under the same id is replaced, what is not named stays. A large
 * catalogue takes several transactions, so that the HIS is not kept waiting; importing again completes an interrupted one.
 */
export async function saveDrugs(driver: SqlDriver, institution: string, drugs: readonly Drug[], nowMs: number): Promise<void> {
  // one order for all, so that two imports at once wait for each other instead of locking each other out
  const ordered = [...drugs].sort((a, b) => (a.drug < b.drug ? -1 : a.drug > b.drug ? 1 : 0));
  for (let at = 0; at < ordered.length; at += ROWS_PER_TRANSACTION) {
    await driver.write(async (q) => {
      for (const drug of ordered.slice(at, at + ROWS_PER_TRANSACTION)) await q.run(UPSERT, [institution, drug.drug, drug.name, JSON.stringify(drug), nowMs]);
      await q.run(BUMP, [institution, nowMs]);
    });
  }
}

interface Cached { readonly version: number; readonly drugs: Map<string, Drug | undefined> }

/** The catalogue with a cache per institution, valid while its version in the store stays the same: an import by another process shows at once. */
export class DrugCatalogue implements DrugLookup {
  readonly #cached = new Map<string, Cached>();

  /** @returns the known ones among the HIS drug ids; one query for the version, one more for each id not seen yet */
  async lookup(q: SqlQuery, institution: string, ids: readonly string[]): Promise<ReadonlyMap<string, Drug>> {
    const found = new Map<string, Drug>();
    if (ids.length === 0) return found;
    const cache = await this.#cacheOf(q, institution);
    for (const id of ids) {
      if (!cache.drugs.has(id)) {
        if (cache.drugs.size >= MAX_CACHED) cache.drugs.clear();
        const row = await q.get<{ body: string }>(SELECT_DRUG, [institution, id]);
        cache.drugs.set(id, row === undefined ? undefined : JSON.parse(row.body) as Drug);
      }
      const drug = cache.drugs.get(id);
      if (drug !== undefined) found.set(id, drug);
    }
    return found;
  }

  async #cacheOf(q: SqlQuery, institution: string): Promise<Cached> {
    const version = (await q.get<{ version: number }>(SELECT_VERSION, [institution]))?.version ?? 0;
    const cached = this.#cached.get(institution);
    if (cached?.version === version) return cached;
    // a new object rather than a cleared one: whoever still fills the old one from an older snapshot must not spoil this one
    const fresh: Cached = { version, drugs: new Map() };
    if (this.#cached.size >= MAX_INSTITUTIONS) this.#cached.clear();
    this.#cached.set(institution, fresh);
    return fresh;
  }
}
