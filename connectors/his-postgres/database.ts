import type * as pg from 'pg';
import type { HisRow } from '../../adapter/ports/row.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { AccountFacts, RowDatabase, RowStatement, ViewColumn } from '../shared/row-pull/row-database.ts';
import { RowFault } from '../shared/row-pull/row-fault.ts';
import { ACCOUNT, DATABASE_RIGHTS, OBJECT_RIGHTS, TYPE_NAMES } from './account.ts';
import { connectionOptions, sessionStatement } from './connection-options.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { kindOf, postgresDialect } from './dialect.ts';
import { postgresFault } from './fault.ts';
import type { PostgresSettings } from './settings.ts';

type Driver = Pick<typeof pg, 'Client'>;

export interface PostgresDatabaseOptions {
  readonly target: ConnectionTarget;
  readonly settings: Pick<PostgresSettings, 'tls' | 'connectTimeout' | 'readTimeout'>;
  readonly source: string;
  readonly log: Log;
  /** the driver, loaded when it is first needed */
  readonly load: () => Promise<Driver>;
}

const CLOSE_WITHIN_MS = 3_000;
/** The length of varchar(n) and char(n) is told with these four bytes on top. */
const MODIFIER_HEAD = 4;

/** PostgreSQL behind the narrow port: one connection, opened at the first call and again after any fault of it. */
export class PostgresDatabase implements RowDatabase {
  readonly dialect = postgresDialect;
  readonly #options: PostgresDatabaseOptions;
  #connection: Promise<pg.Client> | undefined;
  #warned = false;

  constructor(options: PostgresDatabaseOptions) {
    this.#options = options;
  }

  async columns(object: string, signal: AbortSignal): Promise<readonly ViewColumn[]> {
    const { fields } = await this.#execute({ sql: `SELECT * FROM ${this.dialect.object(object)} v WHERE false`, params: [] }, signal);
    const types = await this.query({ sql: TYPE_NAMES, params: [[...new Set(fields.map((field) => field.dataTypeID))].join(',')] }, signal);
    const names = new Map(types.map((row) => [row['OID'] ?? '', row['NAME'] ?? '']));
    return fields.map((field) => {
      const type = names.get(String(field.dataTypeID)) ?? 'UNKNOWN';
      const sized = (type === 'VARCHAR' || type === 'BPCHAR') && field.dataTypeModifier > MODIFIER_HEAD;
      return { name: field.name, type, kind: kindOf(type), ...(sized ? { length: field.dataTypeModifier - MODIFIER_HEAD } : {}) };
    });
  }

  async query(statement: RowStatement, signal: AbortSignal): Promise<readonly HisRow[]> {
    const { fields, rows } = await this.#execute(statement, signal);
    const names = fields.map((field) => field.name.toUpperCase());
    return rows.map((row) => {
      const named: Record<string, string | null> = {};
      names.forEach((name, at) => { named[name] = row[at] ?? null; });
      return named;
    });
  }

  async run(statement: RowStatement, signal: AbortSignal): Promise<number> {
    return (await this.#execute(statement, signal, 'BEGIN READ WRITE')).rowCount ?? 0;
  }

  async account(signal: AbortSignal): Promise<AccountFacts> {
    const [facts] = await this.query({ sql: ACCOUNT, params: [] }, signal);
    const rights = [...await this.query({ sql: DATABASE_RIGHTS, params: [] }, signal), ...await this.query({ sql: OBJECT_RIGHTS, params: [] }, signal)];
    return { server: `PostgreSQL ${facts?.['SERVER'] ?? ''}（${facts?.['ENCODING'] ?? ''}）`, user: facts?.['LOGIN'] ?? '', writable: rights.map((row) => row['RIGHT_NAME'] ?? '').filter((right) => right !== '') };
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  async #execute(statement: RowStatement, signal: AbortSignal, begin?: string): Promise<pg.QueryArrayResult<(string | null)[]>> {
    const opening = this.#connection ??= this.#open();
    // a connection that does not answer is of no use to the next statement either; the server ends the statement by its own time-out
    const cancel = (): void => { this.#dropIf(opening); };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const client = await opening;
      if (signal.aborted) throw new RowFault('timeout', 'CANCELLED', 'cancelled');
      if (begin !== undefined) await client.query(begin);
      const result = await client.query<(string | null)[]>({ text: statement.sql, values: [...statement.params], rowMode: 'array' });
      if (begin !== undefined) await client.query('COMMIT');
      return result;
    } catch (error) {
      const fault = postgresFault(error);
      // a transaction of ours that was refused in the middle ends with its connection
      if (begin !== undefined || !['statement', 'missing', 'permission'].includes(fault.family)) this.#dropIf(opening);
      throw fault;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async #open(): Promise<pg.Client> {
    const { target, settings, source, log } = this.#options;
    const { config, warnings } = connectionOptions(target, settings);
    if (!this.#warned) for (const warning of warnings) log.warn(warning, { source });
    this.#warned = true;
    const client = new (await this.#options.load()).Client(config);
    // without a listener an error of an idle connection ends the process (his.md i.1)
    client.on('error', (error) => { log.debug('postgresql connection lost', { source, code: postgresFault(error).code }); });
    await client.connect();
    await client.query(sessionStatement(settings.readTimeout));
    return client;
  }

  #dropIf(opening: Promise<pg.Client>): void {
    if (this.#connection === opening) void this.#drop();
  }

  async #drop(): Promise<void> {
    const opening = this.#connection;
    this.#connection = undefined;
    if (opening === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, CLOSE_WITHIN_MS); });
    // `end` cuts the socket when a statement is under way
    await Promise.race([opening.then((client) => client.end()).catch(() => undefined), late]);
    clearTimeout(timer);
  }
}
