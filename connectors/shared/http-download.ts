import { Agent, request } from 'undici';
import type { HttpClientOptions } from './http.ts';

/** A reply whose body has not been read yet. */
export interface Download {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** throws when the connection breaks, stalls or the file is larger than allowed */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export type DownloadResult = Download | { readonly kind: 'fault'; readonly cause: 'network' | 'timeout'; readonly text: string };

export interface DownloadCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** for the head of the reply, and for each pause in its body */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Downloader {
  /** Posts and hands the body on as it comes, never more than one piece in memory. Never rejects. */
  post(path: string, call: DownloadCall): Promise<DownloadResult>;
  close(): Promise<void>;
}

/** For files: nothing here is ever sent twice, so that whether the platform saw the request does not matter. `maxReplyBytes` bounds the file. */
export function createDownloader(options: HttpClientOptions): Downloader {
  const base = new URL(options.baseUrl);
  const agent = new Agent({
    connections: options.connections, pipelining: 1,
    connect: {
      timeout: options.connectTimeoutMs,
      ...(options.ca === undefined ? {} : { ca: options.ca }), ...(options.cert === undefined ? {} : { cert: options.cert }), ...(options.key === undefined ? {} : { key: options.key }),
    },
  });
  return {
    async post(path, call) {
      try {
        const reply = await request(`${base.origin}${base.pathname.replace(/\/$/, '')}${path}`, {
          method: 'POST', dispatcher: agent, signal: call.signal, headers: call.headers, body: call.body, headersTimeout: call.timeoutMs, bodyTimeout: call.timeoutMs,
        });
        const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')]));
        return { kind: 'reply', status: reply.statusCode, headers, chunks: bounded(reply.body as AsyncIterable<Uint8Array> & { destroy(): unknown }, options.maxReplyBytes) };
      } catch (error) {
        const { code, message } = error as { readonly code?: unknown; readonly message: string };
        const text = typeof code === 'string' ? code : message;
        return { kind: 'fault', cause: text.includes('TIMEOUT') ? 'timeout' : 'network', text };
      }
    },
    close: () => agent.destroy(),
  };
}

async function* bounded(body: AsyncIterable<Uint8Array> & { destroy(): unknown }, most: number): AsyncIterable<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > most) throw new Error(`file larger than ${String(most)} bytes`);
      yield chunk;
    }
  } finally {
    body.destroy();
  }
}
