import type { MapReader } from '../shared/profile-file/profile-reader.ts';

/** WS-Security of a service: user name token (OASIS profile 1.0, text or digest), X.509 signature of the body, timestamp. */
export interface SecurityRule {
  readonly usernameToken: 'none' | 'text' | 'digest';
  readonly x509: boolean;
  readonly timestamp: boolean;
  readonly algorithm: 'rsa-sha256' | 'rsa-sha1';
}

export function readSecurity(map: MapReader): SecurityRule {
  const rule: SecurityRule = {
    usernameToken: map.choice('usernameToken', ['none', 'text', 'digest'], 'none'), x509: map.flag('x509', false),
    timestamp: map.flag('timestamp', true), algorithm: map.choice('algorithm', ['rsa-sha256', 'rsa-sha1'], 'rsa-sha256'),
  };
  map.end();
  return rule;
}
