import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { pullSettings } from '../shared/row-pull/settings.ts';

const tls = {
  encrypt: { kind: 'choice', choices: ['auto', 'yes', 'no'], default: 'auto', label: '加密', meaning: 'auto = 按连接串的 sslmode，没写则不加密并记入日志；yes = 一律加密；no = 不加密', description: 'auto: what sslmode of the connection string says, otherwise not (logged); yes or no: whatever it says' },
  trustServerCertificate: { kind: 'boolean', default: false, label: '信任自签证书', meaning: 'true = 接受服务器自己签发的证书；false = 证书须由受信任的 CA 签发，否则连不上', description: 'accept the certificate the server made for itself' },
} as const satisfies SettingTable;

/** Settings of a source with `connector: his-postgres`. */
export const settings = {
  connection: { kind: 'text', required: true, secret: true, label: '连接', meaning: 'postgres://用户:口令@主机:5432/库，jdbc:postgresql:// 或 host=… dbname=… user=… password=… 也可；整串放进环境变量', description: 'postgres://user:password@host:5432/his; jdbc:postgresql:// and host=… dbname=… user=… password=… as well', example: '${HIS_DB}' },
  strategy: {
    kind: 'choice', choices: ['anti-join', 'send-flag', 'xmin', 'time-window'], default: 'time-window', label: '取数策略',
    meaning: 'time-window = 按变更时间并往回看；anti-join = 取尚未登记为“已取”的；send-flag = 按发送标志；xmin = 按行的事务号，视图须给出基表的 xmin（每次轮询扫描全表）或触发器写入的 txid_current()（可建索引）',
    description: 'time-window: by a time column, reading back; anti-join: what is not yet taken; send-flag: outbox rows by their flag; xmin: by transaction number below the oldest open one; the view shows xmin of its base table (every poll scans it) or a stored txid_current() (can be indexed) as columns.version',
  },
  ...pullSettings,
  tls: { kind: 'section', fields: tls, label: '加密', description: 'encryption of the connection' },
} as const satisfies SettingTable;

export type PostgresSettings = SettingsOf<typeof settings> & { readonly institution?: string };
