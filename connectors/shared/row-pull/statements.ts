import type { ChangeTracking, RowDialect, RowStatement, ViewColumn } from './row-database.ts';
import { RowFault } from './row-fault.ts';

/** Names of what the statements return, apart from the columns of the view. */
export const POSITION = 'PULL_POSITION';
export const EVENT = 'PULL_EVENT';
export const ORDER = 'PULL_ORDER';

/** Gathers parameters while a statement is put together. */
interface Binder {
  readonly params: string[];
  readonly bind: (value: string, column: ViewColumn) => string;
}

function binder(dialect: RowDialect): Binder {
  const params: string[] = [];
  return { params, bind: (value, column) => dialect.bound(params.push(value), column) };
}

/** @returns the column as it is written in a statement: through the table alias, so that no output name hides it */
export function reference(dialect: RowDialect, column: ViewColumn): string {
  return `v.${column.expression ?? dialect.column(column.name)}`;
}

/** @returns what values of the column are compared and sorted by */
function compared(dialect: RowDialect, column: ViewColumn): string {
  const plain = reference(dialect, column);
  return dialect.comparable?.(plain, column) ?? plain;
}

export interface PageOf {
  readonly from: string;
  /** what pages are cut and sorted by; its values must stay as they are while a sweep runs */
  readonly position: ViewColumn;
  readonly event: ViewColumn;
  /** what the bounds are about, where that is not the position; an event then shows its lowest value */
  readonly bounded?: ViewColumn;
  /** inclusive, exclusive */
  readonly lower?: string;
  readonly upper?: string;
  /** the last position of the page before */
  readonly after?: { readonly position: string; readonly event: string };
  /** only rows whose flag has this value */
  readonly pending?: { readonly column: ViewColumn; readonly value: string };
  /** only events that the side table does not hold for this source */
  readonly notIn?: { readonly table: string; readonly source: string };
  readonly rows: number;
}

/** The next page of what is to be taken: positions with the ids of their events, in order of position. Reads no line. */
export function pageStatement(dialect: RowDialect, page: PageOf): RowStatement {
  const { params, bind } = binder(dialect);
  const [position, event] = [compared(dialect, page.position), compared(dialect, page.event)];
  const limited = page.bounded ?? page.position;
  const limit = compared(dialect, limited);
  const where = [`${event} IS NOT NULL`];
  if (page.lower !== undefined) where.push(`${limit} >= ${bind(page.lower, limited)}`);
  if (page.upper !== undefined) where.push(`${limit} < ${bind(page.upper, limited)}`);
  if (page.pending !== undefined) where.push(`${reference(dialect, page.pending.column)} = ${bind(page.pending.value, page.pending.column)}`);
  if (page.notIn !== undefined) {
    const side = { name: 'SOURCE', type: 'NVARCHAR', kind: 'text' } as const;
    where.push(`NOT EXISTS (SELECT 1 FROM ${dialect.object(page.notIn.table)} s WHERE s.${dialect.column('EVENT_ID')} = ${event} AND s.${dialect.column('SOURCE')} = ${bind(page.notIn.source, side)})`);
  }
  if (page.after !== undefined) {
    const at = bind(page.after.position, page.position);
    where.push(`(${position} > ${at} OR (${position} = ${at} AND ${event} > ${bind(page.after.event, page.event)}))`);
  }
  const keys = [...new Set([position, event])];
  const order = page.bounded === undefined ? [] : [`${dialect.asText(`MIN(${limit})`, page.bounded)} AS ${ORDER}`];
  const sql = dialect.select({
    columns: [`${dialect.asText(position, page.position)} AS ${POSITION}`, `${dialect.asText(event, page.event)} AS ${EVENT}`, ...order],
    from: dialect.object(page.from), where, groupBy: keys, orderBy: keys, rows: page.rows,
  });
  return { sql, params };
}

export interface ChangesOf {
  readonly view: string;
  readonly event: ViewColumn;
  readonly row: ViewColumn;
  readonly table: string;
  readonly key: string;
  /** versions, as digits: exclusive, inclusive */
  readonly lower: string;
  readonly upper: string;
  readonly after?: { readonly position: string; readonly event: string };
  readonly rows: number;
}

const VERSION: ViewColumn = { name: 'VERSION', type: 'BIGINT', kind: 'number' };

/** The next page of events with a changed row, in the order of the changes. What changes again while it is read has a version above `upper`. */
export function changesStatement(dialect: RowDialect, changes: ChangeTracking, page: ChangesOf): RowStatement {
  if (!/^\d{1,19}$/.test(page.lower)) throw new RowFault('statement', 'VERSION', 'the remembered version is no number');
  const { params, bind } = binder(dialect);
  const event = compared(dialect, page.event);
  const { version } = changes;
  const where = [`${reference(dialect, page.row)} = ct.${dialect.column(page.key)}`, `${event} IS NOT NULL`, `${version} <= ${bind(page.upper, VERSION)}`];
  if (page.after !== undefined) {
    const at = bind(page.after.position, VERSION);
    where.push(`(${version} > ${at} OR (${version} = ${at} AND ${event} > ${bind(page.after.event, page.event)}))`);
  }
  const keys = [version, event];
  const sql = dialect.select({
    columns: [`${dialect.asText(version, VERSION)} AS ${POSITION}`, `${dialect.asText(event, page.event)} AS ${EVENT}`],
    from: changes.from({ table: page.table, since: page.lower, view: page.view }), where, groupBy: keys, orderBy: keys, rows: page.rows,
  });
  return { sql, params };
}

