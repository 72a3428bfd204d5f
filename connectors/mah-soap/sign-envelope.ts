import { WSSecurityCert } from 'soap';

export interface EnvelopeSigner {
  /** @returns the envelope with a BinarySecurityToken and a signature over body and timestamp */
  sign(envelope: string): string;
}

export interface SignerOptions {
  /** PEM of certificate and private key */
  readonly cert: string;
  readonly key: string;
  readonly algorithm: 'rsa-sha256' | 'rsa-sha1';
  readonly timestamp: boolean;
}

const ALGORITHM = { 'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' } as const;
const DIGEST = { 'rsa-sha256': 'http://www.w3.org/2001/04/xmlenc#sha256', 'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#sha1' } as const;

/** X.509 signature (OASIS X.509 token profile) by the soap package's xml-crypto. */
export function envelopeSigner({ cert, key, algorithm, timestamp }: SignerOptions): EnvelopeSigner {
  return {
    sign(envelope) {
      // one object per message: it remembers references and ids of the one before
      const signer = new WSSecurityCert(key, cert, '', {
        hasTimeStamp: timestamp, signatureAlgorithm: ALGORITHM[algorithm], digestAlgorithm: DIGEST[algorithm],
        signatureTransformations: ['http://www.w3.org/2001/10/xml-exc-c14n#'], signerOptions: { idMode: 'wssecurity', existingPrefixes: {} },
      });
      return signer.postProcess(envelope.includes('</soap:Header>') ? envelope : envelope.replace('<soap:Body', '<soap:Header></soap:Header><soap:Body'), 'soap');
    },
  };
}
