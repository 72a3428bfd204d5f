import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { TraceError } from '../domain/error.ts';

/** `http.tls` of the configuration: PEM texts or file names. */
export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  /** with it, only clients with a certificate of this authority can connect (mTLS) */
  readonly clientCa?: string;
}

function pem(name: string, value: string): string {
  if (value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', `http.tls.${name}: ${value} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, { cause: error });
  }
}

/** @returns options of the TLS server: TLS 1.2 and newer only. @throws TraceError CONFIG_INVALID when a file cannot be read */
export function tlsOptions(tls: TlsConfig): ServerOptions {
  const client = tls.clientCa === undefined ? {} : { ca: pem('clientCa', tls.clientCa), requestCert: true, rejectUnauthorized: true };
  return { cert: pem('cert', tls.cert), key: pem('key', tls.key), minVersion: 'TLSv1.2', ...client };
}
