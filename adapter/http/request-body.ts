import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { TraceError } from '../domain/error.ts';

const DEFAULT_BYTES = 64 * 1024;
const readers = new Map<number, RequestHandler>();

function readerOf(maxBytes: number): RequestHandler {
  const known = readers.get(maxBytes);
  if (known !== undefined) return known;
  // the limit holds for what comes out of gzip too
  const reader = express.raw({ type: () => true, limit: maxBytes });
  readers.set(maxBytes, reader);
  return reader;
}

/**
 * Reads the body, after the caller is known to be allowed to send one.
 * @returns the bytes, empty when there is no body
 * @throws what the reader throws: status 413 above the limit, 400 for a broken transfer
 */
export async function readBody(request: Request, response: Response, maxBytes = DEFAULT_BYTES): Promise<Uint8Array> {
  await new Promise<void>((resolve, reject) => {
    void readerOf(maxBytes)(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new TraceError('REQUEST_INVALID'));
    });
  });
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}
