import { createCipheriv } from 'node:crypto';
import { expect } from 'chai';
import { failedKnownAnswers, KNOWN_ANSWERS } from '../../../connectors/shared/china-crypto/known-answers.ts';
import { softwarePrimitives, type Primitives } from '../../../connectors/shared/china-crypto/primitives.ts';
import { identityDigest, Sm2Point } from '../../../connectors/shared/china-crypto/sm2-curve.ts';
import { createSoftwareChinaCrypto } from '../../../connectors/shared/china-crypto/software-china-crypto.ts';
import { bytes, crypto, fromHex, privateKey, publicKey, rejection, STANDARD, thrown, toHex } from './fixtures.ts';

describe('Chinese cryptography against the published examples', () => {
  it('computes every known answer of GB/T 32905, 32907, 32918 and GM/T 0042', () => {
    expect(failedKnownAnswers(softwarePrimitives)).to.deep.equal([]);
  });

  it('computes Z of the example in GB/T 32918.5 A.2', () => {
    expect(toHex(identityDigest(Sm2Point.fromHex(STANDARD.publicKey), '1234567812345678'))).to.equal('b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3');
  });

  it('verifies the published signature through the port', async () => {
    expect(await crypto.sm2Verify(bytes('message digest'), { key: publicKey, signature: fromHex(KNOWN_ANSWERS.sm2.signature) })).to.equal(true);
  });

  it('verifies a signature OpenSSL made with the default id, in DER', async () => {
    const signature = fromHex('304402207c665872d1e3852812d781ce27fd5f7601370ac2f8ae96d4f55372a75c0ccf1a022026a62c74db8d22a3b2c119dc0ce5711ef370170b2261da2b85fd6e14eef58863');
    expect(await crypto.sm2Verify(bytes('message digest'), { key: publicKey, signature })).to.equal(true);
    expect(await crypto.sm2Verify(bytes('message digesT'), { key: publicKey, signature })).to.equal(false);
  });

  it('decrypts the published ciphertext through the port', async () => {
    const { c1, c2, c3 } = KNOWN_ANSWERS.sm2;
    const plain = await crypto.sm2Decrypt(fromHex(c1 + c3 + c2), { key: privateKey });
    expect(Buffer.from(plain ?? []).toString()).to.equal('encryption standard');
  });

  it('arrives at the published block after 1,000,000 rounds of SM4 (GB/T 32907 A.2)', () => {
    const key = fromHex(KNOWN_ANSWERS.sm4.block);
    let block: Uint8Array = key;
    const cipher = createCipheriv('sm4-ecb', key, null);
    cipher.setAutoPadding(false);
    for (let round = 0; round < 1_000_000; round += 1) block = cipher.update(block);
    expect(toHex(block)).to.equal('595298c7c6fd271f0402f804c33d3f66');
  });
});

describe('Chinese cryptography that fails its self-test', () => {
  const flipped = (value: Uint8Array): Uint8Array => value.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  const wrongSign: Partial<Primitives> = { sign: (...given) => flipped(softwarePrimitives.sign(...given)) };
  const noSm4: Partial<Primitives> = { sm4Seal: () => { throw new Error('error:0308010C:digital envelope routines::unsupported'); } };
  const gullible: Partial<Primitives> = { verify: () => true };

  it('refuses to sign, to verify and to encrypt, and says which example failed', async () => {
    const broken = createSoftwareChinaCrypto({ primitives: wrongSign });
    const key = broken.readPrivateKey(STANDARD.privateKey, 'test');
    for (const answer of [
      broken.start(),
      broken.sm2Sign(bytes('x'), { key }),
      broken.sm2Verify(bytes('x'), { key: publicKey, signature: new Uint8Array(64) }),
      broken.sm4Encrypt(bytes('x'), { key: broken.sm4Key(new Uint8Array(16), 'k'), mode: 'ecb', padding: 'pkcs7' }),
    ]) expect(await rejection(answer)).to.match(/^INTERNAL: 国密算法自检未通过，已停止签名与加密：SM2（GB\/T 32918.5 A.2）签名$/);
  });

  it('notices a verification that accepts everything', async () => {
    expect(await rejection(createSoftwareChinaCrypto({ primitives: gullible }).start())).to.contain('SM2 拒绝被改动的内容');
  });

  it('says at start that the machine lacks an algorithm, instead of failing in the middle of a call', async () => {
    const message = await rejection(createSoftwareChinaCrypto({ primitives: noSm4 }).start());
    expect(message).to.match(/^CONFIG_INVALID: 本机的 Node.js\/OpenSSL 不提供国密算法/).and.to.contain('SM4-ECB（GB/T 32907）加密').and.not.to.contain('SM3');
  });

  it('throws the same from sm3, which has no promise to reject', () => {
    const without = createSoftwareChinaCrypto({ primitives: { sm3: () => { throw new Error('Digest method not supported'); } } });
    expect(thrown(() => without.sm3(bytes('abc')))).to.contain('不提供国密算法');
  });

  it('runs the self-test once', async () => {
    let runs = 0;
    const counted = createSoftwareChinaCrypto({ primitives: { hmacSm3: (key, data) => { runs += 1; return softwarePrimitives.hmacSm3(key, data); } } });
    await counted.start();
    await counted.start();
    counted.sm3(bytes('x'));
    expect(runs).to.equal(1);
  });
});
