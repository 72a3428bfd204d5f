import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { pullSettings } from '../shared/row-pull/settings.ts';

const tls = {
  encrypt: { kind: 'choice', choices: ['auto', 'yes', 'no'], default: 'auto', label: '加密', meaning: 'auto = 按连接串，没写则加密；yes = 一律加密；no = 只加密登录', description: 'auto: what the connection string says, otherwise yes; no: only the login is encrypted' },
  trustServerCertificate: { kind: 'boolean', default: false, label: '信任自签证书', meaning: 'true = 接受服务器自己签发的证书；false = 证书须由受信任的 CA 签发，否则连不上', description: 'accept the certificate the server made for itself; the connection string may say so as well' },
  minVersion: { kind: 'choice', choices: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], label: '最低 TLS 版本', meaning: '只对不支持 TLS 1.2 的旧版（SQL Server 2008 至 2014）才填 TLSv1；会降低安全性并记入日志', description: 'TLSv1 for SQL Server 2008 to 2014 without TLS 1.2; lowers the security of the connection and is logged' },
} as const satisfies SettingTable;

const writeBack = {
  connection: { kind: 'text', secret: true, label: '回写连接', meaning: '另一个账号的连接串，写法同 connection；不填则不回写', description: 'connection string of another account; results are written back only when it is given', example: '${HIS_WRITE_DB}' },
  table: { kind: 'text', default: 'his_trace.trace_results', label: '回写接口表', meaning: '列 SOURCE、EVENT_ID、STATUS、CODE、DETAIL；账号只需该表的 SELECT、INSERT', description: 'interface table with SOURCE, EVENT_ID, STATUS, CODE, DETAIL; the account needs SELECT and INSERT on it, nothing else' },
} as const satisfies SettingTable;

/** Settings of a source with `connector: his-mssql`. */
export const settings = {
  connection: { kind: 'text', required: true, secret: true, label: '连接', meaning: '连接串：Server=主机,1433;Database=his;User Id=…;Password=…，或 mssql://用户:口令@主机:1433/his；整串放进环境变量', description: 'Server=host,1433;Database=his;User Id=…;Password=… or mssql://user:password@host:1433/his', example: '${HIS_DB}' },
  strategy: {
    kind: 'choice', choices: ['anti-join', 'send-flag', 'rowversion', 'change-tracking', 'time-window'], default: 'time-window', label: '取数策略', meaning: 'time-window = 按变更时间并往回看；anti-join = 取尚未登记为“已取”的；send-flag = 按发送标志；rowversion = 按版本号；change-tracking = 按数据库的更改跟踪，跟踪记录过期时改按时间补读并记入日志',
    description: 'time-window: by a time column, reading back; anti-join: what is not yet taken; send-flag: outbox rows by their flag; rowversion: below MIN_ACTIVE_ROWVERSION(); change-tracking: CHANGETABLE of changeTable, by time where the server no longer keeps the changes (logged)',
  },
  changeTable: { kind: 'text', label: '更改跟踪表', meaning: 'strategy: change-tracking 时启用了更改跟踪的基表；账号须有该表的 VIEW CHANGE TRACKING 与主键列的 SELECT', description: 'change-tracking: base table that is tracked; the account needs VIEW CHANGE TRACKING on it and SELECT on its key' },
  changeKey: { kind: 'text', label: '更改跟踪主键', meaning: '更改跟踪表的主键列名，其值即视图的行键；不填则与行键列同名', description: 'change-tracking: key column of changeTable, equal to the row key of the view; default: columns.row' },
  ...pullSettings,
  tls: { kind: 'section', fields: tls, label: '加密', description: 'encryption of the connection, for old servers' },
  writeBack: { kind: 'section', fields: writeBack, label: '回写接收结果', description: 'what became of each event (accepted, noted, quarantined, rejected), written to an interface table; never holds up the reading, results in memory are bounded' },
} as const satisfies SettingTable;

export type MssqlSettings = SettingsOf<typeof settings> & { readonly institution?: string };
