import { expect } from 'chai';
import fc from 'fast-check';
import { signatureFromDer, signatureToDer } from '../../../connectors/shared/china-crypto/sm2-signature-der.ts';
import { bytes, crypto, fromHex, ORDER, privateKey, publicKey, rejection, STANDARD, toHex } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const text = bytes('message digest');
const hex32 = (value: bigint): string => value.toString(16).padStart(64, '0');

async function verify(signature: string | Uint8Array, options: { readonly userId?: string; readonly format?: 'raw' | 'der' | 'any' } = {}): Promise<boolean> {
  return crypto.sm2Verify(text, { key: publicKey, signature: typeof signature === 'string' ? fromHex(signature) : signature, ...options });
}

describe('SM2 refuses', () => {
  let r = 0n;
  let s = 0n;
  before(async () => {
    const signature = toHex(await crypto.sm2Sign(text, { key: privateKey }));
    expect(await verify(signature)).to.equal(true);
    r = BigInt(`0x${signature.slice(0, 64)}`);
    s = BigInt(`0x${signature.slice(64)}`);
  });

  it('r or s of zero', async () => {
    expect(await verify(hex32(0n) + hex32(s))).to.equal(false);
    expect(await verify(hex32(r) + hex32(0n))).to.equal(false);
    expect(await verify(hex32(0n) + hex32(0n))).to.equal(false);
  });

  it('r or s at the order or above it, where the same value modulo n would pass', async () => {
    expect(await verify(hex32(ORDER) + hex32(s))).to.equal(false);
    expect(await verify(hex32(r) + hex32(ORDER))).to.equal(false);
    const wide = (value: bigint): string => (value + ORDER).toString(16);
    for (const [first, second] of [[wide(r), hex32(s)], [hex32(r), wide(s)]] as const) {
      // r + n needs 33 bytes unless r is very small; in DER it can be written
      expect(await verify((first + second).padStart(130, '0'))).to.equal(false);
      const part = (digits: string): string => {
        const even = digits.length % 2 === 0 ? digits : `0${digits}`;
        const signed = Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
        return `02${(signed.length / 2).toString(16).padStart(2, '0')}${signed}`;
      };
      const body = part(first) + part(second);
      expect(await verify(`30${(body.length / 2).toString(16).padStart(2, '0')}${body}`)).to.equal(false);
    }
  });

  it('s replaced by n - s, and r and s exchanged', async () => {
    expect(await verify(hex32(r) + hex32(ORDER - s))).to.equal(false);
    expect(await verify(hex32(s) + hex32(r))).to.equal(false);
  });

  it('r + s = n', async () => {
    expect(await verify(hex32(r) + hex32(ORDER - r))).to.equal(false);
  });

  it('another user id, the empty one included', async () => {
    const signature = hex32(r) + hex32(s);
    expect(await verify(signature, { userId: '1234567812345679' })).to.equal(false);
    expect(await verify(signature, { userId: '' })).to.equal(false);
    expect(await verify(signature, { userId: '1234567812345678' })).to.equal(true);
  });

  it('a signature made without hashing the identity', async () => {
    const bare = oracle.sm2.doSignature([...text], STANDARD.privateKey, { hash: false });
    expect(await verify(bare)).to.equal(false);
  });

  it('every length but 64 as raw, and random bytes, without throwing', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 140 }), async (junk) => {
      for (const format of ['raw', 'der', 'any'] as const) expect(await verify(junk, { format })).to.equal(false);
    }), { numRuns: 200 });
  });

  it('DER that is not the one spelling: padded, negative, with something behind, with long lengths', () => {
    const der = toHex(signatureToDer(fromHex(hex32(1n) + hex32(0x80n))));
    expect(der).to.equal('300702010102020080');
    expect(toHex(signatureFromDer(fromHex(der)) ?? new Uint8Array())).to.equal(hex32(1n) + hex32(0x80n));
    const wrong = [
      '3008 02020001 02020080', '3006 020101 020180', '3007 020101 02020080 00', '308107 020101 02020080', '300a 020101 02020080 020101', '3005 020101 0200',
      '3003 020101', '3007 040101 02020080', '30', '',
    ];
    for (const spelling of wrong) expect(signatureFromDer(fromHex(spelling.replaceAll(' ', ''))), spelling).to.equal(undefined);
  });

  it('every signature survives DER and back', () => {
    const number = fc.bigInt({ min: 1n, max: ORDER - 1n });
    fc.assert(fc.property(number, number, (left, right) => {
      const raw = fromHex(hex32(left) + hex32(right));
      expect(toHex(signatureFromDer(signatureToDer(raw)) ?? new Uint8Array())).to.equal(toHex(raw));
    }), { numRuns: 200 });
  });

  it('a user id that does not fit two bytes of bits', async () => {
    expect(await rejection(crypto.sm2Sign(text, { key: privateKey, userId: 'x'.repeat(8_192) }))).to.contain('8191');
  });

  it('an empty text to encrypt', async () => {
    expect(await rejection(crypto.sm2Encrypt(new Uint8Array(), { key: publicKey }))).to.contain('空内容');
  });

  it('a ciphertext whose point is off the curve, is changed, cut, or in the other order', async () => {
    const sealed = await crypto.sm2Encrypt(bytes('secret of the day'), { key: publicKey });
    const open = (value: Uint8Array, order: 'c1c3c2' | 'c1c2c3' = 'c1c3c2'): Promise<Uint8Array | undefined> => crypto.sm2Decrypt(value, { key: privateKey, order });
    expect(Buffer.from((await open(sealed)) ?? []).toString()).to.equal('secret of the day');
    for (const at of [1, 40, 64, 70, 96, 97, sealed.length - 1]) expect(await open(sealed.map((byte, index) => (index === at ? byte ^ 1 : byte))), String(at)).to.equal(undefined);
    expect(await open(sealed, 'c1c2c3')).to.equal(undefined);
    for (const length of [0, 1, 64, 65, 97]) expect(await open(sealed.subarray(0, length)), String(length)).to.equal(undefined);
    expect(await open(new Uint8Array(120))).to.equal(undefined);
  });

  it('never makes the same signature or ciphertext twice', async () => {
    const signatures = await Promise.all([1, 2, 3].map(async () => toHex(await crypto.sm2Sign(text, { key: privateKey }))));
    expect(new Set(signatures).size).to.equal(3);
    const sealed = await Promise.all([1, 2, 3].map(async () => toHex(await crypto.sm2Encrypt(text, { key: publicKey }))));
    expect(new Set(sealed).size).to.equal(3);
  });
});
