import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What a caller meets: the platform; nobody who listens (`refused`); a connection on which no answer ever comes, nor does the
 * request get through (`silent`); a gateway's page (`gateway-page`, 503 with HTML).
 */
export type LineState = 'open' | 'refused' | 'silent' | 'gateway-page';

/** The line to a platform, on a port of its own. What it passes on it passes on unchanged. */
export class BrokenLine {
  readonly #target: URL;
  readonly #server: Server;
  #port = 0;
  #state: LineState = 'open';

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((asked, answer) => { this.#serve(asked, answer); });
    // a silent line ends when the caller gives up
    this.#server.requestTimeout = 0;
  }

  /** the platform's address, by way of this line */
  get url(): string { return `http://127.0.0.1:${String(this.#port)}${this.#target.pathname === '/' ? '' : this.#target.pathname}`; }

  async start(): Promise<void> {
    await this.#listen();
  }

  async become(state: LineState): Promise<void> {
    if (state === this.#state) return;
    const refusedBefore = this.#state === 'refused';
    this.#state = state;
    // connections kept alive would go on as before
    this.#server.closeAllConnections();
    if (state === 'refused') await new Promise((resolve) => { this.#server.close(resolve); });
    else if (refusedBefore) await this.#listen();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #serve(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.#state === 'silent') return;
    if (this.#state === 'gateway-page') {
      asked.resume();
      answer.writeHead(503, { 'content-type': 'text/html' }).end('<html><body><h1>503 Service Unavailable</h1></body></html>');
      return;
    }
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, path: asked.url, method: asked.method, headers: asked.headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => { answer.destroy(); });
    asked.pipe(onward);
  }
}
