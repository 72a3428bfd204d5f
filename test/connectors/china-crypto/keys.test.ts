import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { TraceError } from '../../../adapter/domain/error.ts';
import { bytes, crypto, fromHex, ORDER, STANDARD, thrown, toHex } from './fixtures.ts';
import { CERTIFICATE, PKCS8, SEC1, SEC1_EXPLICIT_CURVE, SEC1_WITH_PARAMETERS, SPKI, SPKI_COMPRESSED } from './key-files.ts';

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const derOf = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '');
const D = STANDARD.privateKey;
const XY = STANDARD.publicKey.slice(2);
const COMPRESSED = `03${XY.slice(0, 64)}`;

const PRIVATE_FORMS: Readonly<Record<string, string>> = {
  'PEM PKCS#8': PKCS8, 'PEM SEC1': SEC1, 'PEM SEC1 behind its parameters': SEC1_WITH_PARAMETERS, 'PEM with written-out line ends': PKCS8.replaceAll('\n', '\\n'), 'PEM with CRLF': PKCS8.replaceAll('\n', '\r\n'),
  'DER PKCS#8 as Base64': derOf(PKCS8), 'DER SEC1 as Base64': derOf(SEC1), 'DER as hex': Buffer.from(derOf(PKCS8), 'base64').toString('hex'),
  'hex': D, 'hex in capitals': D.toUpperCase(), 'hex with 0x': `0x${D}`, 'hex with a leading 00': `00${D}`,
  'Base64': base64(D), 'Base64 of signed bytes': base64(`00${D}`), 'base64url without padding': Buffer.from(D, 'hex').toString('base64url'), 'Base64 in two lines': `${base64(D).slice(0, 20)}\n${base64(D).slice(20)}`,
};
const PUBLIC_FORMS: Readonly<Record<string, string>> = {
  'PEM SPKI': SPKI, 'PEM SPKI, compressed': SPKI_COMPRESSED, 'certificate': CERTIFICATE, 'DER SPKI as Base64': derOf(SPKI),
  'hex of 128 digits': XY, 'hex of 130 digits': `04${XY}`, 'compressed hex': COMPRESSED,
  'Base64 of 64 bytes': base64(XY), 'Base64 of 65 bytes': base64(`04${XY}`), 'Base64 of 33 bytes': base64(COMPRESSED),
};

