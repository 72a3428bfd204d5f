import { TraceError } from '../../../adapter/domain/error.ts';
import { identityDigest, modOrder, randomNonce, scalarBytes, scalarOf, SM2_BYTES, SM2_ORDER, Sm2Point, type Nonce } from './sm2-curve.ts';
import { sm3Digest } from './sm3.ts';

export interface SigningPair {
  readonly scalar: bigint;
  readonly point: Sm2Point;
  readonly userId: string;
}

/** r and s of GB/T 32918.2 are zero with probability 2^-256; a source of numbers that brings it about again and again is broken. */
const TRIES = 8;

/** @returns r || s, 64 bytes (GB/T 32918.2 6.1) */
export function signMessage(message: Uint8Array, pair: SigningPair, nonce: Nonce = randomNonce): Uint8Array {
  const e = messageNumber(message, pair);
  const inverse = blindedInverse(1n + pair.scalar);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const k = nonce();
    const r = modOrder(e + Sm2Point.BASE.multiply(k).toAffine().x);
    if (r === 0n || r + k === SM2_ORDER) continue;
    const s = modOrder(inverse * modOrder(k - r * pair.scalar));
    if (s !== 0n) return Buffer.concat([scalarBytes(r), scalarBytes(s)]);
  }
  throw new TraceError('INTERNAL', 'SM2 签名随机数不可用');
}

/** @returns whether r || s signs the message (GB/T 32918.2 7.1); false for any other length and for r, s outside [1, n-1] */
export function verifyMessage(message: Uint8Array, signature: Uint8Array, by: Omit<SigningPair, 'scalar'>): boolean {
  if (signature.length !== 2 * SM2_BYTES) return false;
  const r = scalarOf(signature.subarray(0, SM2_BYTES));
  const s = scalarOf(signature.subarray(SM2_BYTES));
  if (r < 1n || r >= SM2_ORDER || s < 1n || s >= SM2_ORDER) return false;
  const t = modOrder(r + s);
  if (t === 0n) return false;
  // everything here is public, so the faster multiplication may be used
  const sum = Sm2Point.BASE.multiplyUnsafe(s).add(by.point.multiplyUnsafe(t));
  if (sum.is0()) return false;
  return modOrder(messageNumber(message, by) + sum.toAffine().x) === r;
}

function messageNumber(message: Uint8Array, by: Omit<SigningPair, 'scalar'>): bigint {
  return scalarOf(sm3Digest(identityDigest(by.point, by.userId), message));
}

/** The running time of an inversion depends on its number; a random factor keeps that number from being the key. */
function blindedInverse(value: bigint): bigint {
  const factor = randomNonce();
  return modOrder(Sm2Point.Fn.inv(modOrder(value * factor)) * factor);
}
