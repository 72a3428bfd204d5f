import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';

/**
 * One HTTP exchange with a platform, with the one distinction that matters to us: whether the request can have reached it.
 */
export type HttpResult =
  | { readonly kind: 'reply'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
  /** `sent: 'no'` = provably nothing was written to the platform; `maybe` = bytes may have arrived */
  | { readonly kind: 'fault'; readonly sent: 'no' | 'maybe'; readonly cause: 'network' | 'timeout' | 'too-large'; readonly text: string };

export interface HttpCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** for the whole exchange, waiting for a connection included */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpClient {
  /** Never rejects: whatever happens is a result. The path is appended to the path of the base URL. */
  post(path: string, call: HttpCall): Promise<HttpResult>;
  /** Cuts what is under way (it ends as `maybe`) and closes all connections. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** absolute; the path of each post is appended to its own path */
  readonly baseUrl: string;
  readonly connectTimeoutMs: number;
  readonly connections: number;
  /** larger replies are cut off and count as a fault */
  readonly maxReplyBytes: number;
  /** PEM of an extra certificate authority, for platforms with a private one */
  readonly ca?: string;
  /** PEM of our own certificate and key, for platforms that ask for one */
  readonly cert?: string;
  readonly key?: string;
}

/** @returns a keep-alive client; TLS certificates are always verified, redirects are never followed. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = new URL(options.baseUrl);
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    connect: {
      timeout: options.connectTimeoutMs,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.cert === undefined ? {} : { cert: options.cert }),
      ...(options.key === undefined ? {} : { key: options.key }),
    },
  });
  const prefix = base.pathname.replace(/\/$/, '');

  return {
    async post(path, call) {
      const body = typeof call.body === 'string' ? Buffer.from(call.body, 'utf8') : call.body;
      const outgoing = observed(body);
      // a timer of our own: undici's header timeout has a granularity of one second
      const deadline = AbortSignal.timeout(call.timeoutMs);
      const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
      try {
        const reply = await request(`${base.origin}${prefix}${path}`, {
          method: 'POST', dispatcher: agent, signal,
          headers: { ...call.headers, 'content-length': String(body.length) },
          // undici takes any async iterable; its type names streams alone
          body: outgoing.chunks() as unknown as Readable,
          headersTimeout: call.timeoutMs + 2_000, bodyTimeout: call.timeoutMs + 2_000,
        });
        return await collect(reply, options.maxReplyBytes);
      } catch (error) {
        const cause = deadline.aborted || codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'network';
        return { kind: 'fault', sent: outgoing.begun() ? 'maybe' : 'no', cause, text: textOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/**
 * The body as an iterable that knows whether it was ever asked for. The client takes the first chunk only when a connection
 * stands (TLS included), right before it writes the head of the request: not asked for = nothing has left this machine. That
 * proves more than a list of error codes (queueing for a connection, failed handshakes and aborts before the start count too).
 */
function observed(body: Buffer): { chunks(): AsyncIterable<Buffer>; begun(): boolean } {
  let begun = false;
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- the iterable itself has to be asynchronous
    async *chunks() {
      begun = true;
      yield body;
    },
    begun: () => begun,
  };
}

interface Reply {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: AsyncIterable<unknown> & { destroy(): unknown };
}

async function collect(reply: Reply, maxReplyBytes: number): Promise<HttpResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxReplyBytes) {
      reply.body.destroy();
      return { kind: 'fault', sent: 'maybe', cause: 'too-large', text: `reply larger than ${String(maxReplyBytes)} bytes` };
    }
    chunks.push(chunk);
  }
  return { kind: 'reply', status: reply.statusCode, headers: flatten(reply.headers), body: Buffer.concat(chunks) };
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

function textOf(error: unknown): string {
  const code = codeOf(error);
  return code === '' ? String((error as { message?: unknown }).message ?? error) : code;
}

function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string') return code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return '';
}
