import type { config as PoolConfig } from 'mssql';
import type { ConnectionTarget } from './connection-target.ts';
import type { MssqlSettings } from './settings.ts';

/** How the driver is configured, and what the operator has to know about it. */
export interface ConnectionOptions {
  readonly config: PoolConfig;
  /** English, for the log */
  readonly warnings: readonly string[];
}

/** @returns the driver's own option object for the settings */
export function connectionOptions(target: ConnectionTarget, settings: Pick<MssqlSettings, 'tls' | 'connectTimeout' | 'readTimeout'>): ConnectionOptions {
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
    server: target.server, port: target.port,
    ...(target.database === undefined ? {} : { database: target.database }),
    ...(target.user === undefined ? {} : { user: target.user }), ...(target.password === undefined ? {} : { password: target.password }), ...(target.domain === undefined ? {} : { domain: target.domain }),
    connectionTimeout: settings.connectTimeout, requestTimeout: settings.readTimeout,
    // one reads, one marks; idle ones are closed, so that a restarted server is met with new connections
    pool: { max: 2, min: 0, idleTimeoutMillis: 60_000, acquireTimeoutMillis: settings.connectTimeout },
    options: {
      encrypt, trustServerCertificate: trust,
      // HIS times are local: the driver must not move them by eight hours
      useUTC: false,
      appName: 'his-trace-adapter', enableArithAbort: true,
      ...(target.instanceName === undefined ? {} : { instanceName: target.instanceName }), ...credentials,
    },
  };
  return { config, warnings };
}
