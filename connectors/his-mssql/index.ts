import type { HisSource, HisSourceConnector, HisSourceDeps } from '../../adapter/ports/his-source.ts';
import { RowSource } from '../shared/row-pull/row-source.ts';
import { WriteBack } from '../shared/row-pull/write-back.ts';
import { addressOf, targetOf } from './connection-target.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { MssqlDatabase } from './database.ts';
import { settings } from './settings.ts';
import type { MssqlSettings } from './settings.ts';

/** SQL Server views and outbox tables of a HIS, read with an account that needs no right to write. */
export const hisMssql: HisSourceConnector = { name: 'his-mssql', settings, create };

const SHAPE = '应为 Server=主机,1433;Database=库;User Id=…;Password=… 或 mssql://用户:口令@主机:1433/库（口令中的特殊字符须按 URL 编码）';
const NOWHERE: ConnectionTarget = { server: '', port: 0 };

function create(deps: HisSourceDeps<MssqlSettings>): HisSource {
  const target = targetOf(deps.settings.connection);
  const { writeBack } = deps.settings;
  const writeTarget = writeBack.connection === undefined ? undefined : targetOf(writeBack.connection);
  const database = (to: ConnectionTarget | undefined): MssqlDatabase => new MssqlDatabase({ target: to ?? NOWHERE, settings: deps.settings, source: deps.name, log: deps.log, load: async () => (await import('mssql')).default });
  const problem = target === undefined ? `connection 无法读懂；${SHAPE}` : writeBack.connection !== undefined && writeTarget === undefined ? `writeBack.connection 无法读懂；${SHAPE}`
    // a reading account that may write is what `check --probe` warns of
    : writeTarget !== undefined && writeTarget.user === target.user && writeTarget.server === target.server ? 'writeBack.connection 须用另一个账号：取数账号应保持只读' : undefined;
  return new RowSource({
    deps, address: target === undefined ? 'mssql://' : addressOf(target), db: database(target), problem,
    writeBack: writeTarget === undefined ? undefined : new WriteBack({ db: database(writeTarget), table: writeBack.table, source: deps.name, clock: deps.clock, log: deps.log, timeoutMs: deps.settings.readTimeout }),
  });
}
