import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { NewCertificateOptions } from '../../adapter/cli/actions.ts';
import { CliFolder } from './harness.ts';

describe('command line: client certificates', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(); folder.write('token.txt', 'x'); });
  afterEach(() => { folder.remove(); });

  it('registers a certificate by its file or its fingerprint, and says what is still missing', async () => {
    const pem = readFileSync('test/http/tls/client.pem', 'utf8');
    folder.write('client.pem', pem);
    const { fingerprint256 } = new X509Certificate(pem);
    const given: NewCertificateOptions[] = [];
    const actions = { registerCertificate: (_context: unknown, options: NewCertificateOptions) => { given.push(options); return Promise.resolve({ tokenId: 'cert-0011', expiresAt: Date.parse('2027-11-22T00:00:00Z') }); } };
    const run = await folder.run(['token', 'certificate', 'add', '--file', 'client.pem', '--role', 'his', '--name', '集成平台'], actions);
    expect(run).to.include({ exit: 0, err: '' });
    expect(run.out).to.contain('cert-0011').and.contain('http.tls.clientCa');
    await folder.run(['token', 'certificate', 'add', '--fingerprint', fingerprint256, '--role', 'his', '--days', '10'], actions);
    expect(given).to.deep.equal([
      { fingerprint256, role: 'his', name: '集成平台', institution: '*', days: 365 },
      { fingerprint256, role: 'his', name: 'his', institution: '*', days: 10 },
    ]);
  });

  it('lists certificates apart from tokens, and revokes nothing but certificates', async () => {
    const row = { institution: '*', name: 'n', role: 'his', createdAt: 0, expiresAt: undefined, revokedAt: undefined } as const;
    const listTokens = () => Promise.resolve([{ ...row, tokenId: 'aa11' }, { ...row, tokenId: 'cert-bb22' }]);
    const certificates = (await folder.run(['token', 'certificate', 'list'], { listTokens })).out;
    expect(certificates).to.contain('cert-bb22').and.not.contain('aa11');
    expect((await folder.run(['token', 'list'], { listTokens })).out).to.match(/aa11\s+令牌/).and.match(/cert-bb22\s+证书/);
    expect((await folder.run(['token', 'certificate', 'revoke', 'aa11'])).exit).to.equal(2);
    expect((await folder.run(['token', 'certificate', 'revoke', 'cert-bb22'], { revokeToken: () => Promise.resolve(true) })).out).to.contain('已吊销');
  });
});
