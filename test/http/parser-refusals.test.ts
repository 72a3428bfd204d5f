import { expect } from 'chai';
import { createServer, connect, type AddressInfo } from 'node:net';
import { refuseRaw } from '../../adapter/http/parser-refusal.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { startHttp, type HttpFixture } from './fixture.ts';

interface Refusal { readonly status: number; readonly head: string; readonly body: Readonly<Record<string, string>> }

function parse(text: string): Refusal {
  const at = text.indexOf('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]), head: text.slice(0, at), body: JSON.parse(text.slice(at)) as Record<string, string> };
}

/** Sends bytes as they are and collects what comes back until the other side closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => { socket.write(bytes); });
    socket.setTimeout(10_000, () => { socket.destroy(new Error('no answer')); });
    socket.on('data', (chunk) => { text += chunk.toString('utf8'); });
    socket.on('close', () => { resolve(text); });
    socket.on('error', reject);
  });
}

/** What the parser's fault is answered with, without waiting for the real time limit. */
async function refused(code: string): Promise<Refusal> {
  const server = createServer((socket) => { refuseRaw({ error: Object.assign(new Error(code), { code }), socket, open: undefined, log: silentLog }); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    return parse(await exchange((server.address() as AddressInfo).port, ''));
  } finally {
    server.close();
  }
}

describe('http: what the parser refuses', () => {
  let http: HttpFixture;
  let port: number;
  beforeEach(async () => { http = await startHttp(); port = Number(new URL(http.server.address()).port); });
  afterEach(() => http.close());

  it('does not tell the sender of a request that came too slowly that its request was invalid', async () => {
    const { status, body } = await refused('ERR_HTTP_REQUEST_TIMEOUT');
    expect(status).to.equal(408);
    expect(body).to.include({ code: 'REQUEST_TIMEOUT', message: '请求没有在时限内传完', action: '检查网络后重新发送' });
  });

  it('answers headers that are too large with 431 and says that they are too large', async () => {
    const { status, body } = parse(await exchange(port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`));
    expect(status).to.equal(431);
    expect(body).to.include({ code: 'RECORD_TOO_LARGE', message: '内容超过大小上限：请求头过长' });
  });

  it('answers what is no HTTP with 400 in the language asked for, with a request id that the log knows too', async () => {
    const { status, head, body } = parse(await exchange(port, 'GET /healthz HTTP/9.9\r\nHost: x\r\nAccept-Language: en\r\n\r\n'));
    expect(status).to.equal(400);
    expect(body).to.include({ code: 'REQUEST_INVALID', message: 'the request is not valid: this is no HTTP request' });
    expect(Object.keys(body)).to.have.members(['code', 'message', 'action', 'requestId']);
    expect(head).to.contain(`X-Request-Id: ${String(body['requestId'])}`);
    expect(http.logged.some((entry) => entry.fields?.['requestId'] === body['requestId'])).to.equal(true);
  });

  it('never answers a request in hand with the fault of what follows it on the connection', async () => {
    const text = await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n');
    expect(text).to.match(/^HTTP\/1\.1 200 /);
    expect(text.match(/HTTP\/1\.1 /g)).to.have.length(1);
  });
});
