import type { ColumnKind, RowDialect, SelectParts, ViewColumn } from '../shared/row-pull/row-database.ts';

const KINDS: Readonly<Record<string, ColumnKind>> = {
  CHAR: 'text', VARCHAR: 'text', TEXT: 'text', NCHAR: 'other', NVARCHAR: 'other', NTEXT: 'other', UNIQUEIDENTIFIER: 'other', XML: 'other', TIME: 'other',
  BIT: 'number', TINYINT: 'number', SMALLINT: 'number', INT: 'number', BIGINT: 'number', DECIMAL: 'number', NUMERIC: 'number',
  MONEY: 'number', SMALLMONEY: 'number', FLOAT: 'number', REAL: 'number',
  DATE: 'time', DATETIME: 'time', DATETIME2: 'time', SMALLDATETIME: 'time', DATETIMEOFFSET: 'offset-time', BINARY: 'binary', VARBINARY: 'binary',
};

/** @returns what a declared type holds; types that cannot be printed (image, geometry, sql_variant) are left out of the reading */
export function kindOf(type: string): ColumnKind {
  return KINDS[type] ?? 'unreadable';
}

/** Longest character column that is read as nvarchar(4000); longer ones as nvarchar(max). */
const SHORT = 4_000;

/**
 * T-SQL, kept to what every server since 2008 reads the same: no hints (NOLOCK reads what rolls back), no MERGE, no table
 * values (his.md i.4). Everything is turned into text by the server: a numeric(20,0) becomes a float in the driver, datetime
 * depends on the driver's idea of a time zone, and varchar is decoded best by the server, which knows its own code page (b.3).
 */
export const mssqlDialect: RowDialect = {
  name: 'mssql',
  fromNothing: '',
  now: 'SELECT CONVERT(varchar(23), GETDATE(), 121) AS [NOW]',
  versionCeiling: 'SELECT CONVERT(varchar(18), MIN_ACTIVE_ROWVERSION(), 1) AS [CEILING]',
  changes: {
    facts: (table) => ({
      sql: 'SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()) AS [CEILING], CONVERT(varchar(20), CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(@p1))) AS [MINIMUM], CONVERT(varchar(23), GETDATE(), 121) AS [NOW]',
      params: [table.split('.').map(quoted).join('.')],
    }),
    // the version is part of the text: CHANGETABLE takes no expression
    from: ({ table, since, view }) => `CHANGETABLE(CHANGES ${table.split('.').map(quoted).join('.')}, ${since}) ct, ${view.split('.').map(quoted).join('.')}`,
    version: 'ct.[SYS_CHANGE_VERSION]',
  },
  object: (name) => name.split('.').map(quoted).join('.'),
  column: quoted,
  select,
  asText,
  asHex: (reference) => `CONVERT(varchar(max), CONVERT(varbinary(max), CONVERT(varchar(max), ${reference})), 2)`,
  bound,
};

function quoted(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

function select(parts: SelectParts): string {
  const where = parts.where.length === 0 ? '' : ` WHERE ${parts.where.join(' AND ')}`;
  const groupBy = parts.groupBy === undefined ? '' : ` GROUP BY ${parts.groupBy.join(', ')}`;
  return `SELECT TOP ${String(parts.rows)} ${parts.columns.join(', ')} FROM ${parts.from} v${where}${groupBy} ORDER BY ${parts.orderBy.join(', ')}`;
}

function asText(reference: string, column: ViewColumn): string {
  switch (column.type) {
    case 'DATE': case 'DATETIME': case 'DATETIME2': case 'SMALLDATETIME': case 'DATETIMEOFFSET': case 'TIME':
      return `CONVERT(varchar(40), ${reference}, 121)`;
    // style 2: all four decimals of money, all digits of float (in scientific notation)
    case 'MONEY': case 'SMALLMONEY': case 'FLOAT': case 'REAL': return `CONVERT(varchar(40), ${reference}, 2)`;
    case 'BINARY': case 'VARBINARY': return `CONVERT(varchar(max), ${reference}, 1)`;
    case 'CHAR': case 'NCHAR': case 'VARCHAR': case 'NVARCHAR':
      return `CONVERT(nvarchar(${column.length !== undefined && column.length <= SHORT ? String(SHORT) : 'max'}), ${reference})`;
    case 'TEXT': case 'NTEXT': case 'XML': return `CONVERT(nvarchar(max), ${reference})`;
    default: return `CONVERT(varchar(60), ${reference})`;
  }
}

/** Parameters travel as NVARCHAR, always: decimals of more than 26 digits break the call (his.md i.5); they are cast to the column's type so that its index is used. */
function bound(index: number, column: ViewColumn): string {
  const parameter = `@p${String(index)}`;
  switch (column.type) {
    case 'CHAR': case 'VARCHAR': return `CAST(${parameter} AS varchar(${column.length !== undefined && column.length <= 8_000 ? String(Math.max(column.length, 1)) : '8000'}))`;
    case 'DATETIME': return `CONVERT(datetime, ${parameter}, 121)`;
    case 'SMALLDATETIME': return `CONVERT(smalldatetime, CONVERT(datetime, ${parameter}, 121))`;
    case 'DATETIME2': return `CONVERT(datetime2, ${parameter}, 121)`;
    case 'DATE': return `CONVERT(date, CONVERT(datetime2, ${parameter}, 121))`;
    case 'DATETIMEOFFSET': return `CONVERT(datetimeoffset, ${parameter}, 121)`;
    case 'BINARY': case 'VARBINARY': return `CONVERT(varbinary(8000), ${parameter}, 1)`;
    case 'BIT': case 'TINYINT': case 'SMALLINT': case 'INT': case 'BIGINT': return `CAST(${parameter} AS bigint)`;
    case 'DECIMAL': case 'NUMERIC': return `CAST(${parameter} AS decimal(38, 10))`;
    case 'MONEY': case 'SMALLMONEY': return `CAST(${parameter} AS money)`;
    case 'FLOAT': case 'REAL': return `CAST(${parameter} AS float)`;
    case 'UNIQUEIDENTIFIER': return `CAST(${parameter} AS uniqueidentifier)`;
    default: return parameter;
  }
}
