import type { HisSource, HisSourceConnector, HisSourceDeps } from '../../adapter/ports/his-source.ts';
import { RowSource } from '../shared/row-pull/row-source.ts';
import { addressOf, targetOf } from './connection-target.ts';
import { OracleDatabase } from './database.ts';
import { settings } from './settings.ts';
import type { OracleSettings } from './settings.ts';

/** Oracle views and outbox tables of a HIS, read with an account that needs no right to write. */
export const hisOracle: HisSourceConnector = { name: 'his-oracle', settings, create };

function create(deps: HisSourceDeps<OracleSettings>): HisSource {
  const target = targetOf(deps.settings.connection);
  return new RowSource({
    deps, address: target === undefined ? 'oracle://' : addressOf(target),
    db: new OracleDatabase({ target: target ?? { user: '', password: '', connectString: '' }, settings: deps.settings, clock: deps.clock, load: async () => (await import('oracledb')).default }),
    problem: target === undefined ? 'connection 无法读懂；应为 用户/口令@主机:1521/服务名 或 oracle://用户:口令@主机:1521/服务名' : undefined,
  });
}
