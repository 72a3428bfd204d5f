import { expect } from 'chai';
import { checkRoutes, ROUTES } from '../../adapter/http/registry.ts';
import { ROLES } from '../../adapter/http/roles.ts';
import type { Route } from '../../adapter/http/route.ts';
import { createToken, listTokens, revokeToken } from '../../adapter/http/token.ts';
import { A, callServer, startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';
import { seedEvent } from './seed.ts';

/** A path and body with which the route can be reached; what it answers beyond 401/403 is for other tests. */
function requestFor(route: Route): { readonly path: string; readonly method: string } {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'recordNo' ? '1' : name === 'name' ? 'insurance' : 'x'));
  return { path, method: route.method.toUpperCase() };
}

describe('http: roles', () => {
  let http: HttpFixture;
  before(async () => { http = await startHttp(); });
  after(() => http.close());

  for (const route of ROUTES) {
    const { path, method } = requestFor(route);
    for (const role of ROLES) {
      const allowed = route.roles === 'anyone' || route.roles.includes(role);
      it(`${allowed ? 'lets' : 'refuses'} ${role} ${method} ${route.path}`, async () => {
        const answer = await http.call(path, { method, token: http.token(role), ...(method === 'POST' ? { body: {} } : {}) });
        if (allowed) expect(answer.status).not.to.be.oneOf([401, 403]);
        else expect([answer.status, answer.json['code']]).to.deep.equal([403, 'FORBIDDEN']);
      });
    }
    it(`${route.roles === 'anyone' ? 'answers' : 'refuses'} ${method} ${route.path} without a token`, async () => {
      const answer = await http.call(path, { method, ...(method === 'POST' ? { body: {} } : {}) });
      if (route.roles === 'anyone') expect(answer.status).to.equal(200);
      else expect([answer.status, answer.json['code']]).to.deep.equal([401, 'TOKEN_MISSING']);
    });
  }

  it('opens nothing but /healthz and /readyz to anyone', () => {
    expect(ROUTES.filter((route) => route.roles === 'anyone').map((route) => route.path)).to.have.members(['/healthz', '/readyz']);
  });

  it('refuses to start with a route that names no role', () => {
    const [route] = ROUTES;
    for (const roles of [undefined, [], ['root'], 'everyone']) {
      expect(() => { checkRoutes([{ ...route, roles } as unknown as Route]); }, String(roles)).to.throw('names no role');
    }
    expect(() => { checkRoutes([{ ...route, path: '/api/v1/secret', roles: 'anyone' } as unknown as Route]); }).to.throw('open to anyone');
  });

  it('reads nothing of a body before it knows the caller', async () => {
    const answer = await http.call('/api/v1/events', { raw: '{"not json' });
    expect(answer.status).to.equal(401);
  });

  it('shows people only to auditor and pharmacist', async () => {
    const body = { id: 'P1', patient: { visitNo: 'V1', name: '张三丰', idNo: '350102199001011234', personNo: '35000001' }, operator: { name: '李药师', idNo: '350102198001011234' } };
    await seedEvent(http.driver, { institution: A, eventNo: 900, id: 'P1', body });
    for (const role of ['his', 'it', 'hub', 'auditor', 'pharmacist'] as const) {
      const answer = await http.call('/api/v1/events/his/P1', { token: http.token(role) });
      expect(answer.status).to.equal(200);
      if (role === 'auditor' || role === 'pharmacist') expect(answer.json['event']).to.deep.equal(body);
      else {
        expect(answer.text).not.to.match(/张三丰|199001011234|198001011234|35000001/);
        expect(answer.text).to.contain('张**').and.contain('V1');
      }
    }
  });
});

describe('http: tokens', () => {
  let http: HttpFixture;
  beforeEach(async () => { http = await startHttp(); });
  afterEach(() => http.close());

  it('says the same of an unknown, an expired and a revoked token', async () => {
    const expired = await createToken(http.driver, { institution: A, name: 'old', role: 'it', now: 0, expiresAt: http.clock.ms - 1 });
    const revoked = await createToken(http.driver, { institution: A, name: 'gone', role: 'it', now: 0 });
    expect(await revokeToken(http.driver, revoked.tokenId, http.clock.ms)).to.equal(true);
    expect(await revokeToken(http.driver, revoked.tokenId, http.clock.ms)).to.equal(false);
    const answers = [];
    for (const token of [expired.token, revoked.token, 'A'.repeat(43), 'short', `${http.token('it')}x`]) {
      const { status, json } = await http.call('/api/v1/destinations', { token });
      answers.push([status, json['code'], json['message']]);
    }
    expect(new Set(answers.map(String)).size).to.equal(1);
    expect(answers[0]?.slice(0, 2)).to.deep.equal([401, 'TOKEN_INVALID']);
  });

  it('stops honouring a revoked token within 5 s', async () => {
    const { token, tokenId } = await createToken(http.driver, { institution: A, name: 't', role: 'it', now: 0 });
    expect((await http.call('/api/v1/destinations', { token })).status).to.equal(200);
    await revokeToken(http.driver, tokenId, http.clock.ms);
    http.clock.ms += 5_000;
    expect((await http.call('/api/v1/destinations', { token })).status).to.equal(401);
  });

  it('keeps no token, only its sha-256', async () => {
    const { token, tokenId } = await createToken(http.driver, { institution: A, name: '药房窗口', role: 'pharmacist', now: 5 });
    expect(token).to.match(/^[\w-]{43}$/);
    const stored = await http.driver.read((q) => q.all('SELECT * FROM api_token'));
    expect(JSON.stringify(stored)).not.to.contain(token);
    const row = (await listTokens(http.driver)).find((other) => other.tokenId === tokenId);
    expect(row).to.deep.equal({ tokenId, institution: A, name: '药房窗口', role: 'pharmacist', createdAt: 5, expiresAt: undefined, revokedAt: undefined });
  });

  it('takes the scheme in any case and nothing but the scheme Bearer', async () => {
    const token = http.token('it');
    const statuses = [];
    for (const authorization of [`bearer ${token}`, `Basic ${token}`, token]) statuses.push((await callServer(`${http.server.address()}/metrics`, { headers: { authorization } })).status);
    expect(statuses).to.deep.equal([200, 401, 401]);
  });
});
