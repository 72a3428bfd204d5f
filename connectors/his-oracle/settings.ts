import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { pullSettings } from '../shared/row-pull/settings.ts';

/** Settings of a source with `connector: his-oracle`. */
export const settings = {
  connection: { kind: 'text', required: true, secret: true, label: '连接', meaning: '用户/口令@主机:1521/服务名，或 oracle://用户:口令@主机:1521/服务名；整串放进环境变量', description: 'user/password@host:1521/service, user/password@(DESCRIPTION=…) or oracle://user:password@host:1521/service', example: '${HIS_DB}' },
  mode: { kind: 'choice', choices: ['thin', 'thick'], default: 'thin', label: '连接方式', meaning: 'thin = Oracle 12.1 及以后，无需安装客户端；thick = 11.2，需装 Instant Client 19，对整个进程生效', description: 'thin: Oracle 12.1 and later, nothing to install; thick: 11.2 with Instant Client 19 (for the whole process)' },
  clientDir: { kind: 'text', label: '客户端目录', meaning: 'thick 方式时 Instant Client 的目录；Linux 上还须在启动前加入库搜索路径', description: 'thick: folder of Instant Client; on Linux it must be in the library path before the start', example: 'D:\\instantclient_19_25' },
  strategy: {
    kind: 'choice', choices: ['anti-join', 'send-flag', 'scn', 'time-window'], default: 'time-window', label: '取数策略', meaning: 'time-window = 按变更时间并往回看；anti-join = 取尚未登记为“已取”的；send-flag = 按发送标志；scn = 按基表的 ORA_ROWSCN',
    description: 'time-window: by a time column, reading back; anti-join: what is not yet taken; send-flag: outbox rows by their flag; scn: by ORA_ROWSCN of scnTable',
  },
  scnTable: { kind: 'text', label: 'SCN 基表', meaning: '按 SCN 取数（strategy: scn）时用来判断变更的基表，须有事件编号列，最好以 ROWDEPENDENCIES 建立', description: 'scn: base table whose ORA_ROWSCN tells what changed; needs the event column; best created with ROWDEPENDENCIES' },
  ...pullSettings,
} as const satisfies SettingTable;

export type OracleSettings = SettingsOf<typeof settings> & { readonly institution?: string };