/** Widths of the list of ids: few different statements, so that the server keeps their plans. */
const WIDTHS = [1, 5, 20, 50, 100, 200, 500, 900];

/** @returns the list made longer by repeating its last id, up to the next fixed width */
function padded(ids: readonly string[]): readonly string[] {
  const width = WIDTHS.find((candidate) => candidate >= ids.length) ?? ids.length;
  return [...ids, ...Array.from({ length: width - ids.length }, () => ids.at(-1) ?? '')];
}

export interface LinesOf {
  readonly from: string;
  readonly columns: readonly ViewColumn[];
  readonly event: ViewColumn;
  readonly row: ViewColumn;
  readonly ids: readonly string[];
  readonly rows: number;
  /** character columns are read as bytes */
  readonly hex: boolean;
}

/** Every row of the given events, whole: an event is never cut by a page. */
export function linesStatement(dialect: RowDialect, lines: LinesOf): RowStatement {
  const { params, bind } = binder(dialect);
  const event = compared(dialect, lines.event);
  const columns = lines.columns.map((column) => {
    const from = reference(dialect, column);
    return `${lines.hex && column.kind === 'text' ? dialect.asHex(from) : dialect.asText(from, column)} AS ${dialect.column(column.name)}`;
  });
  const sql = dialect.select({
    columns: [...columns, `${dialect.asText(event, lines.event)} AS ${EVENT}`],
    from: dialect.object(lines.from), where: [`${event} IN (${padded(lines.ids).map((id) => bind(id, lines.event)).join(', ')})`],
    orderBy: [event, reference(dialect, lines.row)], rows: lines.rows,
  });
  return { sql, params };
}

/** Sets the flag of exactly the rows that were stored; rows of the same event that came later keep theirs. */
export function flagStatement(dialect: RowDialect, mark: { readonly table: string; readonly flag: ViewColumn; readonly row: ViewColumn; readonly rows: readonly string[]; readonly pending: string; readonly done: string }): RowStatement {
  const { params, bind } = binder(dialect);
  const flag = dialect.column(mark.flag.name);
  const set = `UPDATE ${dialect.object(mark.table)} SET ${flag} = ${bind(mark.done, mark.flag)}`;
  const which = `${dialect.column(mark.row.name)} IN (${padded(mark.rows).map((row) => bind(row, mark.row)).join(', ')}) AND ${flag} = ${bind(mark.pending, mark.flag)}`;
  return { sql: `${set} WHERE ${which}`, params };
}

/** Enters events in the side table; one that is there already stays (his.md i.2: marks must be repeatable). */
export function sideStatement(dialect: RowDialect, mark: { readonly table: string; readonly source: string; readonly ids: readonly string[]; readonly event: ViewColumn }): RowStatement {
  const { params, bind } = binder(dialect);
  const text = { name: 'SOURCE', type: 'NVARCHAR', kind: 'text' } as const;
  const source = bind(mark.source, text);
  const ids = padded(mark.ids).map((id) => `SELECT ${bind(id, mark.event)} AS EVENT_ID${dialect.fromNothing}`).join(' UNION ');
  const [table, event, owner] = [dialect.object(mark.table), dialect.column('EVENT_ID'), dialect.column('SOURCE')];
  return { sql: `INSERT INTO ${table} (${owner}, ${event}) SELECT ${source}, t.EVENT_ID FROM (${ids}) t WHERE NOT EXISTS (SELECT 1 FROM ${table} s WHERE s.${owner} = ${source} AND s.${event} = t.EVENT_ID)`, params };
}

/** What became of one event, as the HIS may read it. */
export interface WriteBackRow { readonly event: string; readonly status: string; readonly code: string; readonly detail: string }

/** Adds results to an interface table (SOURCE, EVENT_ID, STATUS, CODE, DETAIL); one that stands there already is not added again. */
export function writeBackStatement(dialect: RowDialect, what: { readonly table: string; readonly source: string; readonly rows: readonly WriteBackRow[] }): RowStatement {
  const { params, bind } = binder(dialect);
  const text = { name: 'TEXT', type: 'NVARCHAR', kind: 'other' } as const;
  const source = bind(what.source, text);
  const rows = what.rows.map(({ event, status, code, detail }) => `SELECT ${bind(event, text)} AS EVENT_ID, ${bind(status, text)} AS STATUS, ${bind(code, text)} AS CODE, ${bind(detail, text)} AS DETAIL${dialect.fromNothing}`).join(' UNION ');
  const table = dialect.object(what.table);
  const [owner, event, status, code, detail] = ['SOURCE', 'EVENT_ID', 'STATUS', 'CODE', 'DETAIL'].map((name) => dialect.column(name));
  const known = `SELECT 1 FROM ${table} w WHERE w.${String(owner)} = ${source} AND w.${String(event)} = t.EVENT_ID AND w.${String(status)} = t.STATUS AND w.${String(code)} = t.CODE`;
  return { sql: `INSERT INTO ${table} (${[owner, event, status, code, detail].join(', ')}) SELECT ${source}, t.EVENT_ID, t.STATUS, t.CODE, t.DETAIL FROM (${rows}) t WHERE NOT EXISTS (${known})`, params };
}
