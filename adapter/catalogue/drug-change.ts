import type { Drug } from '../domain/drug.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import type { CatalogueEntry, CatalogueMember } from '../ports/catalogue-intake.ts';
import { readDrugCell } from './drug-cell.ts';
import { DRUG_COLUMNS } from './drug-columns.ts';
import { prefixClash } from './drug-file.ts';
import type { StoredDrug } from './stored-drug.ts';

/** What one entry of a catalogue message makes of the drug on file. */
export type DrugChange =
  | { readonly result: 'added' | 'updated' | 'deactivated' | 'activated'; readonly drug: StoredDrug }
  | { readonly result: 'unchanged' }
  | { readonly result: 'refused'; readonly refusal: Refusal };

/**
 * Applies an entry to the drug on file. Members that are not named stay: a HIS knows nothing of code prefixes that a person imported. The
 * values are held to the same rules as those of a catalogue file (contract section 8). Pure.
 * @param known the drug on file, undefined when there is none
 */
export function changeDrug(entry: CatalogueEntry, known: StoredDrug | undefined): DrugChange {
  if (entry.refusal !== undefined) return { result: 'refused', refusal: entry.refusal };
  if (entry.action === 'deactivate' && known === undefined) return { result: 'unchanged' };
  const members: Record<string, string | number> = { ...withoutMark(known), drug: entry.drug };
  for (const column of DRUG_COLUMNS) {
    const told = entry.members[column.field];
    if (told === undefined || column.field === 'drug') continue;
    if (told.value === null) {
      Reflect.deleteProperty(members, column.field);
      continue;
    }
    const read = readDrugCell({ text: told.value, kind: 'text' }, column);
    if ('wrong' in read) return refused(told, `${column.zh}${read.wrong}`);
    if (read.value === undefined) Reflect.deleteProperty(members, column.field);
    else members[column.field] = read.value;
  }
  const name = entry.members.name;
  if (typeof members['name'] !== 'string') {
    return refused(name ?? { value: entry.drug, at: entry.drugAt }, known === undefined ? '目录中还没有该药品，须给出药品名称才能新增' : '药品名称不能为空');
  }
  const drug = inOrder(members);
  const clash = prefixClash(drug);
  if (clash !== undefined) return refused(entry.members[clash] ?? { value: drug[clash] ?? '', at: entry.drugAt }, '与该药品另一包装级别的标识码相同；每个包装级别的标识码各不相同');
  return outcome(entry, known, drug);
}

function outcome(entry: CatalogueEntry, known: StoredDrug | undefined, drug: Drug): DrugChange {
  const inactive = entry.action === 'deactivate' || (entry.action === 'update' && known?.inactive === true);
  const next: StoredDrug = inactive ? { ...drug, inactive: true } : drug;
  if (known === undefined) return { result: 'added', drug: next };
  if (JSON.stringify(inOrder({ ...known })) === JSON.stringify(drug) && (known.inactive === true) === inactive) return { result: 'unchanged' };
  if (inactive && known.inactive !== true) return { result: 'deactivated', drug: next };
  return { result: !inactive && known.inactive === true ? 'activated' : 'updated', drug: next };
}

function refused(told: CatalogueMember, detail: string): DrugChange {
  return { result: 'refused', refusal: refusal('HL7_FIELD_INVALID', { field: told.at, value: told.value ?? '', detail }) };
}

function withoutMark(known: StoredDrug | undefined): Readonly<Record<string, string | number>> {
  return known === undefined ? {} : inOrder({ ...known }) as unknown as Readonly<Record<string, string | number>>;
}

/** The members in the order of the columns, so that equal drugs are equal text. */
function inOrder(members: Readonly<Record<string, unknown>>): Drug {
  return Object.fromEntries(DRUG_COLUMNS.map(({ field }) => [field, members[field]] as const).filter(([, value]) => value !== undefined)) as unknown as Drug;
}
