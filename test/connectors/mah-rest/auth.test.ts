import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { mahRest } from '../../../connectors/mah-rest/index.ts';
import { eventOf, first, holderDefaults, openWith, reportsOf, type OpenHolder } from '../mah-soap/open-holder.ts';

const PROFILE = `connector: mah-rest
title: 试验
connection:
  auth: AUTH
  headers: { X-Org: "{{site.orgCode}}", X-Doc: "{{event.documentNo}}" }
reply: { rules: [ { path: $.ok, is: "true", then: accepted }, { path: $.ok, is: "false", then: refused } ] }
reports: { dispense: { operation: use } }
operations:
  use:
    request: { path: "/bills/{{event.documentNo}}", json: { codes: [ { $each: codes, $value: "{{code.code}}" } ] } }
`;

interface Seen { readonly path: string; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string }

describe('authentication of REST holder systems', () => {
  const seen: Seen[] = [];
  let server: Server;
  let answer: (seen: Seen) => { readonly status: number; readonly body: string };
  let folder: string;
  const opened: OpenHolder[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'his-trace-rest-'));
    seen.length = 0;
    answer = ({ path }) => ({ status: 200, body: path === '/token' ? '{"access_token":"T1","expires_in":3600}' : '{"ok":true}' });
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const call = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        seen.push(call);
        const { status, body } = answer(call);
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  });
  afterEach(async () => {
    for (const { destination } of opened.splice(0)) await destination.stop();
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
    rmSync(folder, { recursive: true });
  });

  function open(auth: string, change: object = {}): OpenHolder {
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const file = join(folder, 'p.yaml');
    writeFileSync(file, PROFILE.replace('AUTH', auth.replace('ORIGIN', origin)));
    expect(readFileSync(file, 'utf8')).to.not.contain('AUTH');
    const holder = openWith(mahRest, { ...holderDefaults(mahRest), profile: file, baseUrl: `${origin}/api`, user: 'u', password: 'p w', token: 'SECRET', callsPerSecond: 1_000, values: { orgCode: 'O1' }, ...change });
    opened.push(holder);
    return holder;
  }
  const send = (holder: OpenHolder, change: object = {}) => holder.send(first(reportsOf(holder, eventOf('dispense', [1], change))));

  it('sends HTTP basic, or a token in the header the profile names', async () => {
    expect(await send(open('{ kind: basic }'))).to.include({ kind: 'accepted' });
    expect(seen.at(-1)?.headers['authorization']).to.equal(`Basic ${Buffer.from('u:p w').toString('base64')}`);
    await send(open('{ kind: token, header: X-Token, prefix: "" }'));
    expect(seen.at(-1)?.headers['x-token']).to.equal('SECRET');
    expect(seen.at(-1)?.headers['authorization']).to.equal(undefined);
  });

  it('fetches one OAuth2 token for all calls at once, and another when the system refuses it', async () => {
    const holder = open('{ kind: oauth2, tokenUrl: "ORIGIN/token", client: basic }');
    await Promise.all([1, 2, 3, 4].map((at) => send(holder, { id: String(at) })));
    expect(seen.filter(({ path }) => path === '/token')).to.have.length(1);
    expect(seen.filter(({ headers }) => headers['authorization'] === 'Bearer T1')).to.have.length(4);
    expect(seen.find(({ path }) => path === '/token')?.headers['authorization']).to.equal(`Basic ${Buffer.from('u:p%20w').toString('base64')}`);
    answer = ({ path }) => (path === '/token' ? { status: 200, body: '{"access_token":"T2","expires_in":3600}' } : { status: 401, body: '{}' });
    expect(await send(holder)).to.include({ kind: 'unavailable', reason: 'AUTH' });
    await send(holder);
    expect(seen.at(-1)?.headers['authorization']).to.equal('Bearer T2');
  });

  it('sends nothing of a report when no token is to be had, whatever the token endpoint says', async () => {
    const holder = open('{ kind: oauth2, tokenUrl: "ORIGIN/token" }');
    for (const reply of [{ status: 401, body: '{"error":"invalid_client"}' }, { status: 500, body: '<html>' }, { status: 200, body: '{"access_token":""}' }, { status: 200, body: '{"access_token":"a\\r\\nX: y"}' }, { status: 200, body: 'x' }]) {
      answer = () => reply;
      expect((await send(holder)).kind, reply.body).to.equal('unavailable');
    }
    expect(seen.every(({ path }) => path === '/token')).to.equal(true);
  });

  it('lets no value break out of a path or a header', async () => {
    await send(open('{ kind: none }'), { documentNo: '../x?y=1#z\r\nX-Evil: 1 药' });
    expect(seen[0]?.path).to.equal('/api/bills/..%2Fx%3Fy%3D1%23z%0D%0AX-Evil%3A%201%20%E8%8D%AF');
    expect(seen[0]?.headers['x-evil']).to.equal(undefined);
    expect(seen[0]?.headers['x-doc']).to.equal('../x?y=1#zX-Evil: 1 %E8%8D%AF');
  });
});
