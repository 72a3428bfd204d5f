import { readDerInside, writeDer } from './der.ts';
import { SM2_BYTES } from './sm2-curve.ts';

const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** @returns SEQUENCE { INTEGER r, INTEGER s } (GM/T 0009 7.3) of r || s */
export function signatureToDer(raw: Uint8Array): Uint8Array {
  const parts = [raw.subarray(0, SM2_BYTES), raw.subarray(SM2_BYTES)].map((part) => writeDer(INTEGER, signedBytes(part)));
  return writeDer(SEQUENCE, Buffer.concat(parts));
}

/**
 * Strict: one spelling per signature, so that nobody can make a second one out of a first.
 * @returns r || s, or undefined for negative, padded or too long numbers and for anything before or after
 */
export function signatureFromDer(der: Uint8Array): Uint8Array | undefined {
  const elements = readDerInside(der, SEQUENCE);
  if (elements?.length !== 2) return undefined;
  const numbers = elements.map(({ tag, content }) => (tag === INTEGER ? unsignedBytes(content) : undefined));
  const [r, s] = numbers;
  return r === undefined || s === undefined ? undefined : Buffer.concat([r, s]);
}

/** shortest two's complement of a number that is not negative */
function signedBytes(part: Uint8Array): Uint8Array {
  let start = 0;
  while (start < part.length - 1 && part[start] === 0) start += 1;
  const digits = part.subarray(start);
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), digits]) : digits;
}

function unsignedBytes(content: Uint8Array): Uint8Array | undefined {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) return undefined;
  const padded = first === 0 && content.length > 1;
  if (padded && (second ?? 0) < 0x80) return undefined;
  const digits = padded ? content.subarray(1) : content;
  if (digits.length > SM2_BYTES) return undefined;
  return Buffer.concat([Buffer.alloc(SM2_BYTES - digits.length), digits]);
}
