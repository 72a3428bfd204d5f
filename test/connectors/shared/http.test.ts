import { expect } from 'chai';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { createHttpClient } from '../../../connectors/shared/http.ts';
import type { HttpClient } from '../../../connectors/shared/http.ts';
import { packageRoot } from '../../../connectors/shared/package-root.ts';
import { existsSync } from 'node:fs';

describe('shared http client', () => {
  let server: Server;
  let base: string;
  let client: HttpClient;
  let seen: { path: string; body: string; length: string | undefined }[];
  let handle: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    seen = [];
    handle = (_, response) => { response.end('ok'); };
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8'), length: request.headers['content-length'] });
        handle(request, response);
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    client = createHttpClient({ baseUrl: `${base}/front/`, connectTimeoutMs: 500, connections: 1, maxReplyBytes: 1_000 });
  });
  afterEach(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  });

  const post = (path = '/x', timeoutMs = 1_000, signal?: AbortSignal): ReturnType<HttpClient['post']> => client.post(path, { headers: { 'content-type': 'application/json' }, body: '{"名":1}', timeoutMs, ...(signal === undefined ? {} : { signal }) });

  it('appends the path to the base path and sends the length in bytes', async () => {
    handle = (_, response) => { response.writeHead(201, { 'X-One': 'a' }); response.end('好'); };
    const result = await post();
    expect(seen).to.deep.equal([{ path: '/front/x', body: '{"名":1}', length: '9' }]);
    expect(result.kind === 'reply' && [result.status, result.headers['x-one'], result.body.toString('utf8')]).to.deep.equal([201, 'a', '好']);
  });

  it('says "no" when nobody listens, when the name does not exist, when TLS does not come about', async () => {
    for (const baseUrl of ['http://127.0.0.1:1', 'http://does-not-exist.invalid', base.replace('http', 'https')]) {
      const other = createHttpClient({ baseUrl, connectTimeoutMs: 2_000, connections: 1, maxReplyBytes: 1_000 });
      const result = await other.post('/x', { headers: {}, body: '{}', timeoutMs: 5_000 });
      expect(result.kind === 'fault' && result.sent, baseUrl).to.equal('no');
      await other.close();
    }
  });

  it('says "no" when the time was up before a connection was free', async () => {
    handle = () => undefined;
    const [first, second] = await Promise.all([post('/hang', 400), post('/waiting', 200)]);
    expect(first.kind === 'fault' && [first.sent, first.cause]).to.deep.equal(['maybe', 'timeout']);
    expect(second.kind === 'fault' && [second.sent, second.cause]).to.deep.equal(['no', 'timeout']);
    expect(seen.map((one) => one.path)).to.deep.equal(['/front/hang']);
  });

  it('says "no" when it was aborted before it began and "maybe" when it was under way', async () => {
    const early = await post('/x', 1_000, AbortSignal.abort());
    expect(early.kind === 'fault' && early.sent).to.equal('no');
    const controller = new AbortController();
    handle = () => { controller.abort(); };
    const late = await post('/x', 2_000, controller.signal);
    expect(late.kind === 'fault' && late.sent).to.equal('maybe');
  });

  it('says "maybe" when the connection breaks after the request, or in the middle of the reply', async () => {
    handle = (request) => { request.socket.destroy(); };
    const cut = await post();
    expect(cut.kind === 'fault' && cut.sent).to.equal('maybe');
    handle = (request, response) => { response.writeHead(200, { 'content-length': '100' }); response.write('half'); setImmediate(() => request.socket.destroy()); };
    const half = await post();
    expect(half.kind === 'fault' && half.sent).to.equal('maybe');
  });

  it('says "maybe" for an answer that is no HTTP', async () => {
    const raw = createTcpServer((socket) => { socket.on('data', () => { socket.end('garbage\r\n\r\n'); }); });
    await new Promise<void>((resolve) => { raw.listen(0, '127.0.0.1', resolve); });
    const other = createHttpClient({ baseUrl: `http://127.0.0.1:${String((raw.address() as AddressInfo).port)}`, connectTimeoutMs: 500, connections: 1, maxReplyBytes: 1_000 });
    const result = await other.post('/x', { headers: {}, body: '{}', timeoutMs: 1_000 });
    expect(result.kind === 'fault' && result.sent).to.equal('maybe');
    await other.close();
    await new Promise<void>((resolve) => { raw.close(() => { resolve(); }); });
  });

  it('cuts off a reply that is too large', async () => {
    handle = (_, response) => { response.end('x'.repeat(5_000)); };
    const result = await post();
    expect(result.kind === 'fault' && [result.sent, result.cause]).to.deep.equal(['maybe', 'too-large']);
  });

  it('does not follow redirects', async () => {
    handle = (_, response) => { response.writeHead(302, { location: '/elsewhere' }); response.end(); };
    const result = await post();
    expect(result.kind === 'reply' && result.status).to.equal(302);
    expect(seen).to.have.length(1);
  });

  it('goes on after a fault, on a new connection', async () => {
    handle = (request) => { request.socket.destroy(); };
    await post();
    handle = (_, response) => { response.end('ok'); };
    expect((await post()).kind).to.equal('reply');
  });

  it('finds the package root, where the data files are', () => {
    expect(existsSync(`${packageRoot()}/connectors/nhsa/profiles/national.json`)).to.equal(true);
  });
});
