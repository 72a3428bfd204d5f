import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { pullSettings } from '../shared/row-pull/settings.ts';

/** Settings of a source with `connector: his-oracle`. */
export const settings = {
  connection: { kind: 'text', required: true, secret: true, label: '连接', description: 'user/password@host:1521/service, user/password@(DESCRIPTION=…) or oracle://user:password@host:1521/service', example: '${HIS_DB}' },
  mode: { kind: 'choice', choices: ['thin', 'thick'], default: 'thin', label: '连接方式', description: 'thin: Oracle 12.1 and later, nothing to install; thick: 11.2 with Instant Client 19 (for the whole process)' },
  clientDir: { kind: 'text', label: '客户端目录', description: 'thick: folder of Instant Client; on Linux it must be in the library path before the start', example: 'D:\\instantclient_19_25' },
  strategy: {
    kind: 'choice', choices: ['anti-join', 'send-flag', 'scn', 'time-window'], default: 'time-window', label: '取数策略',
    description: 'time-window: by a time column, reading back; anti-join: what is not yet taken; send-flag: outbox rows by their flag; scn: by ORA_ROWSCN of scnTable',
  },
  scnTable: { kind: 'text', label: 'SCN 基表', description: 'scn: base table whose ORA_ROWSCN tells what changed; needs the event column; best created with ROWDEPENDENCIES' },
  ...pullSettings,
} as const satisfies SettingTable;

export type OracleSettings = SettingsOf<typeof settings> & { readonly institution?: string };
