import { createHash } from 'node:crypto';

export interface GatewayAccount {
  readonly paasId: string;
  readonly paasToken: string;
  readonly digest: 'sha256' | 'sm3';
}

/**
 * Gateway headers (insurance.md section 3): the signature is the lower-case hex digest of timestamp + token + nonce + timestamp;
 * body and path are not covered.
 * @param call.at ms since epoch; the header holds Unix seconds
 */
export function gatewayHeaders(account: GatewayAccount, call: { readonly at: number; readonly nonce: string }): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(call.at / 1000));
  const signature = createHash(account.digest).update(`${timestamp}${account.paasToken}${call.nonce}${timestamp}`, 'utf8').digest('hex');
  return {
    'x-tif-paasid': account.paasId,
    'x-tif-timestamp': timestamp,
    'x-tif-nonce': call.nonce,
    'x-tif-signature': signature,
  };
}
