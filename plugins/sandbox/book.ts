/** What one platform has seen and kept: the counted truth that tests, the demo and an acceptance compare with the adapter's ledger. */
export interface Book<Entry> {
  /** every row or bill ever committed, in order; `live` is false once deleted, overwritten or failed */
  readonly entries: readonly Entry[];
  /** rows or bills committed per report, named `institution/operation/fixmedins_bchno` or `ref_ent_id/bill_code`; 2 means counted twice */
  readonly reportsByKey: Readonly<Record<string, number>>;
  /** reports (same names) that arrived as new although they were on the book, whether the platform took them again or not */
  readonly doubleKeys: readonly string[];
  /** codes that arrived as newly sold (insurance) or newly flowing (mah) although they were on the book as such */
  readonly doubleCodes: readonly string[];
  /** calls per operation, refused ones included; since the start of this process */
  readonly callsByOperation: Readonly<Record<string, number>>;
  /** the last refusals, newest last; since the start of this process */
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly operation: string;
  readonly text: string;
  readonly at: number;
}

const MAX_REFUSALS = 1_000;

/** Counts that do not outlive the process. */
export class CallCounter {
  readonly #calls = new Map<string, number>();
  readonly #named = new Map<string, number>();
  #refusals: Refusal[] = [];

  call(operation: string): void {
    this.#calls.set(operation, (this.#calls.get(operation) ?? 0) + 1);
  }

  /** Counts something worth knowing that is no refusal, for example an unknown field. */
  note(name: string): void {
    this.#named.set(name, (this.#named.get(name) ?? 0) + 1);
  }

  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
    if (this.#refusals.length > MAX_REFUSALS) this.#refusals = this.#refusals.slice(-MAX_REFUSALS);
  }

  reset(): void {
    this.#calls.clear();
    this.#named.clear();
    this.#refusals = [];
  }

  get calls(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#calls);
  }

  get notes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#named);
  }

  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }
}
