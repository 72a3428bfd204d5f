import { DatabaseSync } from '@photostructure/sqlite';
import type { HisRow } from '../../../adapter/ports/row.ts';
import type { AccountFacts, RowDatabase, RowDialect, RowStatement, ViewColumn } from '../../../connectors/shared/row-pull/row-database.ts';
import { RowFault } from '../../../connectors/shared/row-pull/row-fault.ts';
import { localTimePlus } from '../../../connectors/shared/row-pull/local-time.ts';

/** The strategies' SQL as SQLite reads it; time and versions are text that sorts. */
const dialect: RowDialect = {
  name: 'scripted', fromNothing: '', object: (name) => name, column: (name) => `"${name}"`,
  select: (parts) => `SELECT ${parts.columns.join(', ')} FROM ${parts.from} v WHERE ${parts.where.join(' AND ')}${parts.groupBy === undefined ? '' : ` GROUP BY ${parts.groupBy.join(', ')}`} ORDER BY ${parts.orderBy.join(', ')} LIMIT ${String(parts.rows)}`,
  asText: (reference) => `CAST(${reference} AS TEXT)`, asHex: (reference) => `HEX(${reference})`,
  bound: (index, column) => (column.kind === 'number' ? `CAST(?${String(index)} AS INTEGER)` : `?${String(index)}`),
  now: `SELECT value AS NOW FROM meta WHERE name = 'now'`, versionCeiling: `SELECT value AS CEILING FROM meta WHERE name = 'ceiling'`, changeNumber: `SELECT value AS SCN FROM meta WHERE name = 'scn'`,
  // SQL Server's CHANGETABLE: the last change of each row after a version, as long as nothing was cleaned up
  changes: {
    facts: () => ({ sql: `SELECT (SELECT value FROM meta WHERE name = 'tracked') AS CEILING, (SELECT value FROM meta WHERE name = 'kept') AS MINIMUM, (SELECT value FROM meta WHERE name = 'now') AS NOW`, params: [] }),
    from: ({ since, view }) => `(SELECT "ROW_ID", MAX(version) AS version FROM changed WHERE version > ${since} GROUP BY "ROW_ID") ct, ${view}`, version: 'ct.version',
  },
};

const COLUMNS: readonly ViewColumn[] = [
  { name: 'EVENT_ID', type: 'TEXT', kind: 'text' }, { name: 'ROW_ID', type: 'INTEGER', kind: 'number' }, { name: 'CHANGED_AT', type: 'TEXT', kind: 'time' }, { name: 'ROW_VER', type: 'TEXT', kind: 'binary' },
  { name: 'SEND_FLAG', type: 'TEXT', kind: 'text' }, { name: 'EVENT_KIND', type: 'TEXT', kind: 'text' }, { name: 'OCCURRED_AT', type: 'TEXT', kind: 'time' }, { name: 'DRUG_CODE', type: 'TEXT', kind: 'text' },
  { name: 'QUANTITY', type: 'TEXT', kind: 'text' }, { name: 'UNIT', type: 'TEXT', kind: 'text' }, { name: 'TRACE_CODES', type: 'TEXT', kind: 'text' },
];
const TABLE = `CREATE TABLE lines (${COLUMNS.map((column) => `"${column.name}"`).join(', ')}, ORA_ROWSCN INTEGER); CREATE INDEX by_event ON lines ("EVENT_ID");
  CREATE INDEX by_time ON lines ("CHANGED_AT", "EVENT_ID"); CREATE TABLE taken ("SOURCE", "EVENT_ID", PRIMARY KEY ("SOURCE", "EVENT_ID")); CREATE TABLE meta (name PRIMARY KEY, value); CREATE TABLE changed ("ROW_ID", version); CREATE INDEX by_version ON changed (version)`;

interface OpenTransaction { readonly rows: readonly (readonly (string | number)[])[]; readonly commitsAt: number; readonly version: number }

export interface ScriptOptions {
  readonly events: number;
  /** seeded */
  readonly random: () => number;
  /** how long a transaction may stay open, in ticks of one second */
  readonly longest: number;
}

/**
 * A HIS whose writers work while it is read: before every statement some transactions begin (their rows get key, time and
 * version then) and some of those begun earlier commit, in an order of their own. Faults can be planted between the statements.
 */
