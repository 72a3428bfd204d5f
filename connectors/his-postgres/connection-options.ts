import type { ClientConfig } from 'pg';
import type { ConnectionTarget } from './connection-target.ts';
import type { PostgresSettings } from './settings.ts';

/** How the driver is configured, and what the operator has to know about it. */
export interface ConnectionOptions {
  readonly config: ClientConfig;
  /** English, for the log */
  readonly warnings: readonly string[];
}

/** @returns the driver's own option object for the settings */
export function connectionOptions(target: ConnectionTarget, settings: Pick<PostgresSettings, 'tls' | 'connectTimeout' | 'readTimeout'>): ConnectionOptions {
  const { tls } = settings;
  const local = target.host.startsWith('/');
  const encrypt = !local && (tls.encrypt === 'auto' ? target.encrypt ?? false : tls.encrypt === 'yes');
  const warnings = [
    ...(encrypt || local ? [] : ['postgresql connection is not encrypted']),
    ...(encrypt && tls.trustServerCertificate ? ['postgresql certificate is not checked'] : []),
  ];
  const config: ClientConfig = {
    host: target.host, port: target.port, database: target.database, user: target.user, ...(target.password === undefined ? {} : { password: target.password }),
    ssl: encrypt ? { rejectUnauthorized: !tls.trustServerCertificate } : false,
    connectionTimeoutMillis: settings.connectTimeout, keepAlive: true, application_name: 'his-trace-adapter', client_encoding: 'UTF8',
    // text as the server prints it: 20 digits and times never pass through a number or a Date
    types: { getTypeParser: () => (value: string) => value },
  };
  return { config, warnings };
}

/**
 * Said once per connection: what times look like must not depend on server or host, and a statement of ours that nobody waits for
 * any more ends on the server as well. Reading is read-only whatever the account may do; marks say otherwise for themselves.
 */
export function sessionStatement(readTimeoutMs: number): string {
  return [
    `SET TIME ZONE INTERVAL '+08:00' HOUR TO MINUTE`, `SET DateStyle = 'ISO, YMD'`, `SET IntervalStyle = 'postgres'`, 'SET extra_float_digits = 1', `SET bytea_output = 'hex'`,
    `SET statement_timeout = ${String(readTimeoutMs)}`, 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
  ].join('; ');
}
