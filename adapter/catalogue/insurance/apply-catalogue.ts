import type { SqlDriver } from '../../ports/sql-driver.ts';
import { passGate } from '../../store/gate.ts';
import { BUMP, SELECT_DRUG, UPSERT, type StoredDrug } from '../stored-drug.ts';
import type { CatalogueRow } from './catalogue-rows.ts';
import { approvalKey, filled, matchDrug, type MemberChange } from './match-drug.ts';

export interface DrugDifference extends MemberChange { readonly drug: string; readonly code: string }
export interface Unmatched {
  readonly drug: string;
  readonly name: string;
  /** catalogue code on file; undefined when there is none */
  readonly code: string | undefined;
  /** codes of the catalogue with the same approval number, for a person to choose from */
  readonly candidates: readonly string[];
}

export interface CatalogueReport {
  /** rows of the catalogue */
  readonly rows: number;
  /** line numbers that could not be read, at most 100 */
  readonly unreadable: readonly number[];
  readonly matched: number;
  /** drugs in which something empty was filled in */
  readonly filled: number;
  readonly differences: readonly DrugDifference[];
  /** drugs whose code the catalogue has withdrawn */
  readonly withdrawn: readonly { readonly drug: string; readonly code: string }[];
  /** drugs of the hospital that a whole catalogue says nothing about */
  readonly unmatched: readonly Unmatched[];
  /** latest version that was seen; '' when there was none */
  readonly version: string;
}

export interface ApplyOptions {
  readonly institution: string;
  readonly nowMs: number;
  /** false: tells what would change and writes nothing */
  readonly write: boolean;
  readonly signal?: AbortSignal;
}

/** primary key of drug */
export const SELECT_CATALOGUE = 'SELECT body FROM drug WHERE institution = ? AND drug > ? ORDER BY drug LIMIT 1000';
const MOST_UNREADABLE = 100;
const MOST_CANDIDATES = 5;
const AT_ONCE = 100;
const MOST_DRUGS = 200_000;

/**
 * Holds the hospital's drugs against the insurance catalogue by their catalogue code (medListCode). Only the rows of the hospital's own
 * drugs are kept, whatever the size of the catalogue. Nothing the hospital says is overwritten.
 */
export async function applyCatalogue(driver: SqlDriver, rows: AsyncIterable<CatalogueRow | { readonly unreadable: number }>, options: ApplyOptions): Promise<CatalogueReport> {
  const drugs = await loadDrugs(driver, options.institution);
  const codes = new Set(drugs.flatMap((drug) => drug.medListCode ?? []));
  const approvals = new Map<string, string[]>(drugs.flatMap((drug) => { const key = approvalKey(drug.approvalNo); return key === undefined ? [] : [[key, []] as const]; }));
  const found = new Map<string, CatalogueRow>();
  const unreadable: number[] = [];
  let count = 0;
  let version = '';
  for await (const row of rows) {
    options.signal?.throwIfAborted();
    count += 1;
    if ('unreadable' in row) {
      if (unreadable.length < MOST_UNREADABLE) unreadable.push(row.unreadable);
      continue;
    }
    if (row.version > version) version = row.version;
    // a code may come several times, in its versions: the last valid one holds
    if (codes.has(row.code) && (row.isValid || found.get(row.code)?.isValid !== true)) found.set(row.code, row);
    const candidates = row.isValid ? approvals.get(approvalKey(row.approvalNo) ?? '') : undefined;
    if (candidates !== undefined && candidates.length < MOST_CANDIDATES && !candidates.includes(row.code)) candidates.push(row.code);
  }
  const matches = drugs.flatMap((drug) => { const row = found.get(drug.medListCode ?? ''); return row === undefined ? [] : [{ drug, row }]; });
  return {
    rows: count, unreadable, version, matched: matches.length,
    filled: await fill(driver, matches, options),
    differences: matches.flatMap(({ drug, row }) => matchDrug(drug, row).differences.map((change) => ({ drug: drug.drug, code: row.code, ...change }))),
    withdrawn: matches.filter(({ row }) => !row.isValid).map(({ drug, row }) => ({ drug: drug.drug, code: row.code })),
    unmatched: drugs.filter((drug) => drug.exemption === undefined && !found.has(drug.medListCode ?? '')).map((drug) => ({
      drug: drug.drug, name: drug.name, code: drug.medListCode, candidates: approvals.get(approvalKey(drug.approvalNo) ?? '') ?? [],
    })),
  };
}

async function loadDrugs(driver: SqlDriver, institution: string): Promise<readonly StoredDrug[]> {
  const drugs: StoredDrug[] = [];
  for (let after = ''; drugs.length < MOST_DRUGS;) {
    const from = after;
    const rows = await driver.read((q) => q.all<{ body: string }>(SELECT_CATALOGUE, [institution, from]));
    drugs.push(...rows.map((row) => JSON.parse(row.body) as StoredDrug));
    const last = drugs.at(-1);
    if (rows.length < 1_000 || last === undefined) break;
    after = last.drug;
  }
  return drugs;
}

type Match = { readonly drug: StoredDrug; readonly row: CatalogueRow };

/** Fills in what is empty, on the drug as it is on file at that moment: the HIS may have changed it while the catalogue was read. */
async function fill(driver: SqlDriver, matches: readonly Match[], { institution, nowMs, write }: ApplyOptions): Promise<number> {
  const wanting = matches.filter(({ drug, row }) => matchDrug(drug, row).fills.length > 0);
  if (!write) return wanting.length;
  let done = 0;
  for (let at = 0; at < wanting.length; at += AT_ONCE) {
    done += await driver.write(async (q) => {
      await passGate(q, institution, 'catalogue');
      let count = 0;
      for (const { drug: { drug }, row } of wanting.slice(at, at + AT_ONCE)) {
        const stored = await q.get<{ body: string }>(SELECT_DRUG, [institution, drug]);
        const now = stored === undefined ? undefined : JSON.parse(stored.body) as StoredDrug;
        const fills = now?.medListCode === row.code ? matchDrug(now, row).fills : [];
        if (now === undefined || fills.length === 0) continue;
        const next = filled(now, fills);
        await q.run(UPSERT, [institution, next.drug, next.name, JSON.stringify(next), nowMs]);
        count += 1;
      }
      if (count > 0) await q.run(BUMP, [institution, nowMs]);
      return count;
    });
  }
  return done;
}
