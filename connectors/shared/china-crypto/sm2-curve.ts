import { randomBytes } from 'node:crypto';
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { TraceError } from '../../../adapter/domain/error.ts';
import { sm3Digest } from './sm3.ts';

/** Recommended curve of GB/T 32918.5. */
const PARAMETERS = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

export const Sm2Point = weierstrass<bigint>(PARAMETERS);
export type Sm2Point = WeierstrassPoint<bigint>;
/** order of the base point */
export const SM2_ORDER = PARAMETERS.n;
export const SM2_BYTES = 32;

/** GB/T 32918.2 5.5: ENTL counts bits in two bytes. */
const LONGEST_USER_ID_BYTES = 8_191;

/** A source of the secret number of one signature or encryption, in [1, n-1]. Tests of the standard's examples give their own. */
export type Nonce = () => bigint;

/** Even over [1, n-1]: what lies outside is thrown away, never folded back; the chance of two misses in a row is 2^-64. */
export function randomNonce(): bigint {
  for (let tries = 0; tries < 64; tries += 1) {
    const candidate = bytesToNumberBE(randomBytes(SM2_BYTES));
    if (candidate >= 1n && candidate < SM2_ORDER) return candidate;
  }
  throw new TraceError('INTERNAL', '系统随机数源不可用（64 次取样均不在范围内）');
}

/** @returns 32 bytes, most significant first */
export function scalarBytes(value: bigint): Uint8Array {
  return numberToBytesBE(value, SM2_BYTES);
}

export function scalarOf(bytes: Uint8Array): bigint {
  return bytesToNumberBE(bytes);
}

export function modOrder(value: bigint): bigint {
  const rest = value % SM2_ORDER;
  return rest < 0n ? rest + SM2_ORDER : rest;
}

/**
 * @param bytes 65 bytes with 04, or 33 bytes with 02 or 03
 * @returns undefined for what is no point of this curve; infinity cannot be expressed
 */
export function pointOf(bytes: Uint8Array): Sm2Point | undefined {
  try {
    const point = Sm2Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

/** The part of Z that no key changes: a, b, base point. */
const FIXED_PART = Buffer.concat([PARAMETERS.a, PARAMETERS.b, PARAMETERS.Gx, PARAMETERS.Gy].map(scalarBytes));

/** Z value (GB/T 32918.2 5.5): who signs, bound to the curve and the key. @throws TraceError for an id longer than 8191 bytes */
export function identityDigest(point: Sm2Point, userId: string): Uint8Array {
  const id = Buffer.from(userId, 'utf8');
  if (id.length > LONGEST_USER_ID_BYTES) throw new TraceError('CONFIG_INVALID', `SM2 用户标识最长 ${String(LONGEST_USER_ID_BYTES)} 字节，实际 ${String(id.length)} 字节`);
  const bits = id.length * 8;
  const { x, y } = point.toAffine();
  return sm3Digest(Uint8Array.of(bits >> 8, bits & 0xff), id, FIXED_PART, scalarBytes(x), scalarBytes(y));
}
