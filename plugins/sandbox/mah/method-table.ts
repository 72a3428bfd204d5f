import { readSpec } from '../package-root.ts';

/** A parameter or a member of a reply (mah.md Annex A). */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly required?: true;
  /** name of a list's rows where simplify is off */
  readonly wrapper?: string;
  readonly fields?: readonly Member[];
}

export interface BillType {
  readonly code: number;
  readonly zh: string;
  readonly dir: 'in' | 'out';
  /** true: named for hospitals; null: acceptance not stated; false: other packs only */
  readonly hospitalPack: boolean | null;
  readonly method: string;
}

export interface MahSpec {
  readonly methods: Readonly<Record<string, { readonly request: readonly Member[]; readonly response: readonly Member[] }>>;
  /** methods of the hospital pack that the sandbox does not answer: an application without that grant */
  readonly notGranted: readonly string[];
  readonly billTypes: readonly BillType[];
  readonly errors: Readonly<Record<string, string>>;
}

let loaded: MahSpec | undefined;

/** @returns the method tables, read once */
export function mahSpec(): MahSpec {
  loaded ??= readSpec('mah.json') as MahSpec;
  return loaded;
}
