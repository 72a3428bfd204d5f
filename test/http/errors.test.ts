import { expect } from 'chai';
import { connect } from 'node:net';
import { TraceError } from '../../adapter/domain/error.ts';
import { createHttpServer } from '../../adapter/http/server.ts';
import { A, callServer, startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';

const SHAPE = ['code', 'message', 'action', 'requestId'];
const CHINESE = /[\u4e00-\u9fff]/;

/** Sends bytes as they are and collects what comes back until the server closes. */
function exchange(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => { socket.write(bytes); });
    socket.setTimeout(10_000, () => { socket.destroy(new Error('no answer')); });
    socket.on('data', (chunk) => { text += chunk.toString('utf8'); });
    socket.on('close', () => { resolve(text); });
    socket.on('error', reject);
  });
}

describe('http: errors', () => {
  let http: HttpFixture;
  beforeEach(async () => { http = await startHttp(); });
  afterEach(() => http.close());

  it('answers every kind of fault in one shape, in Chinese or in English', async () => {
    const it = http.token('it');
    const cases: readonly [number, string, Parameters<HttpFixture['call']>][] = [
      [404, 'NOT_FOUND', ['/nowhere']],
      [405, 'METHOD_NOT_ALLOWED', ['/api/v1/summary', { method: 'DELETE', token: it }]],
      [401, 'TOKEN_MISSING', ['/api/v1/events']],
      [401, 'TOKEN_INVALID', ['/api/v1/events', { token: 'x' }]],
      [403, 'FORBIDDEN', ['/api/v1/events', { token: it, body: {} }]],
      [400, 'REQUEST_INVALID', ['/api/v1/events?limit=0', { token: it }]],
      [400, 'REQUEST_INVALID', ['/api/v1/events?document=1&document=2', { token: it }]],
      [400, 'REQUEST_INVALID', ['/api/v1/deliveries?state=lost', { token: it }]],
      [400, 'REQUEST_INVALID', ['/api/v1/deliveries?drug=%00', { token: it }]],
      [400, 'REQUEST_INVALID', ['/api/v1/summary?date=2026-02-30', { token: it }]],
      [400, 'REQUEST_INVALID', ['/api/v1/codes/%E0%A4%A', { token: it }]],
      [400, 'BODY_NOT_JSON', ['/api/v1/deliveries/resend', { token: it, raw: '{' }]],
      [413, 'RECORD_TOO_LARGE', ['/api/v1/deliveries/resend', { token: it, raw: `"${'x'.repeat(70_000)}"` }]],
      [404, 'NOT_FOUND', ['/api/v1/events/his/none', { token: it }]],
      [404, 'NOT_FOUND', ['/api/v1/codes/89990010000000011234', { token: it }]],
      [404, 'DESTINATION_UNKNOWN', ['/api/v1/destinations/moon/pause', { token: it, body: { reason: '检修' } }]],
    ];
    for (const [status, code, [path, options]] of cases) {
      for (const language of ['zh', 'en'] as const) {
        const answer = await http.call(path, { ...options, headers: { 'accept-language': language } });
        expect([path, answer.status, answer.json['code']]).to.deep.equal([path, status, code]);
        expect(Object.keys(answer.json)).to.have.members(SHAPE);
        for (const member of SHAPE) expect(answer.json[member], `${path} ${member}`).to.be.a('string').and.not.equal('');
        expect(CHINESE.test(String(answer.json['action'])), `${path} ${language}`).to.equal(language === 'zh');
        if (language === 'en') expect(String(answer.json['message']), path).not.to.match(CHINESE);
        expect(answer.headers.get('x-request-id')).to.equal(answer.json['requestId']);
      }
    }
  });

  it('speaks Chinese unless English is preferred', async () => {
    const heads = ['', '*', 'fr', 'zh-CN,en;q=0.8', 'en;q=0.2, zh;q=0.9'];
    for (const head of heads) expect(String((await http.call('/x', { headers: { 'accept-language': head } })).json['message']), head).to.match(CHINESE);
    for (const head of ['en', 'en-US,en;q=0.9,zh;q=0.5']) expect(String((await http.call('/x', { headers: { 'accept-language': head } })).json['message']), head).not.to.match(CHINESE);
  });

  it('names the parameter that is not known instead of ignoring it', async () => {
    const answer = await http.call('/api/v1/events?documentNo=1', { token: http.token('it') });
    expect([answer.status, answer.json['code']]).to.deep.equal([400, 'REQUEST_INVALID']);
    expect(answer.json['message']).to.contain('documentNo');
  });

  it('says which methods an address knows', async () => {
    const answer = await http.call('/api/v1/events', { method: 'PUT', token: http.token('it') });
    expect([answer.status, answer.headers.get('allow')]).to.deep.equal([405, 'POST, GET']);
  });

  it('passes on a request id that is safe to print, and makes one otherwise', async () => {
    expect((await http.call('/healthz', { headers: { 'x-request-id': 'his-42.a_b' } })).headers.get('x-request-id')).to.equal('his-42.a_b');
    expect((await http.call('/healthz', { headers: { 'x-request-id': 'a b<script>' } })).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('hides the inside of an unforeseen fault from the caller and the log', async () => {
    const broken = await startHttp({ deps: { metrics: () => Promise.reject(new Error('patient 张三丰 at /opt/secret')) } });
    try {
      const answer = await broken.call('/metrics', { token: broken.token('it') });
      expect([answer.status, answer.json['code']]).to.deep.equal([500, 'INTERNAL']);
      expect(answer.text).not.to.match(/张三丰|secret|\.ts|at /);
      expect(broken.logged.filter((entry) => entry.message === 'request failed').length).to.equal(1);
      expect(JSON.stringify(broken.logged)).not.to.contain('张三丰');
    } finally {
      await broken.close();
    }
  });

  it('answers a store that is not there with 503, Retry-After and no path', async () => {
    const broken = await startHttp({ deps: { metrics: () => Promise.reject(new TraceError('STORE_UNAVAILABLE', '/var/lib/his-trace.db')) } });
    try {
      const answer = await broken.call('/metrics', { token: broken.token('it') });
      expect([answer.status, answer.json['code'], answer.headers.get('retry-after')]).to.deep.equal([503, 'STORE_UNAVAILABLE', '5']);
      expect(answer.text).not.to.contain('/var/lib');
    } finally {
      await broken.close();
    }
  });

  it('sets the security headers and never lets an answer be cached', async () => {
    const { headers } = await http.call('/healthz');
    expect(headers.get('x-powered-by')).to.equal(null);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('content-security-policy')).to.contain("default-src 'none'");
  });

  it('answers bytes that are no HTTP in the same shape and closes', async () => {
    const text = await exchange(http.server.address(), 'hello\r\n\r\n');
    expect(text).to.match(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).to.include({ code: 'REQUEST_INVALID' });
    expect((await http.call('/healthz')).status).to.equal(200);
  });

  it('answers headers that are too large with 431', async () => {
    const text = await exchange(http.server.address(), `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(text).to.match(/^HTTP\/1\.1 431 /);
  });

  it('closes the connection of an unread body, so that the rest is not taken for a request', async () => {
    const text = await exchange(http.server.address(), 'POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{');
    expect(text).to.match(/^HTTP\/1\.1 401 /).and.match(/connection: close/i);
  });
});

describe('http: life of the server', () => {
  it('listens on 127.0.0.1 unless told otherwise', async () => {
    const http = await startHttp();
    try {
      expect(http.server.address()).to.match(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    } finally {
      await http.close();
    }
  });

  it('says that the port is in use', async () => {
    const http = await startHttp();
    const port = Number(new URL(http.server.address()).port);
    try {
      const second = createHttpServer({ config: { port }, deps: http.deps });
      const fault: unknown = await second.start().then(() => undefined, (error: unknown) => error);
      expect(fault).to.be.instanceOf(TraceError);
      expect((fault as TraceError).code).to.equal('PORT_IN_USE');
    } finally {
      await http.close();
    }
  });

  it('finishes the request in hand when it is stopped, then takes none', async () => {
    let release: () => void = () => undefined;
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => { entered = resolve; });
    const gate = new Promise<void>((resolve) => { release = resolve; });
    const http = await startHttp({ deps: { metrics: async () => { entered(); await gate; return 'his_trace_up 1\n'; } } });
    const url = http.server.address();
    const running = callServer(`${url}/metrics`, { token: http.token('it') });
    await inside;
    const stopped = http.server.stop();
    release();
    expect((await running).status).to.equal(200);
    await stopped;
    const refused: unknown = await callServer(`${url}/healthz`).then(() => undefined, (error: unknown) => error);
    expect(refused).to.be.instanceOf(Error);
    await http.close();
  });

  it('answers 503 OVERLOADED above the bound of requests under way, and still says that it is alive', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => { entered = resolve; });
    const http = await startHttp({ config: { maxInFlight: 1 }, deps: { metrics: async () => { entered(); await gate; return ''; } } });
    const running = http.call('/metrics', { token: http.token('it') });
    await inside;
    const second = await http.call('/metrics', { token: http.token('it') });
    expect([second.status, second.json['code'], second.headers.get('retry-after')]).to.deep.equal([503, 'OVERLOADED', '5']);
    expect((await http.call('/healthz')).status).to.equal(200);
    release();
    expect((await running).status).to.equal(200);
    await http.close();
  });

  it('is ready only when every check is well, and says in Chinese what is not', async () => {
    const http = await startHttp();
    try {
      expect((await http.call('/readyz')).json).to.deep.equal({ status: 'ready', checks: [{ what: '库', ok: true, detail: '可写' }] });
      http.readiness = [{ what: '库', ok: true, detail: '可写' }, { what: '来源 his-hl7', ok: false, detail: '端口 2575 未打开', code: 'PORT_IN_USE' }];
      expect((await http.call('/readyz')).status, 'remembered for a second').to.equal(200);
      http.clock.ms += 1_000;
      const answer = await http.call('/readyz');
      expect([answer.status, answer.json['code'], answer.json['status']]).to.deep.equal([503, 'PORT_IN_USE', 'not-ready']);
      expect(answer.json['message']).to.contain('端口 2575 未打开');
    } finally {
      await http.close();
    }
  });

  it('counts requests by operation and status, never by address', async () => {
    const counted: unknown[] = [];
    const http = await startHttp({ deps: { count: (metric, labels) => { counted.push([metric, labels]); } } });
    await http.call(`/api/v1/events/his/secret-visit?institution=${A}`, { token: http.token('it') });
    await http.close();
    expect(counted).to.deep.equal([['his_trace_http_requests_total', { operation: 'get-event', status: '404' }]]);
  });
});
