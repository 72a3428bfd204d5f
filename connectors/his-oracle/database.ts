import type oracledb from 'oracledb';
import type { HisRow } from '../../adapter/ports/row.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { AccountFacts, RowDatabase, RowStatement, ViewColumn } from '../shared/row-pull/row-database.ts';
import { RowFault } from '../shared/row-pull/row-fault.ts';
import { LOGIN, OBJECT_RIGHTS, SYSTEM_RIGHTS } from './account.ts';
import { connectionOptions } from './connection-options.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { kindOf, oracleDialect, SESSION } from './dialect.ts';
import { oracleFault } from './fault.ts';
import type { OracleSettings } from './settings.ts';

export type Driver = Pick<typeof oracledb, 'getConnection' | 'initOracleClient' | 'OUT_FORMAT_OBJECT' | 'STRING'>;

export interface OracleDatabaseOptions {
  readonly target: ConnectionTarget;
  readonly settings: Pick<OracleSettings, 'mode' | 'clientDir' | 'connectTimeout' | 'readTimeout'>;
  readonly clock: Pick<Clock, 'now'>;
  /** the driver, loaded when it is first needed */
  readonly load: () => Promise<Driver>;
}

const AS_TEXT: ReadonlySet<string> = new Set(['NUMBER', 'BINARY_FLOAT', 'BINARY_DOUBLE', 'CLOB', 'NCLOB']);
const CLOSE_WITHIN_MS = 3_000;
/** A server that is too old stays so, and every refused attempt leaves a socket behind in the driver (node-oracledb 1764). */
const TOO_OLD_FOR_MS = 3_600_000;

/** Oracle behind the narrow port: one connection, opened at the first call and again after any fault of it. */
export class OracleDatabase implements RowDatabase {
  readonly dialect = oracleDialect;
  readonly #options: OracleDatabaseOptions;
  #driver: Promise<Driver> | undefined;
  #connection: Promise<oracledb.Connection> | undefined;
  #tooOld: { readonly fault: RowFault; readonly until: number } | undefined;

  constructor(options: OracleDatabaseOptions) {
    this.#options = options;
  }

  async columns(object: string, signal: AbortSignal): Promise<readonly ViewColumn[]> {
    const result = await this.#execute({ sql: `SELECT * FROM ${this.dialect.object(object)} WHERE 1 = 0`, params: [] }, signal);
    return (result.metaData ?? []).map((column) => {
      const type = column.dbTypeName ?? 'UNKNOWN';
      return { name: column.name, type, kind: kindOf(type), ...(column.byteSize === undefined ? {} : { length: column.byteSize }) };
    });
  }

  async query(statement: RowStatement, signal: AbortSignal): Promise<readonly HisRow[]> {
    return ((await this.#execute(statement, signal)).rows ?? []).map(textRow);
  }

  async run(statement: RowStatement, signal: AbortSignal): Promise<number> {
    return (await this.#execute(statement, signal)).rowsAffected ?? 0;
  }

  async account(signal: AbortSignal): Promise<AccountFacts> {
    const [login] = await this.query({ sql: LOGIN, params: [] }, signal);
    const rights = [...await this.query({ sql: SYSTEM_RIGHTS, params: [] }, signal), ...await this.query({ sql: OBJECT_RIGHTS, params: [] }, signal)];
    const version = (await this.#connection)?.oracleServerVersionString ?? '';
    return { server: `Oracle ${version}`.trim(), user: login?.['LOGIN'] ?? '', writable: rights.map((row) => row['RIGHT_NAME'] ?? '').filter((right) => right !== '') };
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  async #execute(statement: RowStatement, signal: AbortSignal): Promise<oracledb.Result<Readonly<Record<string, unknown>>>> {
    const opening = this.#connection ??= this.#open();
    // the break tells the server; the connection is given up in any case, because it may never answer again
    const cancel = (): void => {
      opening.then((connection) => connection.break()).catch(() => undefined);
      this.#dropIf(opening);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const connection = await opening;
      if (signal.aborted) throw new RowFault('timeout', 'CANCELLED', 'cancelled');
      const driver = await this.#load();
      const binds = Object.fromEntries(statement.params.map((value, at) => [`p${String(at + 1)}`, { val: value, type: driver.STRING, maxSize: 4_000 }] as const));
      return await connection.execute<Readonly<Record<string, unknown>>>(statement.sql, binds, {
        outFormat: driver.OUT_FORMAT_OBJECT, autoCommit: true, fetchArraySize: 500, prefetchRows: 500,
        // numbers and long texts never as numbers or streams: 20 digits do not fit (packages.md 1.4)
        fetchTypeHandler: (column) => (AS_TEXT.has(column.dbTypeName ?? '') ? { type: driver.STRING } : undefined),
      });
    } catch (error) {
      const fault = oracleFault(error);
      if (!['statement', 'missing', 'permission'].includes(fault.family)) this.#dropIf(opening);
      throw fault;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async #open(): Promise<oracledb.Connection> {
    const { target, settings, clock } = this.#options;
    if (this.#tooOld !== undefined && clock.now() < this.#tooOld.until) throw this.#tooOld.fault;
    const { attributes } = connectionOptions(target, settings);
    try {
      const connection = await (await this.#load()).getConnection(attributes);
      connection.callTimeout = settings.readTimeout;
      for (const sql of SESSION) await connection.execute(sql);
      return connection;
    } catch (error) {
      const fault = oracleFault(error);
      if (fault.code === 'NJS-138') this.#tooOld = { fault, until: clock.now() + TOO_OLD_FOR_MS };
      throw fault;
    }
  }

  #load(): Promise<Driver> {
    return this.#driver ??= this.#options.load().then((driver) => {
      const { client } = connectionOptions(this.#options.target, this.#options.settings);
      if (client !== undefined) driver.initOracleClient(client);
      return driver;
    }).catch((error: unknown) => {
      this.#driver = undefined;
      throw oracleFault(error);
    });
  }

  #dropIf(opening: Promise<oracledb.Connection>): void {
    if (this.#connection === opening) void this.#drop();
  }

  async #drop(): Promise<void> {
    const opening = this.#connection;
    this.#connection = undefined;
    if (opening === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, CLOSE_WITHIN_MS); });
    await Promise.race([opening.then((connection) => connection.close()).catch(() => undefined), late]);
    clearTimeout(timer);
  }
}

function textRow(row: Readonly<Record<string, unknown>>): HisRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value === null || value === undefined ? null : typeof value === 'string' ? value : String(value as number | boolean)] as const));
}
