import type { PeerFault } from '../../adapter/domain/outcome.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { HttpClient } from '../shared/http.ts';
import { replyText } from '../shared/reply/reply-text.ts';
import { parseJsonReply } from '../shared/reply/json-reply.ts';

export interface AccessTokens {
  /** @returns a token that is good for a while, or why there is none; nothing of a report has been sent then */
  token(signal: AbortSignal): Promise<{ readonly kind: 'token'; readonly text: string } | { readonly kind: 'none'; readonly fault: PeerFault }>;
  /** the system refused the present one */
  forget(): void;
}

export interface AccessTokenParts {
  readonly http: HttpClient;
  /** query of the token address, or '' */
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly client: 'body' | 'basic';
  readonly timeoutMs: number;
  readonly clock: Clock;
}

type Got = Awaited<ReturnType<AccessTokens['token']>>;

/** renewed so long before it ends */
const MARGIN_MS = 60_000;
const STANDARD_LIFE_S = 3_600;

/** OAuth2 client credentials (RFC 6749, 4.4): one token for all calls, fetched once however many calls wait for it. */
export function createAccessTokens(parts: AccessTokenParts): AccessTokens {
  let held: { readonly text: string; readonly until: number } | undefined;
  let fetching: Promise<Got> | undefined;
  const fetchOnce = async (signal: AbortSignal): Promise<Got> => {
    const got = await fetchToken(parts, signal);
    if (got.kind === 'token') held = { text: got.text, until: parts.clock.now() + Math.max(got.lifeMs - MARGIN_MS, got.lifeMs / 2) };
    return got;
  };
  return {
    token(signal) {
      if (held !== undefined && parts.clock.now() < held.until) return Promise.resolve({ kind: 'token', text: held.text });
      // the first caller's signal must not take the token from the others: the call has its own time limit
      fetching ??= fetchOnce(AbortSignal.timeout(parts.timeoutMs)).finally(() => { fetching = undefined; });
      return Promise.race([fetching, aborted(signal)]);
    },
    forget() {
      held = undefined;
    },
  };
}

function aborted(signal: AbortSignal): Promise<Got> {
  return new Promise((resolve) => {
    const done = (): void => { resolve({ kind: 'none', fault: { reason: 'TIMEOUT', peerText: '发送前被停止' } }); };
    if (signal.aborted) done();
    signal.addEventListener('abort', done, { once: true });
  });
}

async function fetchToken(parts: AccessTokenParts, signal: AbortSignal): Promise<{ readonly kind: 'token'; readonly text: string; readonly lifeMs: number } | Extract<Got, { kind: 'none' }>> {
  const { client, clientId, clientSecret, scope } = parts;
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }), ...(client === 'body' ? { client_id: clientId, client_secret: clientSecret } : {}) });
  const basic: Record<string, string> = client === 'basic' ? { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`, 'utf8').toString('base64')}` } : {};
  const result = await parts.http.post(parts.path, { headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept': 'application/json', ...basic }, body: form.toString(), timeoutMs: parts.timeoutMs, signal });
  if (result.kind === 'fault') return { kind: 'none', fault: { reason: result.cause === 'timeout' ? 'SERVICE_DOWN' : 'NETWORK', peerText: `取令牌失败：${result.text}` } };
  const peerCode = `HTTP ${String(result.status)}`;
  const read = replyText(result.body, result.headers['content-type'] ?? '');
  const parsed = read.kind === 'text' ? parseJsonReply(read.text) : undefined;
  const value = parsed?.kind === 'tree' && parsed.tree.kind === 'json' ? (parsed.tree.value as Readonly<Record<string, unknown>>) : {};
  const { access_token: text, expires_in: life } = value;
  if (result.status === 200 && typeof text === 'string' && /^[\u0021-\u007e]+$/.test(text)) {
    const seconds = Number(life);
    return { kind: 'token', text, lifeMs: (Number.isFinite(seconds) && seconds > 0 ? seconds : STANDARD_LIFE_S) * 1_000 };
  }
  // whatever went wrong here, no report was sent
  return { kind: 'none', fault: { reason: result.status >= 500 ? 'SERVICE_DOWN' : 'AUTH', peerCode, peerText: '取令牌失败，请核对账号与客户端密钥' } };
}
