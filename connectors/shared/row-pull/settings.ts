import type { SettingsOf, SettingTable } from '../../../adapter/ports/settings.ts';

const columns = {
  event: { kind: 'text', default: 'EVENT_ID', label: '事件编号列', description: 'column with the id of the event; rows with the same id form one event' },
  row: { kind: 'text', default: 'ROW_ID', label: '行键列', description: 'column with a unique key of the row that grows; orders the lines of an event' },
  changedAt: { kind: 'text', default: 'CHANGED_AT', label: '变更时间列', description: 'date-time column used by time-window and anti-join' },
  version: { kind: 'text', default: 'ROW_VER', label: '版本列', description: 'rowversion column, used by strategy rowversion' },
  flag: { kind: 'text', default: 'SEND_FLAG', label: '发送标志列', description: 'column used by strategy send-flag' },
} as const satisfies SettingTable;

/** Settings that every source has that pulls rows, whatever the database. */
export const pullSettings = {
  view: { kind: 'text', default: 'his_trace.trace_lines', label: '视图', description: 'view (or table) to read, schema.name; one row per event line, see mappings/standard/README.md' },
  every: { kind: 'duration', default: 10_000, min: 200, max: 86_400_000, label: '轮询间隔', description: 'pause between two polls' },
  columns: { kind: 'section', fields: columns, label: '列名', description: 'names of the columns the source itself needs; upper and lower case are the same' },
  startAt: {
    kind: 'text', default: 'now', pattern: /^(now|beginning|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?)$/, label: '首次起点',
    description: 'where the first poll begins: now, beginning, or a local time yyyy-MM-dd HH:mm:ss (time-window and anti-join); afterwards the remembered position counts',
  },
  lookBack: { kind: 'duration', min: 1_000, max: 31_622_400_000, label: '回看时长', description: 'how far before the remembered time each poll reads again, to find late commits; default 15m (time-window), 24h (anti-join), 30 days (anti-join with sideTable)' },
  deepEvery: { kind: 'duration', default: 3_600_000, min: 1_000, max: 86_400_000, label: '深度回看间隔', description: 'time-window: how often deepLookBack is used instead of lookBack' },
  deepLookBack: { kind: 'duration', default: 86_400_000, min: 1_000, max: 31_622_400_000, label: '深度回看时长', description: 'time-window: how far back the rarer, deeper poll reads' },
  sideTable: { kind: 'text', label: '已取登记表', description: 'anti-join: table of ours in the HIS database (columns SOURCE, EVENT_ID) that the account may insert into; without it the comparison is made here, and the account needs no right to write' },
  flagTable: { kind: 'text', label: '标志所在表', description: 'send-flag: table whose flag is set after an event is stored; default: the view itself' },
  flagPending: { kind: 'text', default: '0', label: '待取标志', description: 'send-flag: value of rows not yet taken' },
  flagDone: { kind: 'text', default: '1', label: '已取标志', description: 'send-flag: value set after the rows are stored durably' },
  pageEvents: { kind: 'integer', default: 200, min: 1, max: 900, label: '每页事件数', description: 'events read at a time' },
  maxEventRows: { kind: 'integer', default: 10_000, min: 1, max: 50_000, label: '单事件行数上限', description: 'an event with more rows is quarantined; also the bound of rows in memory' },
  maxInFlight: { kind: 'integer', default: 32, min: 1, max: 500, label: '并行入库数', description: 'events of one kind being stored at the same time' },
  readTimeout: { kind: 'duration', default: 60_000, min: 100, max: 3_600_000, label: '单次读取时限', description: 'our own deadline around each statement' },
  connectTimeout: { kind: 'duration', default: 15_000, min: 100, max: 600_000, label: '连接时限', description: 'time to open a connection' },
  charset: {
    kind: 'choice', choices: ['database', 'gbk'], default: 'database', label: '字符集',
    description: 'database: text as the database declares it; gbk: character columns hold GBK bytes that the database does not know of (US7ASCII, WE8ISO8859P1, Latin1) and are read as bytes',
  },
} as const satisfies SettingTable;

export type PullSettings = SettingsOf<typeof pullSettings> & {
  readonly strategy: 'anti-join' | 'send-flag' | 'rowversion' | 'scn' | 'time-window';
  /** institution of rows that name none; read with the common settings of every source */
  readonly institution?: string;
  /** scn: table that ORA_ROWSCN is read from; it needs the event column */
  readonly scnTable?: string;
};
