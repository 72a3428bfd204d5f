import type { Downloader } from '../shared/http-download.ts';
import { readExchange } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { prepareMessage } from './platform.ts';
import type { PlatformCall, PlatformDeps } from './platform.ts';
import type { Profile } from './profile.ts';
import { pathOf } from './paths.ts';

/** A file as it comes, or the answer that came instead of it. */
export type FetchFile = (call: PlatformCall & { readonly signal: AbortSignal }, signNo: string) => Promise<Answer | { readonly kind: 'file'; readonly chunks: AsyncIterable<Uint8Array> }>;

/** an answer instead of a file is a short text */
const MOST_TEXT = 256 * 1024;

/**
 * 9102: the message goes as always, the answer is a stream of bytes; an error comes back as JSON instead, told by its content type
 * (insurance.md, 9102). A platform behind one string argument of a SOAP operation has no stream.
 */
export function fileFetcher(deps: PlatformDeps & { readonly profile: Profile }, downloader: Downloader): FetchFile {
  return async (call, signNo) => {
    if (deps.soap !== undefined) return { kind: 'unavailable', reason: 'CONFIGURATION', peerText: '单参数的 SOAP 接口不能下载文件，请改用导入文件' };
    let msgid: string;
    try {
      msgid = await deps.ids.next(call.institution.code);
    } catch (error) {
      return { kind: 'unavailable', reason: 'SERVICE_DOWN', peerText: `本机报文编号不可用：${(error as Error).message}` };
    }
    const prepared = await prepareMessage(deps, { call, signNo, msgid });
    if ('fault' in prepared) return prepared.fault;
    const result = await downloader.post(pathOf(call.infno, deps.profile), { headers: prepared.headers, body: prepared.body, timeoutMs: deps.settings.timeouts.reply, signal: call.signal });
    deps.count('his_trace_nhsa_calls_total', { infno: call.infno, result: result.kind === 'reply' ? 'ok' : 'unavailable' });
    if (result.kind === 'fault') return { kind: 'unavailable', reason: result.cause === 'timeout' ? 'TIMEOUT' : 'NETWORK', peerText: result.text };
    const type = result.headers['content-type'] ?? '';
    if (result.status >= 200 && result.status < 300 && !/json|html|xml|^text\//i.test(type)) return { kind: 'file', chunks: result.chunks };
    const body = await readText(result.chunks);
    if (body === undefined) return { kind: 'unavailable', reason: 'BAD_REPLY', peerText: '应答不是文件，也不是可以读懂的说明' };
    return readExchange({ kind: 'reply', status: result.status, headers: result.headers, body }, prepared.sent, { reply: deps.profile.reply, open: (text) => deps.security.open(text, prepared.sent) });
  };
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > MOST_TEXT) return undefined;
      parts.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}
