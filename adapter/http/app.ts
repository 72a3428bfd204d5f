import { randomUUID } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { ERRORS, TraceError } from '../domain/error.ts';
import type { Language } from '../domain/error.ts';
import { allowOrigins } from './allow-origins.ts';
import { createAuthenticate } from './authenticate.ts';
import type { Authenticate, Identity } from './authenticate.ts';
import { codeOfThrown, errorReply, thrownReply } from './error-reply.ts';
import type { HttpDeps } from './http-deps.ts';
import { languageOf } from './language.ts';
import { readInput } from './read-input.ts';
import { readBody } from './request-body.ts';
import type { ErrorReply, Reply, Route } from './route.ts';

/** A handler that takes longer has lost the store; the caller sends again. */
const HANDLER_MS = 60_000;
const REQUEST_ID = /^[\w.-]{1,64}$/;

/** What the server knows of a request before any route. */
interface Begun { readonly requestId: string; readonly language: Language }

/** Whether new work may begin: the server says no while stopping or full. */
export interface Gate { refusal(): 'STOPPING' | 'OVERLOADED' | undefined }

interface Serving { readonly deps: HttpDeps; readonly routes: readonly Route[]; readonly authenticate: Authenticate; readonly gate: Gate }

const NOBODY: Identity = { tokenId: '', name: '', role: 'his', institution: '' };

function begun(response: Response): Begun {
  return response.locals as Begun;
}

function begin(request: Request, response: Response, next: NextFunction): void {
  const given = request.get('x-request-id');
  const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  Object.assign(response.locals, { requestId, language: languageOf(request.get('accept-language')) } satisfies Begun);
  response.set({ 'x-request-id': requestId, 'cache-control': 'no-store' });
  next();
}

function send(request: Request, response: Response, reply: Reply): void {
  if (response.headersSent) return;
  // what is left of a body nobody read must not be taken for the next request, nor waited for
  if (!request.complete) response.set('connection', 'close');
  response.status(reply.status).set(reply.headers ?? {});
  if (reply.bytes !== undefined) response.type(reply.contentType ?? 'application/octet-stream').send(Buffer.from(reply.bytes));
  else if (reply.text === undefined) response.json(reply.body);
  else response.type(reply.contentType ?? 'text/plain; charset=utf-8').send(reply.text);
}

/** Verified by the TLS layer against http.tls.clientCa. */
function certificateOf(request: Request): string | undefined {
  const socket = request.socket as Partial<TLSSocket>;
  return socket.authorized === true ? socket.getPeerCertificate?.().fingerprint256 : undefined;
}

/** A HIS that cannot set headers puts its token into the address, where the site has allowed that. */
function authorizationOf(route: Route, request: Request, deps: HttpDeps): string | undefined {
  const header = request.get('authorization');
  if (header !== undefined || route.tokenInQuery?.(deps) !== true) return header;
  const token: unknown = request.query['token'];
  return typeof token === 'string' ? `Bearer ${token}` : undefined;
}

const HOST = /^[\w.-]{1,255}(?::\d{1,5})?$|^\[[\da-fA-F:.]{2,45}\](?::\d{1,5})?$/;

function originOf(request: Request): string {
  const named = request.get('host') ?? '';
  return `${request.protocol}://${HOST.test(named) ? named : 'localhost'}`;
}

/** Default deny: a caller without one of the route's roles gets no further, and nothing it sent has been read. */
async function admit(route: Route, request: Request, serving: Serving): Promise<Identity> {
  if (route.roles === 'anyone') return NOBODY;
  const identity = await serving.authenticate({ authorization: authorizationOf(route, request, serving.deps), certificate: certificateOf(request) });
  if (!route.roles.includes(identity.role)) throw new TraceError('FORBIDDEN', `role ${identity.role}`);
  return identity;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => { reject(new TraceError('STORE_UNAVAILABLE')); }, HANDLER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function serve(route: Route, request: Request, response: Response, serving: Serving): Promise<Reply> {
  const context = begun(response);
  const closed = route.roles === 'anyone' ? undefined : serving.gate.refusal();
  if (closed !== undefined) return inWordsOf(route, errorReply(closed, context), request, response, serving.deps);
  const identity = await admit(route, request, serving);
  const most = typeof route.maxBodyBytes === 'function' ? route.maxBodyBytes(serving.deps) : route.maxBodyBytes;
  const bytes = await readBody(request, response, most);
  const contentType = request.get('content-type') ?? '';
  const input = readInput(route, { params: { ...request.params }, query: request.query, bytes, contentType, origin: originOf(request) }, context.language);
  return inTime(route.handle({ deps: serving.deps, identity, language: context.language, requestId: context.requestId, routes: serving.routes }, input));
}

/** An error as the route's own callers read it; what explains the error in headers stays. */
function inWordsOf(route: Route | undefined, reply: ErrorReply, request: Request, response: Response, deps: HttpDeps): Reply {
  const own = route?.refuse?.(reply, { deps, language: begun(response).language, contentType: request.get('content-type') ?? '' });
  return own === undefined ? reply : { ...own, headers: { ...reply.headers, ...own.headers } };
}

/** The stack without its first line: messages may quote what was sent, and that holds patients. */
function framesOf(thrown: unknown): readonly string[] {
  return thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 6).map((line) => line.trim()) : [];
}

function fail(thrown: unknown, request: Request, response: Response, serving: { readonly deps: HttpDeps; readonly route?: Route }): void {
  const code = codeOfThrown(thrown);
  if (ERRORS[code].status >= 500) {
    const detail = thrown instanceof TraceError ? { detail: thrown.detail } : { frames: framesOf(thrown) };
    serving.deps.log.error('request failed', { requestId: begun(response).requestId, operation: serving.route?.operation ?? 'none', code, ...detail });
  }
  send(request, response, inWordsOf(serving.route, thrownReply(thrown, begun(response)), request, response, serving.deps));
}

/** OpenAPI path to Express path: `/codes/{code}` → `/codes/:code` */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function mount(app: Express, route: Route, serving: Serving): void {
  app[route.method](expressPath(route.path), async (request: Request, response: Response) => {
    try {
      send(request, response, await serve(route, request, response, serving));
    } catch (thrown) {
      fail(thrown, request, response, { deps: serving.deps, route });
    }
    serving.deps.count('his_trace_http_requests_total', { operation: route.operation, status: String(response.statusCode) });
  });
}

function mountMethodErrors(app: Express, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase()).join(', ');
    app.all(expressPath(path), (request, response) => {
      const reply = errorReply('METHOD_NOT_ALLOWED', begun(response), { detail: request.method });
      send(request, response, { ...reply, headers: { allow: allowed } });
    });
  }
}

/** @returns the Express application for the routes; nothing in it knows what a route does */
export function createApp(options: { readonly deps: HttpDeps; readonly routes: readonly Route[]; readonly gate: Gate; readonly secure: boolean }): Express {
  const { deps, routes, gate, secure } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(begin);
  app.use(helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] } },
    strictTransportSecurity: secure,
  }));
  const origins = deps.scan?.allowedOrigins ?? [];
  if (origins.length > 0) app.use(allowOrigins(origins));
  const serving: Serving = { deps, routes, authenticate: createAuthenticate(deps), gate };
  for (const route of routes) mount(app, route, serving);
  mountMethodErrors(app, routes);
  app.use((request, response) => { send(request, response, errorReply('NOT_FOUND', begun(response))); });
  // four parameters: that is how Express knows an error handler
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => { fail(thrown, request, response, { deps }); });
  return app;
}
