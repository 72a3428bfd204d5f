import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { TraceError } from '../../adapter/domain/error.ts';
import { createHttpServer } from '../../adapter/http/server.ts';
import { registerCertificate, revokeToken } from '../../adapter/http/token.ts';
import { A, startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';

/** Throw-away keys made for these tests; nothing trusts their authority. */
const file = (name: string): string => `test/http/tls/${name}`;
const pem = (name: string): string => readFileSync(file(name), 'utf8');

/** @returns the status, or the code of the connection's fault */
function get(http: HttpFixture, path: string, options: RequestOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const call = request(http.server.address() + path, { ca: pem('ca.pem'), agent: false, timeout: 10_000, ...options }, (response) => {
      response.resume();
      response.on('end', () => { resolve(response.statusCode ?? 0); });
    });
    call.on('timeout', () => { call.destroy(new Error('no answer')); });
    call.on('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message); });
    call.end();
  });
}

describe('http: TLS', () => {
  const client = { cert: pem('client.pem'), key: pem('client.key.pem') };

  it('speaks TLS 1.2 and newer only, with the certificate of the configuration', async () => {
    const http = await startHttp({ config: { tls: { cert: file('server.pem'), key: pem('server.key.pem') } } });
    try {
      expect(http.server.address()).to.match(/^https:/);
      expect(await get(http, '/metrics', { headers: { authorization: `Bearer ${http.token('it')}` } })).to.equal(200);
      expect(await get(http, '/metrics', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).to.be.a('string');
      expect(await get(http, '/metrics', client), 'a certificate nobody asked for is no credential').to.equal(401);
    } finally {
      await http.close();
    }
  });

  it('lets a registered client certificate stand for its role, and nothing else', async () => {
    const http = await startHttp({ config: { tls: { cert: file('server.pem'), key: file('server.key.pem'), clientCa: file('ca.pem') } } });
    try {
      expect(await get(http, '/healthz'), 'no certificate').to.be.a('string');
      expect(await get(http, '/healthz', { cert: pem('stranger.pem'), key: pem('stranger.key.pem') }), 'another authority').to.be.a('string');
      expect(await get(http, '/metrics', client), 'not registered').to.equal(401);
      const fingerprint = new X509Certificate(client.cert).fingerprint256;
      const { tokenId } = await registerCertificate(http.driver, fingerprint, { institution: A, name: 'prometheus', role: 'security', now: http.clock.ms });
      expect(await get(http, '/metrics', client)).to.equal(200);
      expect(await get(http, '/api/v1/events', client), 'role security').to.equal(403);
      await revokeToken(http.driver, tokenId, http.clock.ms);
      http.clock.ms += 5_000;
      expect(await get(http, '/metrics', client), 'revoked').to.equal(401);
    } finally {
      await http.close();
    }
  });

  it('says which TLS file cannot be read', async () => {
    const http = await startHttp();
    try {
      const broken = (): unknown => createHttpServer({ config: { port: 0, tls: { cert: file('server.pem'), key: file('missing.pem') } }, deps: http.deps });
      expect(broken).to.throw(TraceError, /CONFIG_INVALID.*http\.tls\.key.*ENOENT/);
    } finally {
      await http.close();
    }
  });
});
