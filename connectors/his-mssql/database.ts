import type * as mssql from 'mssql';
import type { ConnectionPool, IColumnMetadata, Request } from 'mssql';
import type { HisRow } from '../../adapter/ports/row.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { AccountFacts, RowDatabase, RowStatement, ViewColumn } from '../shared/row-pull/row-database.ts';
import { RowFault } from '../shared/row-pull/row-fault.ts';
import { ACCOUNT, DATABASE_RIGHTS, OBJECT_RIGHTS } from './account.ts';
import { connectionOptions } from './connection-options.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { kindOf, mssqlDialect } from './dialect.ts';
import { mssqlFault } from './fault.ts';
import type { MssqlSettings } from './settings.ts';

type Driver = Pick<typeof mssql, 'ConnectionPool' | 'NVarChar'>;

export interface MssqlDatabaseOptions {
  readonly target: ConnectionTarget;
  readonly settings: Pick<MssqlSettings, 'tls' | 'connectTimeout' | 'readTimeout'>;
  readonly source: string;
  readonly log: Log;
  /** the driver, loaded when it is first needed */
  readonly load: () => Promise<Driver>;
}

const CLOSE_WITHIN_MS = 3_000;

/** SQL Server behind the narrow port. The pool is opened at the first call and thrown away after any fault of the connection. */
export class MssqlDatabase implements RowDatabase {
  readonly dialect = mssqlDialect;
  readonly #options: MssqlDatabaseOptions;
  #pool: Promise<ConnectionPool> | undefined;
  #driver: Driver | undefined;
  #warned = false;

  constructor(options: MssqlDatabaseOptions) {
    this.#options = options;
  }

  async columns(object: string, signal: AbortSignal): Promise<readonly ViewColumn[]> {
    const result = await this.#execute({ sql: `SELECT * FROM ${this.dialect.object(object)} WHERE 1 = 0`, params: [] }, signal);
    return Object.values(result.columns).sort((a, b) => a.index - b.index).map(viewColumn);
  }

  async query(statement: RowStatement, signal: AbortSignal): Promise<readonly HisRow[]> {
    return (await this.#execute(statement, signal)).rows;
  }

  async run(statement: RowStatement, signal: AbortSignal): Promise<number> {
    return (await this.#execute(statement, signal)).changed;
  }

  async account(signal: AbortSignal): Promise<AccountFacts> {
    const [facts] = await this.query({ sql: ACCOUNT, params: [] }, signal);
    const database = await this.query({ sql: DATABASE_RIGHTS, params: [] }, signal);
    const objects = await this.query({ sql: OBJECT_RIGHTS, params: [] }, signal);
    return { server: facts?.['SERVER'] ?? 'SQL Server', user: facts?.['LOGIN'] ?? '', writable: [...database, ...objects].map((row) => row['RIGHT_NAME'] ?? '').filter((right) => right !== '') };
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  async #execute(statement: RowStatement, signal: AbortSignal): Promise<{ readonly rows: readonly HisRow[]; readonly columns: Readonly<Record<string, IColumnMetadata[string]>>; readonly changed: number }> {
    const opening = this.#pool ??= this.#open();
    let request: Request | undefined;
    const cancel = (): void => {
      request?.cancel();
      // a connection that does not answer is of no use to the next statement either
      this.#dropIf(opening);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const pool = await opening;
      if (signal.aborted) throw new RowFault('timeout', 'ECANCEL', 'cancelled');
      const running = request = pool.request();
      for (const [at, value] of statement.params.entries()) running.input(`p${String(at + 1)}`, (await this.#load()).NVarChar(4_000), value);
      const result = await running.query<Readonly<Record<string, unknown>>>(statement.sql);
      // no recordset for a statement that returns none
      const recordset = (result.recordsets as unknown as readonly (readonly Readonly<Record<string, unknown>>[] & { readonly columns: IColumnMetadata })[]).at(0);
      return { rows: (recordset ?? []).map(textRow), columns: recordset?.columns ?? {}, changed: result.rowsAffected.reduce((sum, each) => sum + each, 0) };
    } catch (error) {
      const fault = mssqlFault(error);
      if (!['statement', 'missing', 'permission'].includes(fault.family)) this.#dropIf(opening);
      throw fault;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async #open(): Promise<ConnectionPool> {
    const driver = await this.#load();
    const { target, settings, source, log } = this.#options;
    const { config, warnings } = connectionOptions(target, settings);
    if (!this.#warned) for (const warning of warnings) log.warn(warning, { source });
    this.#warned = true;
    const pool = new driver.ConnectionPool(config);
    // without a listener an error of an idle connection ends the process (his.md i.1)
    pool.on('error', (error: unknown) => { log.debug('sql server connection lost', { source, code: mssqlFault(error).code }); });
    return pool.connect();
  }

  async #load(): Promise<Driver> {
    return this.#driver ??= await this.#options.load();
  }

  #dropIf(opening: Promise<ConnectionPool>): void {
    if (this.#pool === opening) void this.#drop();
  }

  async #drop(): Promise<void> {
    const opening = this.#pool;
    this.#pool = undefined;
    if (opening === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, CLOSE_WITHIN_MS); });
    // a pool that never opened has nothing to close
    await Promise.race([opening.then((pool) => pool.close()).catch(() => undefined), late]);
    clearTimeout(timer);
  }
}

function viewColumn(column: IColumnMetadata[string]): ViewColumn {
  const declaration: unknown = typeof column.type === 'function' ? (column.type as { declaration?: unknown }).declaration : undefined;
  const type = typeof declaration === 'string' ? declaration.toUpperCase() : 'UNKNOWN';
  // the length of national characters is given in bytes
  const length = column.length === 0 || column.length >= 65_535 ? undefined : type === 'NCHAR' || type === 'NVARCHAR' ? column.length / 2 : column.length;
  return { name: column.name, type, kind: kindOf(type), ...(length === undefined ? {} : { length }) };
}

/** The statements make text of everything; what they do not (COUNT, flags of ours) is small numbers. */
function textRow(row: Readonly<Record<string, unknown>>): HisRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value === null || value === undefined ? null : typeof value === 'string' ? value : String(value as number | boolean)] as const));
}
