import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TraceError } from '../domain/error.ts';
import { createApp } from './app.ts';
import type { HttpDeps } from './http-deps.ts';
import { refuseRaw } from './parser-refusal.ts';
import { checkRoutes, ROUTES } from './registry.ts';
import type { Route } from './route.ts';
import { tlsOptions } from './tls-options.ts';
import type { TlsConfig } from './tls-options.ts';

/** `http` of the configuration. */
export interface HttpConfig {
  /** 127.0.0.1 unless told: nothing outside the host reaches it by accident */
  readonly host?: string;
  /** 0 = any free port */
  readonly port: number;
  readonly tls?: TlsConfig;
  /** requests under way at most; more are answered 503 (256 unless told) */
  readonly maxInFlight?: number;
}

export interface HttpServer {
  /** Opens the port. @throws TraceError PORT_IN_USE, CONFIG_INVALID */
  start(): Promise<void>;
  /** Takes nothing new, finishes what is in hand (at most 5 s), closes. */
  stop(): Promise<void>;
  /** `http://127.0.0.1:8680` */
  address(): string;
}

/** Slow callers must not hold a connection for ever; a whole 8 MiB body fits into a minute on any hospital network. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_MS = 1_000;
const DRAIN_MS = 5_000;
const MAX_CONNECTIONS = 2_000;

class NodeHttpServer implements HttpServer {
  readonly #server: Server;
  readonly #host: string;
  readonly #port: number;
  readonly #scheme: 'http' | 'https';
  readonly #open = new WeakMap<Socket, ServerResponse>();
  #inFlight = 0;
  #stopping = false;

  constructor(config: HttpConfig, deps: HttpDeps, routes: readonly Route[]) {
    this.#host = config.host ?? '127.0.0.1';
    this.#port = config.port;
    this.#scheme = config.tls === undefined ? 'http' : 'https';
    const most = config.maxInFlight ?? 256;
    const app = createApp({
      deps, routes, secure: config.tls !== undefined,
      gate: { refusal: () => (this.#stopping ? 'STOPPING' : this.#inFlight > most ? 'OVERLOADED' : undefined) },
    });
    const timeouts = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: CHECK_MS };
    this.#server = config.tls === undefined ? createServer(timeouts, app) : createTlsServer({ ...timeouts, ...tlsOptions(config.tls) }, app);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.prependListener('request', (request, response) => {
      this.#inFlight += 1;
      this.#open.set(request.socket, response);
      if (this.#stopping) response.setHeader('connection', 'close');
      response.once('close', () => {
        this.#inFlight -= 1;
        if (this.#open.get(request.socket) === response) this.#open.delete(request.socket);
        // its connection is kept alive for a next request that will not be taken
        if (this.#stopping) setImmediate(() => { this.#server.closeIdleConnections(); });
      });
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => { refuseRaw({ error, socket, open: this.#open.get(socket), log: deps.log }); });
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        const code = error.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'CONFIG_INVALID';
        reject(new TraceError(code, `http ${this.#host}:${String(this.#port)} (${error.code ?? 'error'})`, { cause: error }));
      };
      this.#server.once('error', failed);
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', failed);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#stopping || !this.#server.listening) return;
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => { this.#server.close(() => { resolve(); }); });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => { this.#server.closeAllConnections(); }, DRAIN_MS);
    await closed;
    clearTimeout(timer);
  }

  address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `${this.#scheme}://${host}:${String(bound?.port ?? this.#port)}`;
  }
}

/**
 * The HTTP side of the product. Nothing listens before `start`.
 * @param options.routes every operation; the registry unless a test says otherwise
 * @throws TraceError INTERNAL when a route names no role, CONFIG_INVALID when a TLS file cannot be read
 */
export function createHttpServer(options: { readonly config: HttpConfig; readonly deps: HttpDeps; readonly routes?: readonly Route[] }): HttpServer {
  const routes = options.routes ?? ROUTES;
  checkRoutes(routes);
  return new NodeHttpServer(options.config, options.deps, routes);
}
