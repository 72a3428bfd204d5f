import type { Drug } from '../domain/drug.ts';

/**
 * A drug as it is on file. One the HIS has closed stays, marked: packs of it are still in stock, come back from wards and have reports under
 * way, all of which need its units and code prefixes.
 */
export type StoredDrug = Drug & { readonly inactive?: true };

/** Writes a drug; what is there under the same id is replaced. */
export const UPSERT = `INSERT INTO drug (institution, drug, name, body, updated_at) VALUES (?,?,?,?,?)
  ON CONFLICT (institution, drug) DO UPDATE SET name = excluded.name, body = excluded.body, updated_at = excluded.updated_at`;

/**
 * Makes every cache of the institution's catalogue stale. The version is the time of the change where that is later, not just the next number:
 * an import whose shared transaction was rolled back after somebody had read through it must not leave its number to the next one, or a
 * cache would take both for the same.
 */
export const BUMP = `INSERT INTO drug_version (institution, version) VALUES (?,?) ON CONFLICT (institution) DO UPDATE
  SET version = CASE WHEN drug_version.version < excluded.version THEN excluded.version ELSE drug_version.version + 1 END`;

/** primary key of drug */
export const SELECT_DRUG = `SELECT body FROM drug WHERE institution = ? AND drug = ?`;
