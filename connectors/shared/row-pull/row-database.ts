import type { HisRow } from '../../../adapter/ports/row.ts';

/**
 * What a column holds, as far as reading and comparing is concerned. `text` is characters in the code page of the database (they may
 * be bytes of another one); national characters are `other`, like everything else that only has to be printed.
 */
export type ColumnKind = 'text' | 'number' | 'time' | 'offset-time' | 'binary' | 'other' | 'unreadable';

export interface ViewColumn {
  /** as the database spells it */
  readonly name: string;
  /** declared type in upper case, without length: `VARCHAR`, `DATETIME2`, `NUMBER` */
  readonly type: string;
  readonly kind: ColumnKind;
  /** declared length in characters or bytes; undefined where there is none or no bound */
  readonly length?: number;
  /** set for pseudo columns: used instead of the quoted name */
  readonly expression?: string;
}

/** A statement with text parameters only, named p1, p2 …; results are text. */
export interface RowStatement {
  readonly sql: string;
  readonly params: readonly string[];
}

/** One SELECT before it is spelled: every reference to a column goes through the table alias `v`. */
export interface SelectParts {
  readonly columns: readonly string[];
  readonly from: string;
  readonly where: readonly string[];
  readonly groupBy?: readonly string[];
  readonly orderBy: readonly string[];
  /** rows at most: every read is bounded in the statement itself */
  readonly rows: number;
}

/** What databases spell differently. Pure. */
export interface RowDialect {
  readonly name: string;
  /** @returns the name of a view or table, quoted where needed; dots separate schema and name */
  object(name: string): string;
  /** @returns one column name, quoted */
  column(name: string): string;
  select(parts: SelectParts): string;
  /** @returns an expression that gives the value of the column as text, without loss */
  asText(reference: string, column: ViewColumn): string;
  /** @returns an expression that gives the bytes of a character column as hexadecimal digits */
  asHex(reference: string): string;
  /** @returns parameter number `index` as a value of the column's own type, so that an index on it can be used */
  bound(index: number, column: ViewColumn): string;
  /** what follows a SELECT without a table */
  readonly fromNothing: string;
  /** one row, column NOW: the server's local time, yyyy-MM-dd HH:mm:ss.fff */
  readonly now: string;
  /** one row, column CEILING: no transaction that is still open has a version below it; undefined where the database has none */
  readonly versionCeiling?: string;
  /** declared types a version column may have; undefined where only binary row versions are versions */
  readonly versionTypes?: readonly string[];
  /** @returns an expression by which values of the column are compared and sorted, where the column itself does not do */
  comparable?(reference: string, column: ViewColumn): string;
  /** change tracking (SQL Server); undefined where the database has none */
  readonly changes?: ChangeTracking;
  /** one row, column SCN: the present system change number; undefined where the database has none */
  readonly changeNumber?: string;
}

/** What the server itself writes down about changed rows of a table. Pure. */
export interface ChangeTracking {
  /** @returns one row: CEILING, the version of the last commit; MINIMUM, the oldest version from which nothing is forgotten; NOW. The first two are null when the table is not tracked or may not be looked at */
  facts(table: string): RowStatement;
  /** @returns what stands before `v` in FROM: the changes after `since` as `ct`, then the view. @param since digits, checked */
  from(what: { readonly table: string; readonly since: string; readonly view: string }): string;
  /** the version of a change, through the alias `ct` */
  readonly version: string;
}

/** What `check --probe` wants to know of the account. */
export interface AccountFacts {
  /** product and version as the server says it */
  readonly server: string;
  readonly user: string;
  /** rights that change something, each in words: `db_owner`, `UPDATE dbo.mz_cf`; upper case object names where the database has them so */
  readonly writable: readonly string[];
}

/**
 * RowDatabase: the only thing the pull strategies need of a HIS database. Every call is bounded in rows by its statement and
 * in time by its signal. Faults are RowFault. Connections heal: after a fault the next call opens new ones.
 */
export interface RowDatabase {
  readonly dialect: RowDialect;
  /** @returns the columns of a view or table, from the driver's own metadata; reads no row */
  columns(object: string, signal: AbortSignal): Promise<readonly ViewColumn[]>;
  /** @returns rows with upper-case names and text values as the database gives them, padding included */
  query(statement: RowStatement, signal: AbortSignal): Promise<readonly HisRow[]>;
  /** Changes rows of ours (side table, send flag); commits. @returns rows changed */
  run(statement: RowStatement, signal: AbortSignal): Promise<number>;
  account(signal: AbortSignal): Promise<AccountFacts>;
  /** closes everything, within 3 s */
  close(): Promise<void>;
}
