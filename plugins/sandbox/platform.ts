import type { IncomingHttpHeaders } from 'node:http';
import type { FaultRule } from './fault-rule.ts';
import type { PlatformName } from './platform-name.ts';

export type { PlatformName };

/** One request as it arrived, body whole. */
export interface PlatformRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A reply that is still an object, so that a fault can change it before it becomes text. */
export interface PlatformReply {
  readonly status: number;
  readonly contentType: string;
  readonly value: unknown;
  render(value: unknown): string;
  /** a file, sent as it is instead of what `render` gives */
  readonly bytes?: Buffer;
}

/** How a fault rule steers what the platform does with the request while it commits. */
export interface CommitHint {
  /** result of an asynchronous bill is not known before this many more milliseconds */
  readonly stallMs?: number;
  /** so many codes of the bill fail in processing */
  readonly failCodes?: number;
}

/** What the two fake platforms have in common: the server and the fault effects know nothing else about them. */
export interface Platform {
  readonly name: PlatformName;
  /** @returns the infno or the full method name, as far as it can be told without checking anything */
  operationOf(request: PlatformRequest): string;
  /** Counts a call, whatever becomes of it. */
  countCall(operation: string): void;
  /** Checks strictly, commits what is right, answers. */
  answer(request: PlatformRequest, hint: CommitHint): PlatformReply;
  /** A refusal in this platform's own shape, nothing committed. */
  faultReply(request: PlatformRequest, kind: 'throttle' | 'errorBody' | 'refuse', rule: FaultRule): PlatformReply;
  /** The same reply with the success flag one level too high or too low. */
  misplaceSuccess(value: unknown): unknown;
  /** The same reply under another exchange's id. */
  wrongId(value: unknown): unknown;
  /** The same reply with `bytes` more in a text member. */
  pad(value: unknown, bytes: number): unknown;
  /** Counts and rows for `GET /sandbox/book`. */
  bookDocument(): Readonly<Record<string, unknown>>;
  reset(): void;
}

/** @returns the value when it is a plain object, otherwise undefined */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
