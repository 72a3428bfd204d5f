import type { Sm2CipherOrder } from '../../../adapter/ports/china-crypto.ts';
import { decryptWith, encryptFor } from './sm2-cipher.ts';
import type { Nonce, Sm2Point } from './sm2-curve.ts';
import { signMessage, verifyMessage, type SigningPair } from './sm2-signature.ts';
import { hmacSm3Digest, sm3Digest } from './sm3.ts';
import { sm4Open, sm4Seal, type Sm4Parameters } from './sm4.ts';

/** The arithmetic under the port, in one place, so that the self-test proves exactly what is used later. */
export interface Primitives {
  readonly sm3: (...parts: readonly Uint8Array[]) => Uint8Array;
  readonly hmacSm3: (key: Uint8Array, data: Uint8Array) => Uint8Array;
  readonly sm4Seal: (plain: Uint8Array, parameters: Sm4Parameters) => Uint8Array;
  readonly sm4Open: (sealed: Uint8Array, parameters: Sm4Parameters) => Uint8Array | undefined;
  readonly sign: (message: Uint8Array, pair: SigningPair, nonce?: Nonce) => Uint8Array;
  readonly verify: (message: Uint8Array, signature: Uint8Array, by: Omit<SigningPair, 'scalar'>) => boolean;
  readonly encrypt: (point: Sm2Point, plain: Uint8Array, options: { readonly order: Sm2CipherOrder; readonly nonce?: Nonce }) => Uint8Array;
  readonly decrypt: (scalar: bigint, sealed: Uint8Array, order: Sm2CipherOrder) => Uint8Array | undefined;
}

/** node:crypto for SM3 and SM4, @noble/curves for the points of SM2; node's own SM2 knows no user id and is not used. */
export const softwarePrimitives: Primitives = {
  sm3: sm3Digest, hmacSm3: hmacSm3Digest, sm4Seal, sm4Open, sign: signMessage, verify: verifyMessage, encrypt: encryptFor, decrypt: decryptWith,
};
