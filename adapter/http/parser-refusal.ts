import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describeError, type ErrorCode, type Language } from '../domain/error.ts';
import type { Log } from '../ports/log.ts';
import { languageOf } from './language.ts';

/** What Node's parser gave up on, and what is still under way on the same connection. */
export interface RawRefusal {
  readonly error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer };
  readonly socket: Socket;
  readonly open: ServerResponse | undefined;
  readonly log: Log;
}

interface Meaning { readonly status: number; readonly code: ErrorCode; readonly zh: string; readonly en: string }

/**
 * A sender reads from the code whether to send the same again: what came too slowly has to come again, what is malformed or too
 * large must not.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'REQUEST_TIMEOUT', zh: '', en: '' },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'RECORD_TOO_LARGE', zh: '请求头过长', en: 'the request headers' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'RECORD_TOO_LARGE', zh: '分块扩展过长', en: 'the chunk extensions' },
};
const MALFORMED: Meaning = { status: 400, code: 'REQUEST_INVALID', zh: '不是有效的 HTTP 请求', en: 'this is no HTTP request' };

/** Answers what Node refuses before any route sees it, in the contract's error format (contract section 4), and closes. */
export function refuseRaw({ error, socket, open, log }: RawRefusal): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  if (open !== undefined && (open.req.complete || open.headersSent)) {
    // the fault is in what follows on this connection; an answer to it now would be read as the answer to the request in hand
    finishFirst(open, socket);
    return;
  }
  const meaning = MEANINGS[error.code ?? ''] ?? MALFORMED;
  const requestId = randomUUID();
  log.warn('request refused by the parser', { status: meaning.status, code: meaning.code, fault: error.code ?? '', requestId });
  socket.end(written(meaning, { requestId, language: languageIn(error.rawPacket) }));
}

function finishFirst(open: ServerResponse, socket: Socket): void {
  if (!open.headersSent) open.setHeader('connection', 'close');
  open.once('close', () => { socket.destroySoon(); });
}

function written({ status, code, zh, en }: Meaning, to: { readonly requestId: string; readonly language: Language }): string {
  const detail = to.language === 'zh' ? zh : en;
  const { message, action } = describeError(code, detail, to.language);
  const body = JSON.stringify({ code, message, action, requestId: to.requestId });
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`, 'Connection: close', 'Cache-Control: no-store', `X-Request-Id: ${to.requestId}`,
    'Content-Type: application/json; charset=utf-8', `Content-Length: ${String(Buffer.byteLength(body))}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** No route has read the headers: the language is looked for in what the parser was given last. */
function languageIn(packet: Buffer | undefined): Language {
  return languageOf(/^accept-language:[ \t]*([^\r\n]{1,200})/im.exec(packet?.toString('latin1', 0, 16_384) ?? '')?.[1]);
}