describe('keys of SM2', () => {
  for (const [form, text] of Object.entries(PRIVATE_FORMS)) {
    it(`reads a private key from ${form}`, async () => {
      expect((await crypto.publicKeyOf(crypto.readPrivateKey(text, 'test'))).hex).to.equal(STANDARD.publicKey);
    });
    it(`refuses a private key where a public one belongs: ${form}`, () => {
      expect(thrown(() => crypto.readPublicKey(text, 'platformKey'))).to.match(/^CONFIG_INVALID: platformKey：.*给出的是私钥/);
    });
  }
  for (const [form, text] of Object.entries(PUBLIC_FORMS)) {
    it(`reads a public key from ${form}`, () => {
      expect(crypto.readPublicKey(text, 'test').hex).to.equal(STANDARD.publicKey);
    });
    it(`refuses a public key where a private one belongs: ${form}`, () => {
      expect(thrown(() => crypto.readPrivateKey(text, 'test'))).to.contain('给出的是公钥');
    });
  }

  it('reads whatever pair Node.js makes', async () => {
    for (const type of ['pkcs8', 'sec1'] as const) {
      const made = generateKeyPairSync('ec', { namedCurve: 'SM2', privateKeyEncoding: { type, format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
      expect((await crypto.publicKeyOf(crypto.readPrivateKey(made.privateKey, 'test'))).hex).to.equal(crypto.readPublicKey(made.publicKey, 'test').hex);
    }
  });

  const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const p256Sec1 = generateKeyPairSync('ec', { namedCurve: 'prime256v1', privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const encrypted = generateKeyPairSync('ec', { namedCurve: 'SM2', privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const other = generateKeyPairSync('ec', { namedCurve: 'SM2', privateKeyEncoding: { type: 'sec1', format: 'der' }, publicKeyEncoding: { type: 'spki', format: 'der' } });
  /** private key of one pair, public key of another */
  const mixed = Buffer.concat([fromHex(Buffer.from(derOf(SEC1), 'base64').toString('hex').slice(0, -130)), other.publicKey.subarray(-65)]).toString('base64');
  const REFUSED: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /内容为空/], ['white space', ' \n', /内容为空/], ['words', '请填写私钥', /不是 PEM、十六进制或 Base64/],
    ['hex that is too short', D.slice(2), /十六进制 62 位不是 SM2 密钥/], ['hex of odd length', D.slice(1), /十六进制 63 位/], ['Base64 of 31 bytes', base64(D.slice(2)), /长度 31 字节/],
    ['zero', '0'.repeat(64), /超出 SM2 允许的范围/], ['n - 1', (ORDER - 1n).toString(16), /超出 SM2 允许的范围/], ['n', ORDER.toString(16), /超出 SM2 允许的范围/],
    ['a PEM without its end', PKCS8.slice(0, 120), /PEM 不完整/], ['a PEM cut inside', PKCS8.replace('hRANC', ''), /DER 结构不完整|不是 Base64/],
    ['a PEM of something else', PKCS8.replaceAll('PRIVATE KEY', 'PGP MESSAGE'), /PEM 中没有密钥/],
    ['an encrypted PEM', encrypted.privateKey, /加密的私钥文件/], ['encrypted DER', derOf(encrypted.privateKey), /加密的私钥文件/],
    ['P-256 in PKCS#8', p256.privateKey, /不是 SM2 曲线/], ['P-256 in SEC1', p256Sec1.privateKey, /不是 SM2 曲线/], ['RSA', rsa.privateKey, /RSA/], ['a curve written out', SEC1_EXPLICIT_CURVE, /命名曲线/],
    ['halves of two pairs', mixed, /不是一对/], ['far too much', 'A'.repeat(40_000), /内容过长/],
  ];
  for (const [what, text, why] of REFUSED) {
    it(`says what is wrong with ${what}, and shows none of it`, () => {
      const message = thrown(() => crypto.readPrivateKey(text, 'nhsa.privateKey')) ?? '';
      expect(message).to.match(/^CONFIG_INVALID: nhsa.privateKey：/).and.to.match(why);
      const letters = text.replaceAll(/\s|-----[^-]*-----/g, '');
      for (let at = 0; at + 12 <= letters.length && at < 400; at += 1) expect(message).to.not.contain(letters.slice(at, at + 12));
    });
  }

  it('refuses a public key off the curve, at infinity, or of P-256', () => {
    for (const text of [`04${XY.slice(0, 127)}0`, XY.slice(0, 127) + '0', '0'.repeat(128), `02${'f'.repeat(64)}`]) expect(thrown(() => crypto.readPublicKey(text, 'test')), text).to.contain('不是 SM2 曲线上的点');
    expect(thrown(() => crypto.readPublicKey(p256.publicKey, 'test'))).to.contain('不是 SM2 曲线的密钥');
    expect(thrown(() => crypto.readPublicKey('00', 'test'))).to.contain('不是 SM2 密钥');
  });

  it('never shows a key in JSON, in an inspection, in a text or in its own members', () => {
    const held = [crypto.readPrivateKey(D, 'test'), crypto.readSm4Key('sandbox-key-8999', 'test')];
    const shown = [JSON.stringify(held), inspect(held, { depth: 9, showHidden: true }), held.map(String).join(), JSON.stringify(held.map((key) => Object.entries(key)))].join();
    for (const secret of [D, D.slice(0, 16), BigInt(`0x${D}`).toString(), 'sandbox-key-8999', toHex(bytes('sandbox-key-8999'))]) expect(shown).to.not.contain(secret);
    expect(shown).to.contain('[sm2-private]').and.to.contain('[sm4]');
  });

  it('takes no key that another implementation made', () => {
    const foreign = { kind: 'sm2-private' } as const;
    return crypto.sm2Sign(bytes('x'), { key: foreign }).then(() => expect.fail('signed'), (error: unknown) => {
      expect(error).to.be.instanceOf(TraceError);
    });
  });
});

describe('keys of SM4', () => {
  it('reads 32 hex digits, 16 characters and Base64 of 16 bytes as the same key', async () => {
    const texts = ['sandbox-key-8999', toHex(bytes('sandbox-key-8999')), Buffer.from('sandbox-key-8999').toString('base64'), ' sandbox-key-8999\n'];
    const sealed = await Promise.all(texts.map(async (text) => toHex(await crypto.sm4Encrypt(bytes('x'), { key: crypto.readSm4Key(text, 'test'), mode: 'ecb', padding: 'pkcs7' }))));
    expect(new Set(sealed).size).to.equal(1);
  });

  it('refuses every other length without showing it', () => {
    for (const text of ['', 'short', 'sandbox-key-89990', '0'.repeat(31), '密钥密钥']) {
      const message = thrown(() => crypto.readSm4Key(text, 'inputKey')) ?? '';
      expect(message).to.match(/^CONFIG_INVALID: inputKey：SM4 密钥应为 32 位十六进制/);
      if (text !== '') expect(message).to.not.contain(text);
    }
    expect(thrown(() => crypto.sm4Key(new Uint8Array(15), 'derived'))).to.contain('实际 15 字节');
  });
});
