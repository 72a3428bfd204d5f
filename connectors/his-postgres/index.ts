import type { HisSource, HisSourceConnector, HisSourceDeps } from '../../adapter/ports/his-source.ts';
import { RowSource } from '../shared/row-pull/row-source.ts';
import { addressOf, targetOf } from './connection-target.ts';
import { PostgresDatabase } from './database.ts';
import { settings } from './settings.ts';
import type { PostgresSettings } from './settings.ts';

/** PostgreSQL views and outbox tables of a HIS, read with an account that needs no right to write. */
export const hisPostgres: HisSourceConnector = { name: 'his-postgres', settings, create };

function create(deps: HisSourceDeps<PostgresSettings>): HisSource {
  const target = targetOf(deps.settings.connection);
  return new RowSource({
    deps, address: target === undefined ? 'postgres://' : addressOf(target),
    db: new PostgresDatabase({ target: target ?? { host: '', port: 0, database: '', user: '' }, settings: deps.settings, source: deps.name, log: deps.log, load: async () => (await import('pg')).default }),
    problem: target === undefined ? 'connection 无法读懂；应为 postgres://用户:口令@主机:5432/库（口令中的特殊字符须按 URL 编码）或 host=… dbname=… user=… password=…' : undefined,
  });
}
