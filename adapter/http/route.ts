import type { z } from 'zod';
import type { ErrorCode, Language } from '../domain/error.ts';
import type { Identity } from './authenticate.ts';
import type { HttpDeps } from './http-deps.ts';
import type { Role } from './roles.ts';

/** What a handler may know besides its input. */
export interface RequestContext {
  readonly deps: HttpDeps;
  readonly identity: Identity;
  readonly language: Language;
  readonly requestId: string;
  /** every route of the registry, for /openapi.json */
  readonly routes: readonly Route[];
}

export interface Reply {
  readonly status: number;
  /** answered as JSON */
  readonly body?: unknown;
  /** answered as it is, with `contentType` */
  readonly text?: string;
  /** the same in bytes of the route's own choice of charset */
  readonly bytes?: Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply whose body is the contract's error format. */
export interface ErrorReply extends Reply {
  readonly body: { readonly code: string; readonly message: string; readonly action: string; readonly requestId: string };
}

export interface RouteInput<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** the body as it came, for routes that read it themselves */
  readonly raw: { readonly bytes: Uint8Array; readonly contentType: string };
  /** scheme, host and port as the caller wrote them: `http://10.1.2.3:8680` */
  readonly origin: string;
}

interface RouteRequest<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** the route reads the body itself: what it may be, for /openapi.json */
  readonly raw?: { readonly contentTypes: readonly string[]; readonly schema: z.ZodType };
}

/** One HTTP operation. Everything about it is declared; the server adds authentication, checks and error replies. */
export interface RouteOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  /** operationId, and the file's name */
  readonly operation: string;
  readonly method: 'get' | 'post';
  /** OpenAPI style: `/api/v1/events/{source}/{id}` */
  readonly path: string;
  /** roles that may call it; `anyone` needs no token. There is no default: a route that forgets is refused at start-up. */
  readonly roles: readonly Role[] | 'anyone';
  readonly summary: string;
  readonly request: RouteRequest<P, Q, B>;
  readonly response: { readonly description: string; readonly schema?: z.ZodType; readonly contentType?: string };
  /** errors besides those every route may answer */
  readonly errors?: readonly ErrorCode[];
  /** bytes; 64 KiB unless told */
  readonly maxBodyBytes?: number | ((deps: HttpDeps) => number);
  /** whether `?token=` may stand for the Authorization header; never unless told */
  readonly tokenInQuery?: (deps: HttpDeps) => boolean;
  /** how an error of the server itself (token, size, overload) is told to callers that read no JSON; undefined = as JSON */
  readonly refuse?: (reply: ErrorReply, request: { readonly deps: HttpDeps; readonly language: Language; readonly contentType: string }) => Reply | undefined;
  handle(context: RequestContext, input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>): Promise<Reply>;
}

export type Route = RouteOf<z.ZodType, z.ZodType, z.ZodType>;

/** Declares a route with the types of its own schemas. The server has checked the input against them before `handle` runs. */
export function defineRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(route: RouteOf<P, Q, B>): Route {
  return route;
}
