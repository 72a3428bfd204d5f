import type { ColumnKind, RowDialect, SelectParts, ViewColumn } from '../shared/row-pull/row-database.ts';

const KINDS: Readonly<Record<string, ColumnKind>> = {
  'CHAR': 'text', 'VARCHAR2': 'text', 'VARCHAR': 'text', 'NCHAR': 'other', 'NVARCHAR2': 'other', 'CLOB': 'other', 'NCLOB': 'other', 'ROWID': 'other', 'UROWID': 'other', 'LONG': 'other',
  'NUMBER': 'number', 'BINARY_INTEGER': 'number', 'BINARY_FLOAT': 'number', 'BINARY_DOUBLE': 'number',
  'DATE': 'time', 'TIMESTAMP': 'time', 'TIMESTAMP WITH LOCAL TIME ZONE': 'time', 'TIMESTAMP WITH LOCAL TZ': 'time', 'TIMESTAMP WITH TIME ZONE': 'offset-time', 'TIMESTAMP WITH TZ': 'offset-time', 'RAW': 'binary',
};

/** @returns what a type holds; types that cannot be printed (BLOB, objects) are left out of the reading */
export function kindOf(type: string): ColumnKind {
  return KINDS[type] ?? 'unreadable';
}

/** Said once per session: what text and numbers look like must not depend on the host (NLS_LANG, its time zone). */
export const SESSION = [
  `ALTER SESSION SET TIME_ZONE = '+08:00'`,
  `ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = BINARY NLS_COMP = BINARY NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'`,
] as const;

const SECONDS = `'YYYY-MM-DD HH24:MI:SS'`;

/** Oracle SQL that 11.2 reads as well: ROWNUM instead of FETCH FIRST. Numbers and times become text on the server. */
export const oracleDialect: RowDialect = {
  name: 'oracle',
  fromNothing: ' FROM DUAL',
  now: `SELECT TO_CHAR(SYSDATE, ${SECONDS}) || '.000' AS NOW FROM DUAL`,
  changeNumber: `SELECT TO_CHAR(DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER, 'TM9') AS SCN FROM DUAL`,
  // plain names as they are, so that they become upper case like everything the DBA writes
  object: (name) => name.split('.').map((part) => (/^[A-Za-z][\w$#]*$/.test(part) ? part : quoted(part))).join('.'),
  column: quoted,
  select,
  asText,
  asHex: (reference) => `RAWTOHEX(UTL_RAW.CAST_TO_RAW(${reference}))`,
  bound,
};

function quoted(name: string): string {
  return `"${name.replaceAll('"', '')}"`;
}

function select(parts: SelectParts): string {
  const where = parts.where.length === 0 ? '' : ` WHERE ${parts.where.join(' AND ')}`;
  const groupBy = parts.groupBy === undefined ? '' : ` GROUP BY ${parts.groupBy.join(', ')}`;
  return `SELECT * FROM (SELECT ${parts.columns.join(', ')} FROM ${parts.from} v${where}${groupBy} ORDER BY ${parts.orderBy.join(', ')}) WHERE ROWNUM <= ${String(parts.rows)}`;
}

function asText(reference: string, column: ViewColumn): string {
  switch (column.kind) {
    case 'number': return `TO_CHAR(${reference}, 'TM9')`;
    case 'time': return column.type === 'DATE' ? `TO_CHAR(${reference}, ${SECONDS})` : `TO_CHAR(${reference}, 'YYYY-MM-DD HH24:MI:SS.FF9')`;
    case 'offset-time': return `TO_CHAR(${reference}, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')`;
    case 'binary': return `RAWTOHEX(${reference})`;
    default: return column.type === 'ROWID' || column.type === 'UROWID' ? `ROWIDTOCHAR(${reference})` : reference;
  }
}

/** Parameters are VARCHAR2 and are turned into the column's own type, so that its index is used. */
function bound(index: number, column: ViewColumn): string {
  const parameter = `:p${String(index)}`;
  switch (column.kind) {
    case 'number': return `TO_NUMBER(${parameter})`;
    case 'time': return column.type === 'DATE' ? `TO_DATE(SUBSTR(${parameter}, 1, 19), ${SECONDS})` : `TO_TIMESTAMP(${parameter}, 'YYYY-MM-DD HH24:MI:SS.FF')`;
    case 'offset-time': return `TO_TIMESTAMP_TZ(${parameter}, 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM')`;
    case 'binary': return `HEXTORAW(${parameter})`;
    // CHAR compares with its padding unless both sides are CHAR (his.md b.1)
    default: return column.type === 'CHAR' ? `CAST(${parameter} AS CHAR(${String(Math.max(column.length ?? 1, 1))}))` : parameter;
  }
}
