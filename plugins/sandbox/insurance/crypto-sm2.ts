import { createHash, randomBytes } from 'node:crypto';
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';

/**
 * The platform's side of SM2, written for itself: a fake that checked with the sender's own code would share its mistakes.
 * Keys are hex: 64 digits private, 130 digits (04 and both coordinates) public.
 */
export interface Sm2Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

const N = BigInt('0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123');
const A = 'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC';
const B = '28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93';
const X = '32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7';
const Y = 'BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0';

const Curve = weierstrass<bigint>({
  p: BigInt('0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF'),
  n: N, h: 1n, a: hexNumber(A), b: hexNumber(B), Gx: hexNumber(X), Gy: hexNumber(Y),
});

/** @returns a fresh pair; the sandbox keeps no key in its files */
export function newSm2Pair(): Sm2Pair {
  const scalar = randomScalar();
  return { privateKey: hex32(scalar), publicKey: Curve.BASE.multiply(scalar).toHex(false) };
}

/** @returns r || s, 64 bytes */
export function signSm2(message: Buffer, { privateKey, userId = '1234567812345678' }: { readonly privateKey: string; readonly userId?: string }): Buffer {
  const d = hexNumber(privateKey);
  const e = digestNumber(message, Curve.BASE.multiply(d), userId);
  for (;;) {
    const k = randomScalar();
    const r = (e + Curve.BASE.multiply(k).x) % N;
    // s = (k - r d) / (1 + d) = (k + r) / (1 + d) - r
    const s = (((k + r) * Curve.Fn.inv(1n + d) - r) % N + N) % N;
    if (r !== 0n && r + k !== N && s !== 0n) return Buffer.from(hex32(r) + hex32(s), 'hex');
  }
}

/** @returns whether the 64 bytes sign the message under the key; false for anything malformed */
export function verifySm2(message: Buffer, signature: Buffer, { publicKey, userId = '1234567812345678' }: { readonly publicKey: string; readonly userId?: string }): boolean {
  try {
    const point = Curve.fromHex(publicKey);
    const r = hexNumber(signature.subarray(0, 32).toString('hex'));
    const s = hexNumber(signature.subarray(32).toString('hex'));
    const t = (r + s) % N;
    if (signature.length !== 64 || r === 0n || s === 0n || r >= N || s >= N || t === 0n) return false;
    const sum = Curve.BASE.multiplyUnsafe(s).add(point.multiplyUnsafe(t));
    return (digestNumber(message, point, userId) + sum.x) % N === r;
  } catch {
    return false;
  }
}

function digestNumber(message: Buffer, point: WeierstrassPoint<bigint>, userId: string): bigint {
  const id = Buffer.from(userId, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(id.length * 8);
  const z = createHash('sm3').update(length).update(id).update(Buffer.from(A + B + X + Y, 'hex')).update(point.toBytes(false).subarray(1)).digest();
  return hexNumber(createHash('sm3').update(z).update(message).digest('hex'));
}

function randomScalar(): bigint {
  for (;;) {
    const candidate = hexNumber(randomBytes(32).toString('hex'));
    if (candidate > 0n && candidate < N - 1n) return candidate;
  }
}

function hexNumber(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

function hex32(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}
