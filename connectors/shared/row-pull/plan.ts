import { RowFault } from './row-fault.ts';
import type { RowDialect, ViewColumn } from './row-database.ts';
import type { PullSettings } from './settings.ts';

/** What is read and by which columns, decided once the columns of the view are known. */
export interface PullPlan {
  readonly columns: readonly ViewColumn[];
  readonly event: ViewColumn;
  readonly row: ViewColumn;
  /** where the pages of positions are read, and by which column */
  readonly from: string;
  readonly position: ViewColumn;
  /** what the bounds of a sweep are about, where that is not the position */
  readonly bounded?: ViewColumn;
  /** the event column of `from`, when that is not the view */
  readonly pageEvent: ViewColumn;
  readonly flag: ViewColumn | undefined;
  /** names in upper case of columns that change without the event changing */
  readonly bookkeeping: ReadonlySet<string>;
  readonly cursor: CursorKind;
  /** change-tracking: the table that is tracked and its key, which is the row key of the view */
  readonly changes?: { readonly table: string; readonly key: string };
}

/** What the remembered position is made of; strategies with the same kind go on from one another's. */
export type CursorKind = 'time' | 'version' | 'scn' | 'changes' | 'none';

const SCN: ViewColumn = { name: 'ORA_ROWSCN', type: 'NUMBER', kind: 'number', expression: 'ORA_ROWSCN' };

/** @returns the kind of position the strategy remembers */
export function cursorOf(strategy: PullSettings['strategy']): CursorKind {
  if (strategy === 'rowversion' || strategy === 'xmin') return 'version';
  if (strategy === 'change-tracking') return 'changes';
  if (strategy === 'scn') return 'scn';
  return strategy === 'send-flag' ? 'none' : 'time';
}

/**
 * Finds the columns the strategy needs.
 * @param scnColumns columns of `scnTable`, strategy scn only
 * @param versionTypes of the dialect
 * @throws RowFault `missing` naming the setting, when a column is not there or is of the wrong type
 */
export function planOf(settings: PullSettings, columns: readonly ViewColumn[], scnColumns: readonly ViewColumn[] = [], versionTypes: readonly string[] = []): PullPlan {
  const names = settings.columns;
  const readable = columns.filter((column) => column.kind !== 'unreadable');
  const event = find(readable, names.event, 'columns.event');
  const row = find(readable, names.row, 'columns.row');
  const cursor = cursorOf(settings.strategy);
  const common = { columns: readable, event, row, cursor, from: settings.view, pageEvent: event };
  const bookkeeping = new Set([names.changedAt, names.version, names.flag].map((name) => name.toUpperCase()));
  switch (settings.strategy) {
    case 'send-flag': {
      const flag = find(readable, names.flag, 'columns.flag');
      return { ...common, position: row, flag, bookkeeping };
    }
    case 'rowversion': {
      const position = find(readable, names.version, 'columns.version');
      if (position.kind !== 'binary') throw wrongType(position, 'columns.version', ' rowversion ');
      return { ...common, position, flag: undefined, bookkeeping };
    }
    case 'xmin': {
      const position = find(readable, names.version, 'columns.version');
      if (!versionTypes.includes(position.type)) throw wrongType(position, 'columns.version', ' xid、xid8 或存有 txid_current() 的 bigint ');
      return { ...common, position, flag: undefined, bookkeeping };
    }
    case 'scn': {
      // pages are cut by event id: the ORA_ROWSCN of a block may change while a sweep runs, the id does not
      const pageEvent = find(scnColumns, names.event, `scnTable ${settings.scnTable ?? ''}`);
      return { ...common, from: settings.scnTable ?? settings.view, pageEvent, position: pageEvent, bounded: SCN, flag: undefined, bookkeeping };
    }
    case 'anti-join':
    case 'change-tracking':
    case 'time-window': {
      const position = find(readable, names.changedAt, 'columns.changedAt');
      if (position.kind !== 'time' && position.kind !== 'offset-time') throw wrongType(position, 'columns.changedAt', '日期时间');
      const { changeTable } = settings;
      const changes = settings.strategy === 'change-tracking' && changeTable !== undefined ? { changes: { table: changeTable, key: settings.changeKey ?? row.name } } : {};
      return { ...common, position, flag: undefined, bookkeeping, ...changes };
    }
  }
}

/** @returns what is wrong with the settings before any connection, in Chinese; undefined when nothing is */
export function settingsProblem(settings: PullSettings, dialect: RowDialect): string | undefined {
  const { strategy } = settings;
  if (strategy === 'rowversion' && dialect.versionCeiling === undefined) return 'strategy: rowversion 只适用于 SQL Server';
  if (strategy === 'xmin' && dialect.versionTypes === undefined) return 'strategy: xmin 只适用于 PostgreSQL';
  if (strategy === 'change-tracking' && dialect.changes === undefined) return 'strategy: change-tracking 只适用于 SQL Server';
  if (strategy === 'change-tracking' && settings.changeTable === undefined) return 'strategy: change-tracking 须在 changeTable 指定启用了更改跟踪的基表';
  if (strategy === 'scn' && dialect.changeNumber === undefined) return 'strategy: scn 只适用于 Oracle';
  if (strategy === 'scn' && settings.scnTable === undefined) return 'strategy: scn 须在 scnTable 指定基表（ORA_ROWSCN 不能从视图读取）';
  if (['rowversion', 'xmin', 'scn'].includes(strategy) && !['now', 'beginning'].includes(settings.startAt)) return `strategy: ${strategy} 的 startAt 只能是 now 或 beginning`;
  if (settings.sideTable !== undefined && strategy !== 'anti-join') return 'sideTable 只用于 strategy: anti-join';
  if (settings.flagTable !== undefined && strategy !== 'send-flag') return 'flagTable 只用于 strategy: send-flag';
  if (settings.flagPending === settings.flagDone) return 'flagPending 与 flagDone 不能相同';
  for (const name of [settings.view, settings.sideTable, settings.flagTable, settings.scnTable, settings.changeTable]) {
    if (name !== undefined && !/^[^\s.;'"[\]]+(\.[^\s.;'"[\]]+){0,3}$/.test(name)) return `名称 ${name} 无效：应为 名称、模式.名称 或 库.模式.名称`;
  }
  return undefined;
}

function find(columns: readonly ViewColumn[], name: string, setting: string): ViewColumn {
  const found = columns.find((column) => column.name.toUpperCase() === name.toUpperCase());
  if (found !== undefined) return found;
  throw new RowFault('missing', name, `no column ${name}`, `视图中没有列 ${name}（${setting}）；请按 mappings/standard/README.md 补列，或在 columns 中写上实际列名`);
}

function wrongType(column: ViewColumn, setting: string, wanted: string): RowFault {
  return new RowFault('missing', column.name, `column ${column.name} is ${column.type}`, `列 ${column.name}（${setting}）的类型是 ${column.type}，须为${wanted}类型；请在视图中转换`);
}
