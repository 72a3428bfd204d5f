import type { ColumnKind, RowDialect, SelectParts, ViewColumn } from '../shared/row-pull/row-database.ts';

const KINDS: Readonly<Record<string, ColumnKind>> = {
  VARCHAR: 'text', BPCHAR: 'text', TEXT: 'text', INT2: 'number', INT4: 'number', INT8: 'number', NUMERIC: 'number', FLOAT4: 'number', FLOAT8: 'number', XID: 'number', XID8: 'number',
  DATE: 'time', TIMESTAMP: 'time', TIMESTAMPTZ: 'offset-time', BYTEA: 'binary',
};

/** @returns what a type holds, by its name in pg_type; everything else (enum, boolean, json, arrays) prints itself */
export function kindOf(type: string): ColumnKind {
  return KINDS[type] ?? 'other';
}

/**
 * PostgreSQL 10 and later. Numbers and times become text on the server; the session says which time zone (connection-options.ts).
 * `txid_*` is the spelling that 10 to 18 share.
 */
export const postgresDialect: RowDialect = {
  name: 'postgres',
  fromNothing: '',
  now: `SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.MS') AS "NOW"`,
  // every transaction below it is over: committed, and so visible, or rolled back; subtransactions lie above theirs
  versionCeiling: 'SELECT CAST(txid_snapshot_xmin(txid_current_snapshot()) AS text) AS "CEILING"',
  versionTypes: ['XID', 'XID8', 'INT8'],
  object: (name) => name.split('.').map((part) => (/[A-Z]/.test(part) && /^[A-Za-z_][\w$]*$/.test(part) ? part : quoted(part))).join('.'),
  column: quoted,
  select,
  asText,
  // SQL_ASCII databases that hold GBK: the server does not know, and says the bytes as they are
  asHex: (reference) => `encode(convert_to(CAST(${reference} AS text), 'SQL_ASCII'), 'hex')`,
  bound,
  comparable,
};

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function select(parts: SelectParts): string {
  const where = parts.where.length === 0 ? '' : ` WHERE ${parts.where.join(' AND ')}`;
  const groupBy = parts.groupBy === undefined ? '' : ` GROUP BY ${parts.groupBy.join(', ')}`;
  return `SELECT ${parts.columns.join(', ')} FROM ${parts.from} v${where}${groupBy} ORDER BY ${parts.orderBy.join(', ')} LIMIT ${String(parts.rows)}`;
}

function asText(reference: string, column: ViewColumn): string {
  switch (column.kind) {
    case 'time': return `to_char(${reference}, 'YYYY-MM-DD${column.type === 'DATE' ? '' : ' HH24:MI:SS.US'}')`;
    case 'offset-time': return `to_char(${reference}, 'YYYY-MM-DD HH24:MI:SS.US') || ' +08:00'`;
    case 'binary': return `encode(${reference}, 'hex')`;
    default: return `CAST(${reference} AS text)`;
  }
}

const CASTS: Readonly<Record<string, string>> = {
  BPCHAR: 'bpchar', INT2: 'bigint', INT4: 'bigint', INT8: 'bigint', NUMERIC: 'numeric', FLOAT4: 'real', FLOAT8: 'double precision', XID: 'bigint', XID8: 'bigint',
  DATE: 'date', TIMESTAMP: 'timestamp', TIMESTAMPTZ: 'timestamptz', UUID: 'uuid', BOOL: 'boolean',
};

/** Parameters travel as text and are turned into the column's own type, so that its index is used. */
function bound(index: number, column: ViewColumn): string {
  const parameter = `$${String(index)}`;
  return column.type === 'BYTEA' ? `decode(CAST(${parameter} AS text), 'hex')` : `CAST(${parameter} AS ${CASTS[column.type] ?? 'text'})`;
}

const NEXT = '(SELECT txid_snapshot_xmax(txid_current_snapshot()))';
const EPOCH = 4_294_967_296;

/**
 * xmin has 32 bits and begins anew every four thousand million transactions. Visible rows were written before the next transaction, so
 * the number is the last one below it that ends in these bits. Rows that old may seem younger and are read once more: a duplicate, never a loss.
 */
function comparable(reference: string, column: ViewColumn): string {
  if (column.type === 'XID8') return `CAST(CAST(${reference} AS text) AS bigint)`;
  if (column.type !== 'XID') return CASTS[column.type] === undefined && column.kind === 'other' ? `CAST(${reference} AS text)` : reference;
  const number = `CAST(CAST(${reference} AS text) AS bigint)`;
  return `(${NEXT} - mod(${NEXT} - 1 - ${number} + ${String(EPOCH)}, ${String(EPOCH)}) - 1)`;
}
