import { readDerInside, readDer, type DerElement } from './der.ts';
import { modOrder, pointOf, SM2_BYTES, SM2_ORDER, scalarBytes, scalarOf, Sm2Point } from './sm2-curve.ts';

/** What the bytes of a key turned out to be; `problem` is for operators and never holds a byte of the key. */
export type KeyBytes =
  | { readonly kind: 'private'; readonly scalar: bigint }
  | { readonly kind: 'public'; readonly point: Sm2Point }
  | { readonly kind: 'problem'; readonly problem: string };

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const BITS = 0x03;
const OBJECT = 0x06;
const VERSION_OF_CERTIFICATE = 0xa0;
const CURVE_OF_SEC1 = 0xa0;
const PUBLIC_OF_SEC1 = 0xa1;
/** 1.2.156.10197.1.301, GM/T 0006 */
const SM2_OID = '2a811ccf5501822d';
/** 1.2.840.10045.2.1, id-ecPublicKey */
const EC_KEY_OID = '2a8648ce3d0201';
/** position of subjectPublicKeyInfo in a certificate of version 2 or 3 */
const CERTIFICATE_KEY_AT = 6;

const problem = (text: string): KeyBytes => ({ kind: 'problem', problem: text });
const OTHER_CURVE = '不是 SM2 曲线的密钥（曲线标识应为 1.2.156.10197.1.301）';

/** Raw lengths first: 32, 33, 64 and 65 bytes are never DER of an SM2 key, which is 39 bytes or more and not 64 or 65. */
export function keyOfBytes(bytes: Uint8Array): KeyBytes {
  const raw = keyOfRawBytes(bytes);
  if (raw !== undefined) return raw;
  if (bytes[0] !== SEQUENCE) return problem(`长度 ${String(bytes.length)} 字节不是 SM2 密钥：私钥 32 字节，公钥 64、65（04 开头）或 33 字节（02、03 开头），或 DER`);
  const fields = readDerInside(bytes, SEQUENCE);
  if (fields === undefined) return problem('DER 结构不完整或有多余内容');
  const [first, second, third] = fields;
  if (first?.tag === INTEGER && second?.tag === OCTETS) return keyOfSec1(fields);
  if (first?.tag === INTEGER && second?.tag === SEQUENCE && third?.tag === OCTETS) return keyOfPkcs8(second, third);
  if (first?.tag === SEQUENCE && second?.tag === BITS && third === undefined) return keyOfSpki(first, second);
  if (first?.tag === SEQUENCE && second?.tag === SEQUENCE && third?.tag === BITS) return keyOfCertificate(first);
  if (first?.tag === SEQUENCE && second?.tag === OCTETS) return problem('是加密的私钥文件，请先用口令解密再配置');
  return problem('DER 不是 PKCS#8、SEC1、SPKI 或证书');
}

function keyOfRawBytes(bytes: Uint8Array): KeyBytes | undefined {
  const [head] = bytes;
  if (bytes.length === SM2_BYTES) return keyOfScalar(bytes);
  // BigInteger.toByteArray() of Java puts a 00 before a number whose first bit is 1
  if (bytes.length === SM2_BYTES + 1 && head === 0) return keyOfScalar(bytes.subarray(1));
  if (bytes.length === SM2_BYTES + 1 && (head === 2 || head === 3)) return keyOfPoint(bytes);
  if (bytes.length === 2 * SM2_BYTES) return keyOfPoint(Buffer.concat([Uint8Array.of(4), bytes]));
  if (bytes.length === 2 * SM2_BYTES + 1 && head === 4) return keyOfPoint(bytes);
  return undefined;
}

/** d lies in [1, n-2] (GB/T 32918.1 6.1): with n-1 the factor 1 + d has no inverse. */
function keyOfScalar(bytes: Uint8Array): KeyBytes {
  const scalar = scalarOf(bytes);
  if (scalar < 1n || scalar > SM2_ORDER - 2n) return problem('私钥数值超出 SM2 允许的范围');
  return { kind: 'private', scalar };
}

