import type { Clock } from '../../adapter/ports/clock.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { HttpClient, HttpResult } from '../shared/http.ts';
import type { CallFault } from './exchange.ts';
import { isObject, textOf } from './reply.ts';

export interface TokenSource {
  /** a token that is good for a while, fetched when there is none; concurrent callers share one fetch */
  get(): Promise<{ readonly token: string } | { readonly fault: CallFault }>;
  /** the platform refused it */
  drop(): void;
}

export interface TokenAccount {
  readonly path: string;
  readonly scope: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
}

/** renewed so long before it ends: a call may take a while to arrive */
const EARLY_MS = 60_000;
/** what a token is good for when the answer does not say */
const UNSAID_S = 600;
const LONGEST_S = 86_400;
/** after a failed fetch callers get the same answer for so long */
const HOLD_OFF_MS = 3_000;

/** OAuth2 password grant (insurance.md section 4(b)): form username, password, scope, grant_type; Basic clientId:clientSecret. */
export function tokenSource(deps: { readonly http: HttpClient; readonly account: TokenAccount; readonly clock: Clock; readonly log: Log; readonly timeoutMs: number }): TokenSource {
  const { http, account, clock, log } = deps;
  let held: { readonly token: string; readonly until: number } | undefined;
  let failed: { readonly fault: CallFault; readonly until: number } | undefined;
  let underWay: Promise<{ readonly token: string } | { readonly fault: CallFault }> | undefined;

  const fetchToken = async (): Promise<{ readonly token: string } | { readonly fault: CallFault }> => {
    const answer = readToken(await http.post(account.path, { headers: headersOf(account), body: formOf(account), timeoutMs: deps.timeoutMs }));
    if ('fault' in answer) {
      failed = { fault: answer.fault, until: clock.now() + HOLD_OFF_MS };
      log.warn('nhsa token not granted', { reason: answer.fault.reason });
      return answer;
    }
    const life = answer.seconds * 1_000;
    held = { token: answer.token, until: clock.now() + Math.max(life - EARLY_MS, life / 2) };
    failed = undefined;
    return answer;
  };

  return {
    async get() {
      const now = clock.now();
      if (held !== undefined && now < held.until) return held;
      if (failed !== undefined && now < failed.until) return failed;
      underWay ??= fetchToken().finally(() => { underWay = undefined; });
      return underWay;
    },
    drop() { held = undefined; },
  };
}

function headersOf(account: TokenAccount): Readonly<Record<string, string>> {
  const basic = Buffer.from(`${account.clientId}:${account.clientSecret}`, 'utf8').toString('base64');
  return { 'content-type': 'application/x-www-form-urlencoded', 'accept': 'application/json', 'authorization': `Basic ${basic}` };
}

function formOf(account: TokenAccount): string {
  return new URLSearchParams({ grant_type: 'password', username: account.username, password: account.password, scope: account.scope }).toString();
}

/** Whatever goes wrong here, no business was sent. */
function readToken(result: HttpResult): { readonly token: string; readonly seconds: number } | { readonly fault: CallFault } {
  if (result.kind === 'fault') return unavailable(result.cause === 'timeout' ? 'TIMEOUT' : 'NETWORK', `令牌服务没有应答：${result.text}`);
  const peerCode = `HTTP ${String(result.status)}`;
  if (result.status === 429) return unavailable('THROTTLED', '令牌服务限流', peerCode);
  if (result.status >= 500) return unavailable('SERVICE_DOWN', '令牌服务故障', peerCode);
  if (result.status === 404 || result.status === 405) return unavailable('CONFIGURATION', '令牌路径不对，请核对 oauth.path', peerCode);
  if (result.status !== 200) return unavailable('AUTH', '令牌服务拒绝了账号，请核对 oauth', peerCode);
  const members = parse(result.body.toString('utf8'));
  const token = isObject(members) ? members['access_token'] : undefined;
  if (typeof token !== 'string' || !/^[\w.~+/=-]{1,4096}$/.test(token)) return unavailable('BAD_REPLY', '令牌服务的应答中没有 access_token', peerCode);
  const said = Number(textOf(isObject(members) ? members['expires_in'] : undefined));
  return { token, seconds: Number.isFinite(said) && said > 0 ? Math.min(said, LONGEST_S) : UNSAID_S };
}

function unavailable(reason: CallFault['reason'], peerText: string, peerCode?: string): { readonly fault: CallFault } {
  return { fault: { kind: 'unavailable', reason, peerText, signIn: true, ...(peerCode === undefined ? {} : { peerCode }) } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
