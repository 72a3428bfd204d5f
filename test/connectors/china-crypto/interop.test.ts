import { expect } from 'chai';
import fc from 'fast-check';
import { bytes, crypto, fromHex, toHex } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const RUNS = 200;
const message = fc.uint8Array({ minLength: 0, maxLength: 300 });
/** short masks are zero now and then, which one side refuses by the standard and the other does not look at */
const secret = fc.uint8Array({ minLength: 8, maxLength: 200 });
const userId = fc.option(fc.string({ maxLength: 40, unit: 'grapheme' }), { nil: undefined });
/** the other side is slow; ten pairs of its own making, fresh at every run, are met twenty times each */
const pair = fc.constantFrom(...Array.from({ length: 10 }, () => oracle.sm2.generateKeyPairHex()));
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
const id = (given: string | undefined): { readonly userId?: string } => (given === undefined ? {} : { userId: given });

/** Both directions against sm-crypto, which shares no line with us. */
describe('Chinese cryptography beside a second implementation', function () {
  this.timeout(120_000);

  it('digests with SM3 and HMAC-SM3 to the same bytes', async () => {
    await fc.assert(fc.asyncProperty(message, secret, async (data, key) => {
      expect(toHex(crypto.sm3(data))).to.equal(oracle.sm3([...data]));
      expect(toHex(await crypto.hmacSm3(key, data))).to.equal(oracle.sm3([...data], { key: [...key] }));
    }), { numRuns: RUNS });
  });

  it('signs what the other verifies, raw and DER, under any user id', async () => {
    await fc.assert(fc.asyncProperty(message, pair, userId, fc.boolean(), async (data, keys, user, der) => {
      const key = crypto.readPrivateKey(keys.privateKey.padStart(64, '0'), 'test');
      const signature = await crypto.sm2Sign(data, { key, format: der ? 'der' : 'raw', ...id(user) });
      expect(oracle.sm2.doVerifySignature([...data], toHex(signature), keys.publicKey, { der, ...id(user) })).to.equal(true);
    }), { numRuns: RUNS });
  });

  it('verifies what the other signs, raw and DER, under any user id', async () => {
    await fc.assert(fc.asyncProperty(message, pair, userId, fc.boolean(), async (data, keys, user, der) => {
      const key = crypto.readPublicKey(keys.publicKey, 'test');
      const signature = fromHex(oracle.sm2.doSignature([...data], keys.privateKey, { der, publicKey: keys.publicKey, ...id(user) }));
      expect(await crypto.sm2Verify(data, { key, signature, ...id(user) })).to.equal(true);
      const other = Uint8Array.from([...data, 0]);
      expect(await crypto.sm2Verify(other, { key, signature, ...id(user) })).to.equal(false);
    }), { numRuns: RUNS });
  });

  it('encrypts what the other decrypts, in both orders', async () => {
    await fc.assert(fc.asyncProperty(secret, pair, fc.boolean(), async (data, keys, standardOrder) => {
      const sealed = await crypto.sm2Encrypt(data, { key: crypto.readPublicKey(keys.publicKey, 'test'), order: standardOrder ? 'c1c3c2' : 'c1c2c3' });
      expect(oracle.sm2.doDecrypt(toHex(sealed).slice(2), keys.privateKey, standardOrder ? 1 : 0, { output: 'array' })).to.deep.equal([...data]);
    }), { numRuns: RUNS });
  });

  it('decrypts what the other encrypts, in both orders, with and without 04', async () => {
    await fc.assert(fc.asyncProperty(secret, pair, fc.boolean(), fc.boolean(), async (data, keys, standardOrder, head) => {
      const key = crypto.readPrivateKey(keys.privateKey.padStart(64, '0'), 'test');
      const sealed = oracle.sm2.doEncrypt([...data], keys.publicKey, standardOrder ? 1 : 0);
      const plain = await crypto.sm2Decrypt(fromHex(head ? `04${sealed}` : sealed), { key, order: standardOrder ? 'c1c3c2' : 'c1c2c3' });
      expect([...(plain ?? [])]).to.deep.equal([...data]);
    }), { numRuns: RUNS });
  });

  it('computes the same public key', async () => {
    for (let round = 0; round < 20; round += 1) {
      const keys = oracle.sm2.generateKeyPairHex();
      expect((await crypto.publicKeyOf(crypto.readPrivateKey(keys.privateKey, 'test'))).hex).to.equal(keys.publicKey);
    }
  });

  it('seals with SM4 to the same bytes in ECB and CBC, and opens them', async () => {
    await fc.assert(fc.asyncProperty(message, sixteen, sixteen, fc.boolean(), async (data, rawKey, iv, cbc) => {
      const key = crypto.sm4Key(rawKey, 'test');
      const how = cbc ? { key, mode: 'cbc', padding: 'pkcs7', iv } as const : { key, mode: 'ecb', padding: 'pkcs7' } as const;
      const theirs = { ...(cbc ? { mode: 'cbc', iv: toHex(iv) } as const : {}), padding: 'pkcs#7', output: 'array' } as const;
      const sealed = await crypto.sm4Encrypt(data, how);
      expect([...sealed]).to.deep.equal([...oracle.sm4.encrypt([...data], toHex(rawKey), theirs)]);
      expect([...oracle.sm4.decrypt([...sealed], toHex(rawKey), theirs)]).to.deep.equal([...data]);
      expect([...((await crypto.sm4Decrypt(sealed, how)) ?? bytes('not opened'))]).to.deep.equal([...data]);
    }), { numRuns: RUNS });
  });
});
