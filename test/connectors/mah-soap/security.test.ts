import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import { expect } from 'chai';
import { envelopeOf } from '../../../connectors/mah-soap/envelope.ts';
import { envelopeSigner } from '../../../connectors/mah-soap/sign-envelope.ts';
import { usernameTokenXml } from '../../../connectors/mah-soap/username-token.ts';
import { digestText } from '../../../connectors/shared/holder/signature.ts';

interface Verifier { loadSignature(signature: unknown): void; checkSignature(xml: string): boolean }
const { SignedXml } = createRequire(createRequire(import.meta.url).resolve('soap'))('xml-crypto') as { SignedXml: new (options: { publicCert: string; idMode: string }) => Verifier };

describe('message security of holder systems', () => {
  it('makes a UsernameToken as the OASIS profile computes it, with ids that are names', () => {
    const nonce = Buffer.from('0123456789abcdef');
    const xml = usernameTokenXml({ user: 'a<b', password: 'p&w', kind: 'digest', timestamp: true, nowMs: Date.parse('2026-11-22T01:31:05Z'), nonce });
    const digest = createHash('sha1').update(Buffer.concat([nonce, Buffer.from('2026-11-22T01:31:05Zp&w')])).digest('base64');
    expect(xml).to.contain(`#PasswordDigest">${digest}</wsse:Password>`).and.contain('<wsse:Username>a&lt;b</wsse:Username>').and.contain('<wsu:Expires>2026-11-22T01:36:05Z</wsu:Expires>');
    expect(xml).to.not.contain('p&amp;w');
    expect([...xml.matchAll(/wsu:Id="([^"]+)"/g)].map(([, id]) => /^[A-Za-z_][\w.-]*$/.test(id ?? ''))).to.deep.equal([true, true]);
    const plain = usernameTokenXml({ user: 'u', password: 'p&w', kind: 'text', timestamp: false, nowMs: 0, nonce });
    expect(plain).to.contain('#PasswordText">p&amp;w</wsse:Password>').and.not.contain('wsu:Timestamp ');
  });

  it('signs body and timestamp with X.509 so that an independent verifier agrees, and a changed body does not pass', function () {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-x509-'));
    try {
      try {
        execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'k.pem'), '-out', join(folder, 'c.pem'), '-days', '2', '-subj', '/CN=hospital-8999'], { stdio: 'ignore' });
      } catch {
        this.skip(); // no openssl on this machine to make a certificate with
      }
      const [key, cert] = [readFileSync(join(folder, 'k.pem'), 'utf8'), readFileSync(join(folder, 'c.pem'), 'utf8')];
      const signer = envelopeSigner({ cert, key, algorithm: 'rsa-sha256', timestamp: true });
      for (const token of ['', usernameTokenXml({ user: 'u', password: 'p', kind: 'digest', timestamp: false, nowMs: Date.now() })]) {
        const signed = signer.sign(envelopeOf('1.1', token, '<tns:up xmlns:tns="urn:x"><billXml>&lt;A&gt;药&lt;/A&gt;</billXml></tns:up>'));
        const verify = (xml: string): boolean => {
          const document = new DOMParser().parseFromString(xml, 'text/xml');
          const verifier = new SignedXml({ publicCert: cert, idMode: 'wssecurity' });
          verifier.loadSignature(document.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature')[0]);
          try {
            return verifier.checkSignature(xml);
          } catch {
            return false;
          }
        };
        expect(verify(signed)).to.equal(true);
        expect(verify(signed.replace('药', '毒'))).to.equal(false);
        expect((signed.match(/<ds:Reference |<Reference URI/g) ?? []).length).to.be.at.least(2);
        expect(signed.match(/<wsse:Security[\s>]/g)).to.have.length(1);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('digests with SM3 as GB/T 32905 says, and writes hex or Base64 as the profile asks', async () => {
    expect(await digestText({ algorithm: 'sm3', encoding: 'hex' }, 'abc', '')).to.equal('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    expect(await digestText({ algorithm: 'sm3', encoding: 'hex-upper' }, 'abc', '')).to.equal('66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0');
    expect(await digestText({ algorithm: 'md5', encoding: 'base64' }, 'abc', '')).to.equal('kAFQmDzST7DWlj99KOF/cg==');
    expect(await digestText({ algorithm: 'hmac-sha256', encoding: 'hex' }, 'what do ya want for nothing?', 'Jefe')).to.equal('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    expect(await digestText({ algorithm: 'hmac-sm3', encoding: 'hex' }, 'abc', 'k')).to.match(/^[0-9a-f]{64}$/).and.not.equal(await digestText({ algorithm: 'hmac-sm3', encoding: 'hex' }, 'abc', 'l'));
  });
});
