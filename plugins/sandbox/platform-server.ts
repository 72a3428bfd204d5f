import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAdmin } from './admin.ts';
import { applyFault, sendBytes, sendReply } from './fault-effects.ts';
import type { FaultControl } from './faults.ts';
import type { Platform, PlatformRequest } from './platform.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const REOPEN_ATTEMPTS = 20;
const REOPEN_PAUSE_MS = 50;

export interface PlatformServer {
  readonly url: string;
  readonly port: number;
  /** @returns whether connections are being taken */
  readonly open: () => boolean;
  /** Refuses connections for so long, then listens on the same port again; resolves when it does. */
  outage(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one platform on 127.0.0.1. Rejects when the port is taken. */
export async function startPlatformServer(options: { readonly platform: Platform; readonly port: number; readonly faults: FaultControl }): Promise<PlatformServer> {
  const { platform, faults } = options;
  let stopping = false;
  let pause: Promise<void> | undefined;
  let wake: () => void = () => undefined;

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.socket?.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message);
    if (body === undefined) {
      sendBytes(response, 413, 'text/plain', Buffer.from('request entity too large'), { connection: 'close' });
      return;
    }
    const url = new URL(message.url ?? '/', 'http://127.0.0.1');
    const request: PlatformRequest = { method: message.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: message.headers, body };
    if (url.pathname.startsWith('/sandbox/')) {
      const answer = answerAdmin(request, platform, faults);
      sendBytes(response, answer.status, 'application/json;charset=UTF-8', Buffer.from(JSON.stringify(answer.body)));
      return;
    }
    const operation = platform.operationOf(request);
    platform.countCall(operation);
    const rule = faults.match(platform.name, operation, body);
    if (rule === undefined) sendReply(response, platform.answer(request, {}));
    else await applyFault(rule, { platform, request, response, outage: (ms) => { outage(ms).catch(() => undefined); }, stopping: () => stopping });
  }

  function outage(ms: number): Promise<void> {
    pause ??= runOutage(ms).finally(() => (pause = undefined));
    return pause;
  }

  async function runOutage(ms: number): Promise<void> {
    await close(server);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      // stop() may have come while the socket was closing
      if (isStopping()) wake();
    });
    for (let attempt = 1; !isStopping(); attempt += 1) {
      try {
        await listen(server, port);
        return;
      } catch (error) {
        if (attempt >= REOPEN_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
      }
    }
  }

  // a function, because the compiler would take the variable for constant inside the loop
  const isStopping = (): boolean => stopping;

  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    open: () => server.listening,
    outage,
    async stop() {
      stopping = true;
      wake();
      await pause?.catch(() => undefined);
      await close(server);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    // read on to the end, keep nothing more: an early answer would reset the connection
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}
