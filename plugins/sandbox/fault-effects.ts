import type { ServerResponse } from 'node:http';
import { encodeGb18030 } from './wrong-charset.ts';
import type { FaultRule } from './fault-rule.ts';
import type { CommitHint, Platform, PlatformReply, PlatformRequest } from './platform.ts';

const HUGE_BYTES = 20 * 1024 * 1024;
const DEFAULT_WAIT_MS = 1_000;
const CLIENT_PATIENCE_MS = 60_000;

export interface FaultContext {
  readonly platform: Platform;
  readonly request: PlatformRequest;
  readonly response: ServerResponse;
  /** closes the listening socket for so long */
  readonly outage: (ms: number) => void;
  /** true once the sandbox is being stopped: a delayed commit must not happen any more */
  readonly stopping: () => boolean;
}

/** Plays one fault on one exchange. What each does: README.md, table of effects. */
export async function applyFault(rule: FaultRule, context: FaultContext): Promise<void> {
  switch (rule.effect) {
    case 'dropBeforeCommit': case 'dropReplyAfterCommit': case 'outage': dropConnection(rule, context); return;
    case 'http500Html': httpError(500, 'Internal Server Error', rule, context); return;
    case 'http502': httpError(502, 'Bad Gateway', rule, context); return;
    case 'http503': httpError(503, 'Service Unavailable', rule, context); return;
    case 'slow': case 'slowThenCommitAfterClientGone': await delayed(rule, context); return;
    case 'throttle': case 'errorBody': case 'refuse': case 'retRsltZero': refused(rule, context); return;
    case 'truncatedJson': case 'cutMidReply': case 'emptyReply': case 'wrongCharset': case 'doctypeReply': spoiltBytes(rule, context); return;
    case 'wrongMessageId': case 'hugeReply': case 'successFlagWrongLevel': spoiltValue(rule, context); return;
    case 'stallProcessing': sendReply(context.response, commit(context, { stallMs: rule.ms ?? DEFAULT_WAIT_MS })); return;
    case 'partialProcessing': sendReply(context.response, commit(context, { failCodes: rule.count ?? 1 })); return;
  }
}

/** Sends a reply whole. */
export function sendReply(response: ServerResponse, reply: PlatformReply, value: unknown = reply.value): void {
  sendBytes(response, reply.status, reply.contentType, bytesOf(reply, value));
}

function bytesOf(reply: PlatformReply, value: unknown = reply.value): Buffer {
  return reply.bytes ?? Buffer.from(reply.render(value), 'utf8');
}

export function sendBytes(response: ServerResponse, status: number, contentType: string, bytes: Buffer, extra: Readonly<Record<string, string>> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length, ...extra });
  response.end(bytes);
}

function commit(context: FaultContext, hint: CommitHint = {}): PlatformReply {
  return context.platform.answer(context.request, hint);
}

function dropConnection(rule: FaultRule, context: FaultContext): void {
  if (rule.effect === 'dropReplyAfterCommit') commit(context);
  context.response.socket?.destroy();
  if (rule.effect === 'outage') context.outage(rule.ms ?? DEFAULT_WAIT_MS);
}

function httpError(status: number, title: string, rule: FaultRule, context: FaultContext): void {
  if (rule.when === 'after') commit(context);
  const html = `<html>\r\n<head><title>${String(status)} ${title}</title></head>\r\n<body>\r\n<center><h1>${String(status)} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  sendBytes(context.response, status, 'text/html', Buffer.from(html), status === 503 ? { 'retry-after': '5' } : {});
}

async function delayed(rule: FaultRule, context: FaultContext): Promise<void> {
  const { response } = context;
  if (rule.effect === 'slow') {
    // committed at once, answered late: the client's patience decides whether it learns of it
    const reply = commit(context);
    await waitOrGone(response, rule.ms ?? DEFAULT_WAIT_MS);
    sendReply(response, reply);
    return;
  }
  await waitOrGone(response, rule.ms ?? CLIENT_PATIENCE_MS);
  if (context.stopping()) return;
  sendReply(response, commit(context));
}

function refused(rule: FaultRule, context: FaultContext): void {
  const { platform, request, response } = context;
  if (rule.when === 'after') commit(context);
  const kind = rule.effect === 'throttle' ? 'throttle' : rule.effect === 'errorBody' ? 'errorBody' : 'refuse';
  const reply = platform.faultReply(request, kind, rule);
  sendReply(response, reply);
}

function spoiltBytes(rule: FaultRule, context: FaultContext): void {
  const { response } = context;
  const reply = commit(context);
  const bytes = bytesOf(reply);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  switch (rule.effect) {
    case 'truncatedJson': sendBytes(response, 200, reply.contentType, half); return;
    case 'emptyReply': sendBytes(response, 200, reply.contentType, Buffer.alloc(0)); return;
    case 'wrongCharset': sendBytes(response, 200, reply.contentType, encodeGb18030(reply.render(reply.value))); return;
    case 'doctypeReply': sendBytes(response, 200, 'text/xml;charset=UTF-8', Buffer.from(DOCTYPE_REPLY, 'utf8')); return;
    default: {
      // announces the whole length and hangs up in the middle
      response.writeHead(200, { 'content-type': reply.contentType, 'content-length': bytes.length });
      response.write(half, () => response.socket?.destroy());
    }
  }
}

/** An entity that doubles nine times: a reader that expands entities makes gigabytes of it. */
const DOCTYPE_REPLY = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE reply [
<!ENTITY a "追溯追溯追溯追溯追溯追溯追溯追溯追溯追溯">
${Array.from({ length: 9 }, (_, level) => `<!ENTITY ${String.fromCharCode(98 + level)} "${`&${String.fromCharCode(97 + level)};`.repeat(10)}">`).join('\n')}
<!ENTITY file SYSTEM "file:///etc/hostname">
]>
<reply><infcode>0</infcode><response_success>true</response_success><msg_info>&j;&file;</msg_info></reply>
`;

function spoiltValue(rule: FaultRule, context: FaultContext): void {
  const { platform, response } = context;
  const reply = commit(context);
  if (rule.effect === 'hugeReply') sendReply(response, reply, platform.pad(reply.value, rule.bytes ?? HUGE_BYTES));
  else if (rule.effect === 'wrongMessageId') sendReply(response, reply, platform.wrongId(reply.value));
  else sendReply(response, reply, platform.misplaceSuccess(reply.value));
}

/** Waits so long, or until the client has hung up. */
function waitOrGone(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on('close', done);
    if (response.destroyed || response.closed) done();
  });
}
