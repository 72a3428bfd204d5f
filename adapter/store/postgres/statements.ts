import { numberPlaceholders } from '../parameters.ts';

export interface Statement {
  readonly text: string;
  readonly count: number;
  /** name of the prepared statement; undefined = parsed each time */
  readonly name: string | undefined;
}

interface Entry {
  readonly text: string;
  readonly count: number;
  uses: number;
  name: string | undefined;
}

/**
 * Rewritten statements and their names. A server keeps every named statement in every connection until it ends, so only
 * statements that come back are named, and only so many of them: filters put together for one screen stay nameless.
 */
export class Statements {
  readonly #entries = new Map<string, Entry>();
  #named = 0;

  constructor(readonly limits: { readonly named: number; readonly cached: number; readonly nameAfterUses: number } = { named: 200, cached: 1_000, nameAfterUses: 3 }) {}

  /** @returns the statement as PostgreSQL wants it */
  of(sql: string): Statement {
    const entry = this.#entries.get(sql) ?? this.#add(sql);
    if (entry.name === undefined && this.#named < this.limits.named) {
      entry.uses += 1;
      if (entry.uses >= this.limits.nameAfterUses) {
        this.#named += 1;
        entry.name = `s${String(this.#named)}`;
      }
    }
    return entry;
  }

  #add(sql: string): Entry {
    if (this.#entries.size >= this.limits.cached) this.#forgetNameless();
    const entry: Entry = { ...numberPlaceholders(sql), uses: 0, name: undefined };
    this.#entries.set(sql, entry);
    return entry;
  }

  /** A name, once given, stays with its text: connections hold it. */
  #forgetNameless(): void {
    for (const [sql, entry] of this.#entries) if (entry.name === undefined) this.#entries.delete(sql);
  }
}
