import { expect } from 'chai';
import type { Sm4Options } from '../../../adapter/ports/china-crypto.ts';
import { bytes, crypto, rejection } from './fixtures.ts';

const key = crypto.sm4Key(bytes('sandbox-key-8999'), 'test');
const ecb = (padding: 'pkcs7' | 'zero' | 'none'): Sm4Options => ({ key, mode: 'ecb', padding });

describe('SM4', () => {
  it('refuses CBC without an iv, and with one of another length: zeros are never put in its place', async () => {
    const without = { key, mode: 'cbc', padding: 'pkcs7' } as unknown as Sm4Options;
    expect(await rejection(crypto.sm4Encrypt(bytes('x'), without))).to.match(/^CONFIG_INVALID.*iv/);
    expect(await rejection(crypto.sm4Decrypt(new Uint8Array(16), without))).to.match(/^CONFIG_INVALID.*iv/);
    expect(await rejection(crypto.sm4Encrypt(bytes('x'), { key, mode: 'cbc', padding: 'pkcs7', iv: new Uint8Array(8) }))).to.contain('实际 8 字节');
  });

  it('refuses to encrypt a broken block without padding', async () => {
    expect(await rejection(crypto.sm4Encrypt(bytes('x'), ecb('none')))).to.contain('整数倍');
    expect((await crypto.sm4Encrypt(new Uint8Array(32), ecb('none'))).length).to.equal(32);
  });

  it('fills with zeros up to a whole block and takes them off again', async () => {
    for (const [text, length] of [['abc', 16], ['0123456789abcdef', 16], ['0123456789abcdefg', 32], ['', 0]] as const) {
      const sealed = await crypto.sm4Encrypt(bytes(text), ecb('zero'));
      expect(sealed.length).to.equal(length);
      expect(Buffer.from((await crypto.sm4Decrypt(sealed, ecb('zero'))) ?? []).toString()).to.equal(text);
    }
  });

  it('answers undefined for the wrong padding, a wrong key, a broken block and nothing at all', async () => {
    const unpadded = await crypto.sm4Encrypt(bytes('0123456789abcdef'), ecb('none'));
    expect(await crypto.sm4Decrypt(unpadded, ecb('pkcs7'))).to.equal(undefined);
    const sealed = await crypto.sm4Encrypt(bytes('0123456789abcdef0123'), ecb('pkcs7'));
    const other = crypto.sm4Key(bytes('another-key-8999'), 'test');
    expect(await crypto.sm4Decrypt(sealed, { key: other, mode: 'ecb', padding: 'pkcs7' })).to.equal(undefined);
    expect(await crypto.sm4Decrypt(sealed.subarray(0, 31), ecb('pkcs7'))).to.equal(undefined);
    expect(await crypto.sm4Decrypt(sealed.subarray(0, 31), ecb('none'))).to.equal(undefined);
    expect(await crypto.sm4Decrypt(new Uint8Array(), ecb('pkcs7'))).to.equal(undefined);
  });
});
