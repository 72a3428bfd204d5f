import type { config as PoolConfig, ConnectionPool } from 'mssql';
import type { MssqlSettings } from './settings.ts';

/** How the driver is configured, and what the operator has to know about it. */
export interface ConnectionOptions {
  readonly config: PoolConfig;
  /** English, for the log */
  readonly warnings: readonly string[];
}

/** Server and credentials out of the connection setting. */
interface Target {
  readonly server: string;
  readonly port?: number | undefined;
  readonly instanceName?: string | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly domain?: string | undefined;
  readonly encrypt?: boolean | undefined;
  readonly trust?: boolean | undefined;
}

/**
 * @param parse the driver's own reader of `Server=…;Database=…` strings
 * @throws Error without any part of the string: it holds a password
 */
export function connectionOptions(settings: MssqlSettings, parse: typeof ConnectionPool.parseConnectionString): ConnectionOptions {
  const target = targetOf(settings.connection, parse);
  const { tls } = settings;
  const encrypt = tls.encrypt === 'auto' ? target.encrypt ?? true : tls.encrypt === 'yes';
  const trust = tls.trustServerCertificate || target.trust === true;
  const old = tls.minVersion === 'TLSv1' || tls.minVersion === 'TLSv1.1';
  const warnings = [
    ...(encrypt ? [] : ['sql server connection is not encrypted after the login']),
    ...(trust ? ['sql server certificate is not checked'] : []),
    ...(old ? [`sql server connection may use ${tls.minVersion} with a lowered security level; enable TLS 1.2 on the server`] : []),
  ];
  // security level 0: the certificates of those servers are signed with SHA-1 (his.md b.3)
  const credentials = tls.minVersion === undefined ? {} : { cryptoCredentialsDetails: { minVersion: tls.minVersion, ...(old ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}) } };
  const config: PoolConfig = {
    server: target.server,
    ...(target.port === undefined || target.instanceName !== undefined ? {} : { port: target.port }),
    ...(target.database === undefined ? {} : { database: target.database }),
    ...(target.user === undefined ? {} : { user: target.user }), ...(target.password === undefined ? {} : { password: target.password }), ...(target.domain === undefined ? {} : { domain: target.domain }),
    connectionTimeout: settings.connectTimeout, requestTimeout: settings.readTimeout,
    // one reader, one marker; idle ones are closed so that a restarted server is met with new connections
    pool: { max: 2, min: 0, idleTimeoutMillis: 60_000, acquireTimeoutMillis: settings.connectTimeout },
    options: {
      encrypt, trustServerCertificate: trust,
      // HIS times are local: the driver must not move them by eight hours
      useUTC: false,
      appName: 'his-trace-adapter', enableArithAbort: true, abortTransactionOnError: true,
      ...(target.instanceName === undefined ? {} : { instanceName: target.instanceName }), ...credentials,
    },
  };
  return { config, warnings };
}

/** @returns where it connects, without user and password; undefined when the setting cannot be read */
export function addressOf(connection: string, parse: typeof ConnectionPool.parseConnectionString): string | undefined {
  try {
    const target = targetOf(connection, parse);
    const place = target.instanceName === undefined ? `:${String(target.port ?? 1433)}` : `\\${target.instanceName}`;
    return `mssql://${target.server}${place}${target.database === undefined ? '' : `/${target.database}`}`;
  } catch {
    return undefined;
  }
}

function targetOf(connection: string, parse: typeof ConnectionPool.parseConnectionString): Target {
  return /^(mssql|sqlserver):\/\//i.test(connection.trim()) ? targetOfUrl(connection.trim()) : targetOfPairs(connection, parse);
}

function targetOfUrl(connection: string): Target {
  let url: URL;
  try {
    url = new URL(connection);
  } catch {
    throw new Error('the connection is no URL');
  }
  if (url.hostname === '') throw new Error('the connection names no server');
  const part = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text));
  const parameter = (name: string): string | undefined => [...url.searchParams].find(([key]) => key.toLowerCase() === name)?.[1];
  const said = (name: string): boolean | undefined => {
    const text = parameter(name)?.toLowerCase();
    return text === undefined ? undefined : ['true', 'yes', '1', 'mandatory', 'strict'].includes(text);
  };
  return {
    server: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 1433 : Number(url.port), database: part(url.pathname.slice(1)), user: part(url.username), password: part(url.password),
    instanceName: parameter('instance'), domain: parameter('domain'), encrypt: said('encrypt'), trust: said('trustservercertificate'),
  };
}

function targetOfPairs(connection: string, parse: typeof ConnectionPool.parseConnectionString): Target {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(connection);
  } catch {
    throw new Error('the connection string cannot be read');
  }
  const server: unknown = parsed.server;
  if (typeof server !== 'string' || server === '') throw new Error('the connection string names no server');
  const { options } = parsed;
  return {
    server, port: parsed.port, database: parsed.database, user: parsed.user, password: parsed.password, domain: parsed.domain,
    instanceName: options?.instanceName, encrypt: options?.encrypt, trust: options?.trustServerCertificate,
  };
}
