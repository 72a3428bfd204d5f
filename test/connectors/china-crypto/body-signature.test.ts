import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { canonicalBodyBytes, signBody, verifyBody, type BodySignature } from '../../../connectors/shared/china-crypto/body-signature.ts';
import { bytes, crypto, privateKey, publicKey, STANDARD } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const body = bytes('{"eventID":"8999","count":1.50}');

describe('body signature with SM3', () => {
  const WAYS: Readonly<Record<string, BodySignature>> = {
    'digest': { kind: 'sm3' }, 'digest with a secret behind': { kind: 'sm3', after: 'sandbox-secret' }, 'digest with a secret before': { kind: 'sm3', before: 'sandbox-secret' },
    'HMAC': { kind: 'hmac-sm3', secret: 'sandbox-secret' }, 'SM2 over the body': { kind: 'sm2', privateKey, publicKey }, 'SM2 over the digest': { kind: 'sm2', privateKey, publicKey, over: 'digest' },
    'SM2 in DER under an id': { kind: 'sm2', privateKey, publicKey, format: 'der', userId: 'H14' },
  };
  for (const [way, how] of Object.entries(WAYS)) {
    it(`verifies its own ${way} in every encoding, and nothing else`, async () => {
      for (const encoding of ['hex', 'hex-upper', 'base64'] as const) {
        const signature = (await signBody(body, { crypto, how, encoding })) ?? '';
        expect(await verifyBody(body, signature, { crypto, how })).to.equal(true);
        expect(await verifyBody(bytes('{"eventID":"8999","count":1.5}'), signature, { crypto, how })).to.equal(false);
      }
      for (const wrong of ['', 'zz', '00', 'AAAA', '0'.repeat(64), '0'.repeat(128)]) expect(await verifyBody(body, wrong, { crypto, how })).to.equal(false);
    });
  }

  it('computes what any SM3 computes', async () => {
    expect(await signBody(bytes('abc'), { crypto, how: { kind: 'sm3' } })).to.equal('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    expect(await signBody(bytes('b'), { crypto, how: { kind: 'sm3', before: 'a', after: 'c' }, encoding: 'hex-upper' })).to.equal('66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0');
    expect(await signBody(body, { crypto, how: { kind: 'hmac-sm3', secret: '密' }, encoding: 'base64' })).to.equal(createHmac('sm3', '密').update(body).digest('base64'));
  });

  it('signs the body or its digest with SM2 so that others verify it', async () => {
    const overBody = await signBody(body, { crypto, how: { kind: 'sm2', privateKey } });
    expect(oracle.sm2.doVerifySignature([...body], overBody ?? '', STANDARD.publicKey)).to.equal(true);
    const overDigest = await signBody(body, { crypto, how: { kind: 'sm2', privateKey, over: 'digest' } });
    expect(oracle.sm2.doVerifySignature([...createHash('sm3').update(body).digest()], overDigest ?? '', STANDARD.publicKey)).to.equal(true);
  });

  it('does neither without its key', async () => {
    expect(await signBody(body, { crypto, how: { kind: 'sm2', publicKey } })).to.equal(undefined);
    expect(await verifyBody(body, '0'.repeat(128), { crypto, how: { kind: 'sm2', privateKey } })).to.equal(false);
  });

  it('makes one text of a body whatever the order and spacing, digits kept', () => {
    expect(Buffer.from(canonicalBodyBytes('{ "b": [ { "d": 1.50, "c": "药" } ], "a": null }') ?? []).toString()).to.equal('{"a":null,"b":[{"c":"药","d":1.50}]}');
    expect(canonicalBodyBytes('<xml/>')).to.equal(undefined);
  });
});
