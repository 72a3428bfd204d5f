import { inspect } from 'node:util';
import { TraceError } from '../../../adapter/domain/error.ts';
import type { Sm2PrivateKey, Sm2PublicKey, Sm4Key } from '../../../adapter/ports/china-crypto.ts';
import { readKeyText, readSm4KeyText } from './key-text.ts';
import { Sm2Point } from './sm2-curve.ts';
import { SM4_BLOCK_BYTES } from './sm4.ts';

/**
 * Keys as objects whose secret is reachable through this file only: a log line, JSON, `console.log` or an error that is handed one
 * shows its name and nothing else. That is all that is promised: JavaScript can neither lock memory nor wipe a number from it.
 */
class HeldKey {
  readonly kind: 'sm2-private' | 'sm4';
  constructor(kind: 'sm2-private' | 'sm4') {
    this.kind = kind;
  }

  toJSON(): string {
    return `[${this.kind}]`;
  }

  [inspect.custom](): string {
    return `[${this.kind}]`;
  }
}

const USES_BEFORE_TABLE = 4;
const scalars = new WeakMap<Sm2PrivateKey, { readonly scalar: bigint; readonly point: Sm2Point }>();
const points = new WeakMap<Sm2PublicKey, { readonly point: Sm2Point; uses: number }>();
const sm4Bytes = new WeakMap<Sm4Key, Uint8Array>();

/** @throws TraceError CONFIG_INVALID naming the setting and what is wrong with its text */
export function readPrivateKey(text: string, name: string): Sm2PrivateKey {
  const key = readKeyText(text);
  if (key.kind === 'problem') throw refusal(name, key.problem);
  if (key.kind === 'public') throw refusal(name, '这里需要 SM2 私钥，给出的是公钥');
  const held = new HeldKey('sm2-private') as Sm2PrivateKey;
  scalars.set(held, { scalar: key.scalar, point: Sm2Point.BASE.multiply(key.scalar) });
  return held;
}

/** @throws TraceError CONFIG_INVALID; a private key is refused here, it has no business where public keys are kept */
export function readPublicKey(text: string, name: string): Sm2PublicKey {
  const key = readKeyText(text);
  if (key.kind === 'problem') throw refusal(name, key.problem);
  if (key.kind === 'private') throw refusal(name, '这里需要 SM2 公钥，给出的是私钥；请尽快确认私钥没有外泄');
  return publicKeyOfPoint(key.point);
}

/** @throws TraceError CONFIG_INVALID naming the setting and what is wrong with its text */
export function readSm4Key(text: string, name: string): Sm4Key {
  const read = readSm4KeyText(text);
  if ('problem' in read) throw refusal(name, read.problem);
  return sm4KeyOf(read.bytes, name);
}

/** @throws TraceError CONFIG_INVALID for any other length than 16 */
export function sm4KeyOf(bytes: Uint8Array, name: string): Sm4Key {
  if (bytes.length !== SM4_BLOCK_BYTES) throw refusal(name, `SM4 密钥应为 16 字节，实际 ${String(bytes.length)} 字节`);
  const held = new HeldKey('sm4') as Sm4Key;
  sm4Bytes.set(held, Uint8Array.from(bytes));
  return held;
}

export function publicKeyOfPoint(point: Sm2Point): Sm2PublicKey {
  const key: Sm2PublicKey = { kind: 'sm2-public', hex: point.toHex(false) };
  points.set(key, { point, uses: 0 });
  return key;
}

/** @throws TraceError when the key was made by another implementation */
export function openPrivateKey(key: Sm2PrivateKey): { readonly scalar: bigint; readonly point: Sm2Point } {
  return scalars.get(key) ?? foreign();
}

/** The key of a platform is used for every reply: from the fourth use on a table (30 ms) makes verifying five times faster. */
export function openPublicKey(key: Sm2PublicKey): Sm2Point {
  const held = points.get(key) ?? foreign();
  held.uses += 1;
  if (held.uses === USES_BEFORE_TABLE) held.point.precompute(6);
  return held.point;
}

export function openSm4Key(key: Sm4Key): Uint8Array {
  return sm4Bytes.get(key) ?? foreign();
}

function foreign(): never {
  throw new TraceError('INTERNAL', '密钥不是由本实现读取的');
}

function refusal(name: string, detail: string): TraceError {
  return new TraceError('CONFIG_INVALID', `${name}：${detail}`);
}