export class ScriptedHis implements RowDatabase {
  readonly dialect = dialect;
  readonly expected = new Set<string>();
  rows = 0;
  statements = 0;
  /** @returns a fault to throw instead of answering, or after answering */
  fault: ((statement: number) => 'before' | 'after' | undefined) | undefined;
  writable: readonly string[] = [];
  /** change tracking is switched on and may be looked at */
  tracked = true;
  #kept = 0;
  #db = new DatabaseSync(':memory:');
  #open: OpenTransaction[] = [];
  #tick = 0;
  #key = 0;
  #scn = 1_000;
  readonly #script: ScriptOptions;

  constructor(script: ScriptOptions) {
    this.#script = script;
    this.#db.exec(TABLE);
    this.#meta();
  }

  get finished(): boolean {
    return this.expected.size >= this.#script.events && this.#open.length === 0;
  }

  columns(): Promise<readonly ViewColumn[]> {
    return Promise.resolve(COLUMNS);
  }

  query(statement: RowStatement): Promise<readonly HisRow[]> {
    return this.#answer(() => (this.#db.prepare(statement.sql).all(...statement.params) as Readonly<Record<string, string | null>>[]).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]))));
  }

  run(statement: RowStatement): Promise<number> {
    return this.#answer(() => this.#db.prepare(statement.sql).run(...statement.params).changes);
  }

  account(): Promise<AccountFacts> {
    return Promise.resolve({ server: 'Scripted 1.0', user: 'reader', writable: this.writable });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** the server cleans up: changes so far are forgotten, of which some were perhaps not read */
  forgetChanges(): void {
    this.#kept = this.#scn;
    this.#db.prepare('DELETE FROM changed WHERE version <= ?').run(this.#scn);
    this.#meta();
  }

  /** what a test wants to see or change by itself */
  sql(text: string, ...params: string[]): Readonly<Record<string, unknown>>[] {
    return this.#db.prepare(text).all(...params) as Readonly<Record<string, unknown>>[];
  }

  async #answer<T>(work: () => T): Promise<T> {
    this.statements += 1;
    this.#advance();
    const fault = this.fault?.(this.statements);
    if (fault === 'before') throw new RowFault('network', 'ECONNRESET', 'cut');
    const answer = work();
    // the statement was carried out and its answer lost (his.md i.2)
    if (fault === 'after') throw new RowFault('network', 'ECONNRESET', 'cut after');
    return Promise.resolve(answer);
  }

  #advance(): void {
    const { random, events, longest } = this.#script;
    this.#tick += 1;
    for (let begun = 0; begun < 40 && this.expected.size < events; begun += 1) this.#begin(1 + Math.floor(random() * 4), this.#tick + Math.floor(random() * random() * longest));
    const due = this.#open.filter((each) => each.commitsAt <= this.#tick);
    this.#open = this.#open.filter((each) => each.commitsAt > this.#tick);
    const insert = this.#db.prepare(`INSERT INTO lines VALUES (${Array.from({ length: COLUMNS.length + 1 }, () => '?').join(', ')})`);
    const note = this.#db.prepare('INSERT INTO changed VALUES (?, ?)');
    this.#db.exec('BEGIN');
    for (const each of due) {
      this.#scn += 1;
      for (const row of each.rows) {
        insert.run(...row, this.#scn);
        note.run(row[1] ?? 0, this.#scn);
      }
    }
    this.#db.exec('COMMIT');
    this.#meta();
  }

  #begin(lines: number, commitsAt: number): void {
    const id = `E${String(this.expected.size + 1).padStart(6, '0')}`;
    this.expected.add(id);
    this.rows += lines;
    const at = localTimePlus('2026-11-22 08:00:00.000', this.#tick * 1_000);
    const version = this.#key + 1;
    // CHAR columns come padded
    const rows = Array.from({ length: lines }, (_, line) => {
      this.#key += 1;
      return [`${id}   `, this.#key, at, hex(this.#key), '0', 'dispense', at, `YP${String(line)}  `, '1', '盒', `8999001${String(this.#key).padStart(9, '0')}0001`];
    });
    this.#open.push({ rows, commitsAt, version });
  }

  #meta(): void {
    const set = this.#db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
    set.run('now', localTimePlus('2026-11-22 08:00:00.000', this.#tick * 1_000));
    set.run('ceiling', hex(Math.min(this.#key + 1, ...this.#open.map((each) => each.version))));
    set.run('scn', String(this.#scn + 1));
    set.run('tracked', this.tracked ? String(this.#scn) : null);
    set.run('kept', this.tracked ? String(this.#kept) : null);
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(16, '0')}`;
