import pg from 'pg';
import type { HisRow } from '../../../adapter/ports/row.ts';
import type { AccountFacts, RowDatabase, RowDialect, RowStatement, ViewColumn } from '../../../connectors/shared/row-pull/row-database.ts';

const quoted = (name: string): string => `"${name}"`;
const CASTS: Readonly<Record<string, string>> = { number: 'bigint', time: 'timestamp', binary: 'bigint' };

/** The strategies' SQL as PostgreSQL reads it: the stand-in for servers that developers do not have. A transaction id stands for the row version. */
const dialect: RowDialect = {
  name: 'postgres', fromNothing: '', object: (name) => name, column: quoted,
  select: (parts) => `SELECT ${parts.columns.join(', ')} FROM ${parts.from} v WHERE ${parts.where.join(' AND ')}${parts.groupBy === undefined ? '' : ` GROUP BY ${parts.groupBy.join(', ')}`} ORDER BY ${parts.orderBy.join(', ')} LIMIT ${String(parts.rows)}`,
  asText: (reference, column) => (column.kind === 'time' ? `to_char(${reference}, 'YYYY-MM-DD HH24:MI:SS.US')` : `CAST(${reference} AS text)`),
  asHex: (reference) => `encode(convert_to(${reference}, 'GB18030'), 'hex')`,
  bound: (index, column) => `CAST($${String(index)} AS ${CASTS[column.kind] ?? 'text'})`,
  now: `SELECT to_char(localtimestamp, 'YYYY-MM-DD HH24:MI:SS.MS') AS NOW`,
  versionCeiling: 'SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS CEILING',
};

export const HIS_TABLES = `CREATE TABLE lines ("ROW_ID" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "EVENT_ID" varchar(40), "CHANGED_AT" timestamp DEFAULT clock_timestamp(),
  "ROW_VER" bigint DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint), "SEND_FLAG" varchar(2) DEFAULT '0', "EVENT_KIND" varchar(20), "OCCURRED_AT" timestamp, "DRUG_CODE" varchar(40), "QUANTITY" numeric(14,4), "UNIT" varchar(20), "TRACE_CODES" numeric(20));
  CREATE INDEX ON lines ("EVENT_ID"); CREATE INDEX ON lines ("CHANGED_AT", "EVENT_ID"); CREATE TABLE taken ("SOURCE" varchar(40), "EVENT_ID" varchar(40), PRIMARY KEY ("SOURCE", "EVENT_ID"))`;

const COLUMNS: readonly ViewColumn[] = [
  { name: 'EVENT_ID', type: 'VARCHAR', kind: 'text' }, { name: 'ROW_ID', type: 'BIGINT', kind: 'number' }, { name: 'CHANGED_AT', type: 'TIMESTAMP', kind: 'time' }, { name: 'ROW_VER', type: 'XID8', kind: 'binary' },
  { name: 'SEND_FLAG', type: 'VARCHAR', kind: 'text' }, { name: 'EVENT_KIND', type: 'VARCHAR', kind: 'text' }, { name: 'OCCURRED_AT', type: 'TIMESTAMP', kind: 'time' }, { name: 'DRUG_CODE', type: 'VARCHAR', kind: 'text' },
  { name: 'QUANTITY', type: 'NUMERIC', kind: 'number' }, { name: 'UNIT', type: 'VARCHAR', kind: 'text' }, { name: 'TRACE_CODES', type: 'NUMERIC', kind: 'number' },
];

/** A RowDatabase on a real PostgreSQL. */
export class PostgresHis implements RowDatabase {
  readonly dialect = dialect;
  readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 8 });
    this.pool.on('error', () => undefined);
  }

  columns(): Promise<readonly ViewColumn[]> {
    return Promise.resolve(COLUMNS);
  }

  async query(statement: RowStatement): Promise<readonly HisRow[]> {
    const result = await this.pool.query<Record<string, string | null>>(statement.sql, [...statement.params]);
    return result.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value])));
  }

  async run(statement: RowStatement): Promise<number> {
    return (await this.pool.query(statement.sql, [...statement.params])).rowCount ?? 0;
  }

  account(): Promise<AccountFacts> {
    return Promise.resolve({ server: 'PostgreSQL', user: 'postgres', writable: [] });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
