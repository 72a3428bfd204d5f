import { createRequire } from 'node:module';

/** The second implementation from npm, which has no types of its own; what the tests use of it. Messages and results as its README says. */
interface SmCrypto {
  readonly sm2: {
    readonly generateKeyPairHex: () => { readonly publicKey: string; readonly privateKey: string };
    readonly doSignature: (message: readonly number[], privateKey: string, options?: { readonly der?: boolean; readonly userId?: string; readonly hash?: boolean; readonly publicKey?: string }) => string;
    readonly doVerifySignature: (message: readonly number[], signature: string, publicKey: string, options?: { readonly der?: boolean; readonly userId?: string }) => boolean;
    readonly doEncrypt: (message: readonly number[], publicKey: string, order: 0 | 1) => string;
    readonly doDecrypt: (sealed: string, privateKey: string, order: 0 | 1, options: { readonly output: 'array' }) => readonly number[];
  };
  readonly sm3: (message: readonly number[], options?: { readonly key: readonly number[] }) => string;
  readonly sm4: {
    readonly encrypt: (message: readonly number[], key: string, options: Sm4Options) => readonly number[];
    readonly decrypt: (sealed: readonly number[], key: string, options: Sm4Options) => readonly number[];
  };
}
interface Sm4Options { readonly mode?: 'cbc'; readonly iv?: string; readonly padding?: 'pkcs#7' | 'none'; readonly output: 'array' }

export const oracle = createRequire(import.meta.url)('sm-crypto') as SmCrypto;
