import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../shared/package-root.ts';

/** One field of a transaction as the interface specification prints it (spec/transactions.json). */
export interface FieldSpec {
  readonly name: string;
  /** Chinese name, for operators */
  readonly zh: string;
  /** `codes` is the drugtracinfo array */
  readonly type: 'string' | 'decimal' | 'date' | 'datetime' | 'codes';
  /** characters, or `16,4` = digits in all, decimals */
  readonly length?: string;
  /** `conflict`: table and change log disagree, the profile decides */
  readonly required: 'yes' | 'no' | 'conditional' | 'conflict';
  /** name of its list in spec/code-lists.json */
  readonly list?: string;
}

export interface TransactionSpec {
  readonly infno: string;
  readonly name: string;
  /** member of `input` that holds the row, or the rows of an A form */
  readonly node: string;
  readonly rows: 'one' | 'many';
  readonly fields: readonly FieldSpec[];
  /** node of the answer; undefined = judged by infcode alone */
  readonly outputNode: string | undefined;
}

export interface Spec {
  /** @throws Error for a number that is not in the table: a fault of ours */
  transaction(infno: string): TransactionSpec;
  /** @returns whether the value is in the code list; lists that are not on file hold everything */
  isCode(list: string, value: string): boolean;
}

interface TransactionFile {
  readonly name: string;
  readonly node: string;
  readonly rows: 'one' | 'many';
  readonly fields?: readonly FieldSpec[];
  readonly fieldsOf?: string;
  readonly output: { readonly node: string } | null;
}

let loaded: Spec | undefined;

/** @returns the field tables of the specification, read from disk once. */
export function loadSpec(): Spec {
  loaded ??= readSpec(join(packageRoot(), 'connectors', 'nhsa', 'spec'));
  return loaded;
}

function readSpec(folder: string): Spec {
  const files = JSON.parse(readFileSync(join(folder, 'transactions.json'), 'utf8')) as Readonly<Record<string, TransactionFile>>;
  const lists = JSON.parse(readFileSync(join(folder, 'code-lists.json'), 'utf8')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const transactions = new Map<string, TransactionSpec>();
  for (const [infno, file] of Object.entries(files)) {
    const fields = file.fields ?? files[file.fieldsOf ?? '']?.fields ?? [];
    transactions.set(infno, { infno, name: file.name, node: file.node, rows: file.rows, fields, outputNode: file.output?.node });
  }
  return {
    transaction(infno) {
      const found = transactions.get(infno);
      if (found === undefined) throw new Error(`transaction ${infno} is not in spec/transactions.json`);
      return found;
    },
    isCode: (list, value) => lists[list] === undefined || Object.hasOwn(lists[list], value),
  };
}
