import { SELECT_DRUG } from '../catalogue/stored-drug.ts';
import type { Drug } from '../domain/drug.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { Difference } from './difference.ts';

/** @returns by drug, what a new catalogue says otherwise than the one on file: reports of these drugs would carry it */
export async function compareDrugs(q: SqlQuery, institution: string, drugs: readonly Drug[]): Promise<Map<string, readonly Difference[]>> {
  const found = new Map<string, readonly Difference[]>();
  for (const drug of drugs) {
    const row = await q.get<{ body: string }>(SELECT_DRUG, [institution, drug.drug]);
    const differences = differencesOf(row === undefined ? {} : JSON.parse(row.body) as Partial<Drug>, drug);
    if (differences.length > 0) found.set(drug.drug, differences);
  }
  return found;
}

function differencesOf(before: Partial<Drug>, after: Drug): readonly Difference[] {
  const [one, other] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => name !== 'inactive' && JSON.stringify(one.get(name)) !== JSON.stringify(other.get(name)));
  return names.map((name) => ({ kind: 'catalogue', what: `${after.drug}.${name}`, ...text('before', one.get(name)), ...text('after', other.get(name)) }));
}

function text(side: 'before' | 'after', value: unknown): Partial<Record<'before' | 'after', string>> {
  return value === undefined || value === null ? {} : { [side]: typeof value === 'string' ? value : JSON.stringify(value) };
}