function keyOfPoint(bytes: Uint8Array): KeyBytes {
  const point = pointOf(bytes);
  return point === undefined ? problem('公钥不是 SM2 曲线上的点') : { kind: 'public', point };
}

/** SEQUENCE { INTEGER 1, OCTET STRING d, [0] curve, [1] public key } (RFC 5915) */
function keyOfSec1(fields: readonly DerElement[], curveKnown = false): KeyBytes {
  const digits = fields[1]?.content ?? new Uint8Array();
  const curve = fields.find((field) => field.tag === CURVE_OF_SEC1);
  const fault = curve === undefined || curveKnown ? undefined : curveFault(readDer(curve.content)?.[0]);
  if (fault !== undefined) return problem(fault);
  const scalar = scalarOf(digits);
  if (digits.length > SM2_BYTES + 1 || scalar >= 1n << 256n) return problem('私钥长度超过 32 字节');
  const key = keyOfScalar(scalarBytes(scalar));
  const stated = fields.find((field) => field.tag === PUBLIC_OF_SEC1);
  if (key.kind !== 'private' || stated === undefined) return key;
  const point = pointOf(bitsOf(readDer(stated.content)?.[0]));
  const own = Sm2Point.BASE.multiply(modOrder(key.scalar));
  return point?.equals(own) === true ? key : problem('文件中的公钥与私钥不是一对');
}

/** SEQUENCE { INTEGER 0, algorithm, OCTET STRING with SEC1 } (RFC 5208) */
function keyOfPkcs8(algorithm: DerElement, inner: DerElement): KeyBytes {
  const fault = algorithmFault(algorithm);
  if (fault !== undefined) return problem(fault);
  const fields = readDerInside(inner.content, SEQUENCE);
  return fields?.[0]?.tag === INTEGER && fields[1]?.tag === OCTETS ? keyOfSec1(fields, true) : problem('PKCS#8 内没有 EC 私钥');
}

/** SEQUENCE { algorithm, BIT STRING point } (RFC 5280) */
function keyOfSpki(algorithm: DerElement, key: DerElement): KeyBytes {
  const fault = algorithmFault(algorithm);
  return fault === undefined ? keyOfPoint(bitsOf(key)) : problem(fault);
}

/** The bureau often hands its key out as a certificate; only the key is taken from it, nothing of it is checked. */
function keyOfCertificate(body: DerElement): KeyBytes {
  const fields = readDer(body.content) ?? [];
  const at = fields[0]?.tag === VERSION_OF_CERTIFICATE ? CERTIFICATE_KEY_AT : CERTIFICATE_KEY_AT - 1;
  const [algorithm, key] = readDer(fields[at]?.content ?? new Uint8Array()) ?? [];
  return algorithm?.tag === SEQUENCE && key?.tag === BITS ? keyOfSpki(algorithm, key) : problem('证书内没有可读的公钥');
}

function algorithmFault(algorithm: DerElement): string | undefined {
  const [name, curve] = readDer(algorithm.content) ?? [];
  if (name?.tag !== OBJECT || hex(name.content) !== EC_KEY_OID) return '不是椭圆曲线密钥（例如 RSA），需要 SM2 密钥';
  return curveFault(curve);
}

function curveFault(curve: DerElement | undefined): string | undefined {
  if (curve?.tag === SEQUENCE) return '曲线以参数形式写出，请导出为命名曲线（SM2）';
  return curve?.tag === OBJECT && hex(curve.content) === SM2_OID ? undefined : OTHER_CURVE;
}

/** content of a BIT STRING of whole bytes; empty when it is none, which no point is */
function bitsOf(element: DerElement | undefined): Uint8Array {
  return element?.tag === BITS && element.content[0] === 0 ? element.content.subarray(1) : new Uint8Array();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
