/**
 * SqlDriver: the only thing the store needs of a database. Statements are written once, with `?` for parameters and
 * `FOR UPDATE [SKIP LOCKED]` where rows are claimed; a driver rewrites what its database spells differently.
 * Values: text, finite integers up to 2^53, bytes, null. Trace codes and decimals are text, always.
 */
export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlQuery {
  get<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): Promise<Row | undefined>;
  all<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /** @returns how many rows were changed */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
}

export interface SqlDriver {
  readonly dialect: 'sqlite' | 'postgres';
  /**
   * Runs the work in a transaction and resolves after it is durable (fsync). Works that arrive together may share one
   * transaction and one fsync; each keeps its own savepoint, so a failing work takes nobody with it.
   * The work may run again after a serialization conflict: no side effects but through `q`.
   * @throws TraceError STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, STORE_UNAVAILABLE; or whatever the work threw
   */
  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T>;
  /** Runs the work on a consistent snapshot that sees only durable data. */
  read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T>;
  /** Runs a script of several statements outside any transaction of ours (migrations bring their own). */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}
