import { readSpec } from '../package-root.ts';

/** One field of a node, as the interface specification lists it (insurance.md section 6). */
export interface FieldRow {
  readonly name: string;
  readonly zh: string;
  readonly type: 'string' | 'decimal' | 'date' | 'datetime' | 'array';
  /** characters, or `16,4` for decimals */
  readonly length?: string;
  /** `cond`: by a rule of the transaction; `conflict`: table says required, change log says optional */
  readonly required?: true | 'cond' | 'conflict';
  readonly codes?: readonly string[];
}

export interface Transaction {
  readonly name: string;
  readonly direction: 'upload' | 'delete' | 'query' | 'session' | 'catalogue' | 'file';
  readonly node: string;
  readonly rows: 'single' | 'multi';
  readonly fields: readonly FieldRow[];
  readonly output: { readonly node: string | null; readonly fields: readonly { readonly name: string; readonly type: string }[] };
  /** last part of the REST path where one was seen */
  readonly path?: string;
  /** at least one of these must be sent (queries) */
  readonly oneOf?: readonly string[];
}

export interface InsuranceSpec {
  readonly envelope: readonly FieldRow[];
  readonly transactions: Readonly<Record<string, Transaction>>;
}

let loaded: InsuranceSpec | undefined;

/** @returns the field tables, read once */
export function insuranceSpec(): InsuranceSpec {
  loaded ??= readSpec('insurance.json') as InsuranceSpec;
  return loaded;
}
