import type { ConnectionAttributes, InitialiseOptions } from 'oracledb';
import type { ConnectionTarget } from './connection-target.ts';
import type { OracleSettings } from './settings.ts';

export interface ConnectionOptions {
  readonly attributes: ConnectionAttributes;
  /** undefined in thin mode */
  readonly client: InitialiseOptions | undefined;
}

/** @returns the driver's own option objects for the settings */
export function connectionOptions(target: ConnectionTarget, settings: Pick<OracleSettings, 'mode' | 'clientDir' | 'connectTimeout'>): ConnectionOptions {
  // the driver counts in whole seconds
  const seconds = Math.max(1, Math.ceil(settings.connectTimeout / 1_000));
  return {
    attributes: {
      user: target.user, password: target.password, connectString: target.connectString,
      // thick mode takes these from sqlnet.ora
      ...(settings.mode === 'thin' ? { connectTimeout: seconds, transportConnectTimeout: seconds, expireTime: 2 } : {}),
    },
    client: settings.mode === 'thin' ? undefined : { ...(settings.clientDir === undefined ? {} : { libDir: settings.clientDir }) },
  };
}
