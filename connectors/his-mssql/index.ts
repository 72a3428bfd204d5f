import type { HisSource, HisSourceConnector, HisSourceDeps } from '../../adapter/ports/his-source.ts';
import { RowSource } from '../shared/row-pull/row-source.ts';
import { addressOf, targetOf } from './connection-target.ts';
import { MssqlDatabase } from './database.ts';
import { settings } from './settings.ts';
import type { MssqlSettings } from './settings.ts';

/** SQL Server views and outbox tables of a HIS, read with an account that needs no right to write. */
export const hisMssql: HisSourceConnector = { name: 'his-mssql', settings, create };

function create(deps: HisSourceDeps<MssqlSettings>): HisSource {
  const target = targetOf(deps.settings.connection);
  return new RowSource({
    deps, address: target === undefined ? 'mssql://' : addressOf(target),
    db: new MssqlDatabase({ target: target ?? { server: '', port: 0 }, settings: deps.settings, source: deps.name, log: deps.log, load: async () => (await import('mssql')).default }),
    problem: target === undefined ? 'connection 无法读懂；应为 Server=主机,1433;Database=库;User Id=…;Password=… 或 mssql://用户:口令@主机:1433/库（口令中的特殊字符须按 URL 编码）' : undefined,
  });
}
