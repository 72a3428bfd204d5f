import type { Journal } from '../journal.ts';

/** One committed row. */
export interface InsuranceRow {
  readonly seq: number;
  readonly institution: string;
  /** without the A: both forms write the same rows */
  readonly operation: '3501' | '3502' | '3503' | '3504' | '3505' | '3506';
  /** what 3507 names: 1 stock count, 2 stock change, 3 purchase, 4 sale and its return */
  readonly dataType: string;
  /** fixmedins_bchno */
  readonly key: string;
  readonly codes: readonly string[];
  readonly split: boolean;
  /** `2026-11-22 09:31:05`, or the day alone for a stock count */
  readonly businessTime: string;
  readonly committedAt: number;
  readonly messageId: string;
  readonly region: string;
  readonly operator: { readonly code: string; readonly name: string };
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Session {
  readonly signNo: string;
  readonly institution: string;
  readonly operator: string;
  readonly day: string;
}

/** Everything that changes the platform; the state is nothing but these, one after the other. */
export type InsuranceFact =
  | { readonly kind: 'message'; readonly id: string }
  | { readonly kind: 'sign-in'; readonly session: Session }
  | { readonly kind: 'sign-out'; readonly signNo: string }
  | { readonly kind: 'commit'; readonly rows: readonly InsuranceRow[]; readonly removed: readonly number[] }
  | { readonly kind: 'again'; readonly keys: readonly string[]; readonly codes: readonly string[] };

/** What the platform knows: rows, messages, sessions, and what arrived a second time. */
export class InsuranceState {
  readonly #journal: Journal;
  readonly #rows: InsuranceRow[] = [];
  readonly #removed = new Set<number>();
  readonly #byKey = new Map<string, InsuranceRow[]>();
  readonly #byCode = new Map<string, InsuranceRow[]>();
  readonly #messages = new Set<string>();
  readonly #sessions = new Map<string, Session & { readonly ended: boolean }>();
  readonly #againKeys = new Set<string>();
  readonly #againCodes = new Set<string>();

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const fact of journal.replay()) this.#apply(fact as InsuranceFact);
  }

  /** Writes the fact down, then acts on it: a reply never tells what a restart would forget. */
  record(fact: InsuranceFact): void {
    this.#journal.append(fact);
    this.#apply(fact);
  }

  /** Forgets what was reported. Sign-ins and used msgids stay: whoever is connected goes on. */
  reset(): void {
    this.#journal.reset();
    this.#rows.length = 0;
    for (const part of [this.#removed, this.#byKey, this.#byCode, this.#againKeys, this.#againCodes]) part.clear();
    for (const { ended, ...session } of this.#sessions.values()) {
      this.#journal.append({ kind: 'sign-in', session });
      if (ended) this.#journal.append({ kind: 'sign-out', signNo: session.signNo });
    }
    for (const id of this.#messages) this.#journal.append({ kind: 'message', id });
  }

  get nextSeq(): number {
    return (this.#rows.at(-1)?.seq ?? 0) + 1;
  }

  get rows(): readonly InsuranceRow[] {
    return this.#rows;
  }

  get againKeys(): readonly string[] {
    return [...this.#againKeys];
  }

  get againCodes(): readonly string[] {
    return [...this.#againCodes];
  }

  isLive(row: InsuranceRow): boolean {
    return !this.#removed.has(row.seq);
  }

  hasMessage(id: string): boolean {
    return this.#messages.has(id);
  }

  /** @returns live rows of the key, which names a line of one institution within one data type */
  liveByKey(institution: string, dataType: string, key: string): readonly InsuranceRow[] {
    return (this.#byKey.get(keyOf(institution, dataType, key)) ?? []).filter((row) => this.isLive(row));
  }

  /** @returns live rows that carry the code, of every institution: a code has one life in the country */
  liveByCode(code: string): readonly InsuranceRow[] {
    return (this.#byCode.get(code) ?? []).filter((row) => this.isLive(row));
  }

  session(signNo: string): (Session & { readonly ended: boolean }) | undefined {
    return this.#sessions.get(signNo);
  }

  get sessions(): readonly (Session & { readonly ended: boolean })[] {
    return [...this.#sessions.values()];
  }

  #apply(fact: InsuranceFact): void {
    switch (fact.kind) {
      case 'message': this.#messages.add(fact.id); return;
      case 'sign-in': this.#sessions.set(fact.session.signNo, { ...fact.session, ended: false }); return;
      case 'sign-out': {
        const session = this.#sessions.get(fact.signNo);
        if (session !== undefined) this.#sessions.set(fact.signNo, { ...session, ended: true });
        return;
      }
      case 'commit':
        for (const seq of fact.removed) this.#removed.add(seq);
        for (const row of fact.rows) this.#add(row);
        return;
      case 'again':
        for (const key of fact.keys) this.#againKeys.add(key);
        for (const code of fact.codes) this.#againCodes.add(code);
    }
  }

  #add(row: InsuranceRow): void {
    this.#rows.push(row);
    append(this.#byKey, keyOf(row.institution, row.dataType, row.key), row);
    for (const code of row.codes) append(this.#byCode, code, row);
  }
}

function keyOf(institution: string, dataType: string, key: string): string {
  return `${institution}|${dataType}|${key}`;
}

function append(map: Map<string, InsuranceRow[]>, key: string, row: InsuranceRow): void {
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else rows.push(row);
}
