import type { Drug } from '../../domain/drug.ts';
import type { StoredDrug } from '../stored-drug.ts';
import type { CatalogueRow } from './catalogue-rows.ts';

const FIELDS = ['spec', 'manufacturer', 'approvalNo', 'packUnit', 'smallestUnit', 'unitsPerPack'] as const;
type Field = (typeof FIELDS)[number];

export const FIELD_WORDS: Readonly<Record<Field, string>> = { spec: '规格', manufacturer: '生产企业', approvalNo: '批准文号', packUnit: '包装单位', smallestUnit: '最小单位', unitsPerPack: '包装数量' };

/** One member in which the hospital's drug and the catalogue differ. */
export interface MemberChange {
  readonly field: Field;
  readonly ours: string | undefined;
  readonly theirs: string;
}

export interface DrugMatch {
  /** empty here, known there: filled in */
  readonly fills: readonly MemberChange[];
  /** known on both sides and not the same: told, never written */
  readonly differences: readonly MemberChange[];
}

/** what a pack holds is only as good as the units it is counted in: these three go together */
const UNITS: readonly Field[] = ['packUnit', 'smallestUnit', 'unitsPerPack'];

/**
 * Pure: what the insurance catalogue says about a drug of the hospital with the same catalogue code. What the hospital says itself always
 * stands: it dispenses by it. Units are filled in only where nothing of theirs contradicts.
 */
export function matchDrug(drug: StoredDrug, row: CatalogueRow): DrugMatch {
  const changes = FIELDS.flatMap((field): readonly MemberChange[] => {
    const theirs = textOf(row[field]);
    const ours = textOf(drug[field]);
    return theirs === undefined || (ours !== undefined && isSame(ours, theirs)) ? [] : [{ field, ours, theirs }];
  });
  const contradicted = changes.some((change) => UNITS.includes(change.field) && change.ours !== undefined);
  const canFill = (change: MemberChange): boolean => change.ours === undefined && !(contradicted && UNITS.includes(change.field));
  return { fills: changes.filter(canFill), differences: changes.filter((change) => !canFill(change)) };
}

/** @returns the drug with what was empty filled in */
export function filled(drug: StoredDrug, fills: readonly MemberChange[]): StoredDrug {
  const members = Object.fromEntries(fills.map(({ field, theirs }) => [field, field === 'unitsPerPack' ? Number(theirs) : theirs])) as Partial<Drug>;
  return { ...drug, ...members };
}

function textOf(value: string | number | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

function isSame(a: string, b: string): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
}

/** @returns an approval number as it is compared: width, case and blanks do not count */
export function approvalKey(approvalNo: string | undefined): string | undefined {
  return approvalNo === undefined ? undefined : keyOf(approvalNo);
}
