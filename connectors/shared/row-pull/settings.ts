import type { SettingsOf, SettingTable } from '../../../adapter/ports/settings.ts';

const columns = {
  event: { kind: 'text', default: 'EVENT_ID', label: '事件编号列', meaning: '视图中事件编号的列名；编号相同的行组成一个事件', description: 'column with the id of the event; rows with the same id form one event' },
  row: { kind: 'text', default: 'ROW_ID', label: '行键列', meaning: '视图中每行唯一且递增的键的列名，决定明细的先后', description: 'column with a unique key of the row that grows; orders the lines of an event' },
  changedAt: { kind: 'text', default: 'CHANGED_AT', label: '变更时间列', meaning: '视图中变更时间的列名；按时间取数时必须有，且建有索引', description: 'date-time column used by time-window and anti-join' },
  version: { kind: 'text', default: 'ROW_VER', label: '版本列', meaning: '视图中版本号（rowversion、xmin）的列名；按版本取数时必须有', description: 'column with the version of the row, used by strategies rowversion and xmin' },
  flag: { kind: 'text', default: 'SEND_FLAG', label: '发送标志列', meaning: '视图中发送标志的列名；按标志取数时必须有', description: 'column used by strategy send-flag' },
} as const satisfies SettingTable;

/** Settings that every source has that pulls rows, whatever the database. */
export const pullSettings = {
  view: { kind: 'text', default: 'his_trace.trace_lines', label: '视图', meaning: '取数的视图名，可带架构；DBA 按 sql/his/ 的脚本建立', description: 'view (or table) to read, schema.name; one row per event line, see mappings/standard/README.md' },
  every: { kind: 'duration', default: 10_000, min: 200, max: 86_400_000, label: '轮询间隔', meaning: '多久查一次有没有新数据；越短越及时，数据库负担越重', description: 'pause between two polls' },
  columns: { kind: 'section', fields: columns, label: '列名', description: 'names of the columns the source itself needs; upper and lower case are the same' },
  startAt: {
    kind: 'text', default: 'now', pattern: /^(now|beginning|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?)$/, label: '首次起点', meaning: '第一次启动从哪里开始取：now = 只取此后的；beginning = 全部；或本地时间 yyyy-MM-dd HH:mm:ss；之后按记住的位置，改它不起作用',
    description: 'where the first poll begins: now, beginning, or a local time yyyy-MM-dd HH:mm:ss (time-window and anti-join); afterwards the remembered position counts',
  },
  lookBack: { kind: 'duration', min: 1_000, max: 31_622_400_000, label: '回看时长', meaning: '每次轮询往回多看多久，防止晚提交的行漏取；不填时 time-window 为 15m，anti-join 为 24h，有 sideTable 的为 30 天', description: 'how far before the remembered time each poll reads again, to find late commits; default 15m (time-window), 24h (anti-join), 30 days (anti-join with sideTable)' },
  deepEvery: { kind: 'duration', default: 3_600_000, min: 1_000, max: 86_400_000, label: '深度回看间隔', meaning: '多久做一次更深的回看', description: 'time-window: how often deepLookBack is used instead of lookBack' },
  deepLookBack: { kind: 'duration', default: 86_400_000, min: 1_000, max: 31_622_400_000, label: '深度回看时长', meaning: '深度回看往回看多久，补上很晚才提交的行', description: 'time-window: how far back the rarer, deeper poll reads' },
  sideTable: { kind: 'text', label: '已取登记表', meaning: 'anti-join 方式下在 HIS 库里登记“已取”的表（列 SOURCE、EVENT_ID），账号须有插入权限；不填则在本机比对，账号只读即可', description: 'anti-join: table of ours in the HIS database (columns SOURCE, EVENT_ID) that the account may insert into; without it the comparison is made here, and the account needs no right to write' },
  flagTable: { kind: 'text', label: '标志所在表', meaning: '发送标志所在的基表，落盘之后把标志改为已取；不填即视图本身', description: 'send-flag: table whose flag is set after an event is stored; default: the view itself' },
  flagPending: { kind: 'text', default: '0', label: '待取标志', meaning: '标志列等于它的行待取', description: 'send-flag: value of rows not yet taken' },
  flagDone: { kind: 'text', default: '1', label: '已取标志', meaning: '取走后把标志列改为它', description: 'send-flag: value set after the rows are stored durably' },
  pageEvents: { kind: 'integer', default: 200, min: 1, max: 900, label: '每页事件数', meaning: '一次读多少个事件；读完一页再读下一页', description: 'events read at a time' },
  maxEventRows: { kind: 'integer', default: 10_000, min: 1, max: 50_000, label: '单事件行数上限', meaning: '一个事件至多多少行，也是内存中行数的上限；更多的事件留在待处理', description: 'an event with more rows is quarantined; also the bound of rows in memory' },
  maxInFlight: { kind: 'integer', default: 200, min: 1, max: 500, label: '并行入库数', meaning: '同时落盘的事件数；越大越快，占用也越多', description: 'events of one kind being stored at the same time' },
  readTimeout: { kind: 'duration', default: 60_000, min: 100, max: 3_600_000, label: '单次读取时限', meaning: '一次查询最多等多久；超时放弃并稍后重试，位置不变', description: 'our own deadline around each statement' },
  connectTimeout: { kind: 'duration', default: 15_000, min: 100, max: 600_000, label: '连接时限', meaning: '连接数据库最多等多久', description: 'time to open a connection' },
  charset: {
    kind: 'choice', choices: ['database', 'gbk'], default: 'database', label: '字符集', meaning: 'database = 按数据库驱动给的文字；gbk = 列里存的是 GBK 字节（显示为乱码时用）',
    description: 'database: text as the database declares it; gbk: character columns hold GBK bytes that the database does not know of (US7ASCII, WE8ISO8859P1, Latin1) and are read as bytes',
  },
} as const satisfies SettingTable;

export type PullSettings = SettingsOf<typeof pullSettings> & {
  readonly strategy: 'anti-join' | 'send-flag' | 'rowversion' | 'xmin' | 'scn' | 'change-tracking' | 'time-window';
  /** institution of rows that name none; read with the common settings of every source */
  readonly institution?: string;
  /** scn: table that ORA_ROWSCN is read from; it needs the event column */
  readonly scnTable?: string;
  /** change-tracking: table that the server tracks, and its key where the row key of the view has another name */
  readonly changeTable?: string;
  readonly changeKey?: string;
};
