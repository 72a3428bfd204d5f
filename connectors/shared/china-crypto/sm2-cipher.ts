import { timingSafeEqual } from 'node:crypto';
import { TraceError } from '../../../adapter/domain/error.ts';
import type { Sm2CipherOrder } from '../../../adapter/ports/china-crypto.ts';
import { pointOf, randomNonce, scalarBytes, SM2_BYTES, Sm2Point, type Nonce } from './sm2-curve.ts';
import { sm3Digest } from './sm3.ts';

const POINT_BYTES = 1 + 2 * SM2_BYTES;
const DIGEST_BYTES = 32;
/** a mask of one byte is zero once in 256 numbers, one of two bytes once in 65,536; 32 in a row say the source is broken */
const TRIES = 32;

/** @returns C1 (with 04), C3 and C2 in the order asked for (GB/T 32918.4 6.1); @throws TraceError for an empty text */
export function encryptFor(point: Sm2Point, plain: Uint8Array, { order, nonce = randomNonce }: { readonly order: Sm2CipherOrder; readonly nonce?: Nonce }): Uint8Array {
  if (plain.length === 0) throw new TraceError('CONFIG_INVALID', 'SM2 不能加密空内容');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const k = nonce();
    const shared = coordinates(point.multiply(k));
    const mask = derive(shared, plain.length);
    // a mask of zeros would send the text as it is (GB/T 32918.4 6.1 A5)
    if (mask.every((byte) => byte === 0)) continue;
    const c1 = Sm2Point.BASE.multiply(k).toBytes(false);
    const c2 = exclusiveOr(plain, mask);
    const c3 = sm3Digest(shared.x, plain, shared.y);
    return Buffer.concat(order === 'c1c3c2' ? [c1, c3, c2] : [c1, c2, c3]);
  }
  throw new TraceError('INTERNAL', 'SM2 加密随机数不可用');
}

/** @returns undefined when C1 is no point of the curve, the digest differs, or it is too short (GB/T 32918.4 7.1) */
export function decryptWith(scalar: bigint, sealed: Uint8Array, order: Sm2CipherOrder): Uint8Array | undefined {
  const withHead = sealed[0] === 4 ? opened(scalar, sealed, order) : undefined;
  // some libraries leave the 04 out; x itself may begin with 04, so the digest decides which it was
  return withHead ?? opened(scalar, Buffer.concat([Uint8Array.of(4), sealed]), order);
}

function opened(scalar: bigint, sealed: Uint8Array, order: Sm2CipherOrder): Uint8Array | undefined {
  if (sealed.length <= POINT_BYTES + DIGEST_BYTES) return undefined;
  // a point off the curve would give the key away piece by piece
  const c1 = pointOf(sealed.subarray(0, POINT_BYTES));
  if (c1 === undefined) return undefined;
  const rest = sealed.subarray(POINT_BYTES);
  const c3 = order === 'c1c3c2' ? rest.subarray(0, DIGEST_BYTES) : rest.subarray(-DIGEST_BYTES);
  const c2 = order === 'c1c3c2' ? rest.subarray(DIGEST_BYTES) : rest.subarray(0, -DIGEST_BYTES);
  const shared = coordinates(c1.multiply(scalar));
  const mask = derive(shared, c2.length);
  const plain = exclusiveOr(c2, mask);
  const same = timingSafeEqual(sm3Digest(shared.x, plain, shared.y), c3);
  return same && !mask.every((byte) => byte === 0) ? plain : undefined;
}

interface Coordinates { readonly x: Uint8Array; readonly y: Uint8Array }

function coordinates(point: Sm2Point): Coordinates {
  const { x, y } = point.toAffine();
  return { x: scalarBytes(x), y: scalarBytes(y) };
}

/** Key derivation of GB/T 32918.4 5.4.3: SM3 over x || y || counter, the counter from 1. */
function derive({ x, y }: Coordinates, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let made = 0, count = 1; made < length; made += DIGEST_BYTES, count += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    blocks.push(sm3Digest(x, y, counter));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function exclusiveOr(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, at) => byte ^ (right[at] ?? 0));
}
