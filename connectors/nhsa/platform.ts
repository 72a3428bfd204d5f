import type { Clock } from '../../adapter/ports/clock.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { HttpClient } from '../shared/http.ts';
import type { Classify } from './answers.ts';
import { buildEnvelope } from './envelope.ts';
import type { AuthHeaders } from './auth.ts';
import { readExchange } from './exchange.ts';
import type { Answer, CallFault, OpenedText } from './exchange.ts';
import type { MessageIds } from './message-id.ts';
import { pathOf } from './paths.ts';
import type { TokenSource } from './oauth-token.ts';
import type { Profile } from './profile.ts';
import type { MessageSecurity, SentMessage } from './security.ts';
import type { NhsaSettings } from './settings.ts';
import type { SoapWire } from './soap.ts';

export interface PlatformCall {
  /** `3505`, `3505A`, `9001` */
  readonly infno: string;
  readonly institution: Institution;
  readonly insuredArea?: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** Sends one transaction and reads its answer; never rejects. */
export type CallPlatform = (call: PlatformCall, signNo: string) => Promise<Answer>;

export interface PlatformDeps {
  readonly http: HttpClient;
  readonly settings: NhsaSettings;
  readonly profile: Profile;
  readonly auth: AuthHeaders;
  /** regions with a token only */
  readonly token: TokenSource | undefined;
  readonly security: MessageSecurity;
  /** transport soap only */
  readonly soap: SoapWire | undefined;
  readonly ids: MessageIds;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
}

/** @returns the bare call: envelope, seal, headers, one POST. Signing in is the session's business. */
export function platformCaller(deps: PlatformDeps): CallPlatform {
  return async (call, signNo) => {
    const startedAt = deps.clock.now();
    let msgid = '';
    try {
      msgid = await deps.ids.next(call.institution.code);
    } catch (error) {
      // our own store: nothing has been sent
      return { kind: 'unavailable', reason: 'SERVICE_DOWN', peerText: `本机报文编号不可用：${(error as Error).message}` };
    }
    const answer = await once(deps, { call, signNo, msgid });
    const result = answer.kind === 'reply' ? (answer.reply.ok ? 'ok' : 'refused') : answer.kind;
    deps.count('his_trace_nhsa_calls_total', { infno: call.infno, result });
    deps.log.debug('nhsa call', { infno: call.infno, institution: call.institution.code, msgid, result, ms: deps.clock.now() - startedAt });
    return answer;
  };
}

/** A token the platform no longer takes is fetched anew, once: 401 says that nothing was done. */
async function once(deps: PlatformDeps, at: { call: PlatformCall; signNo: string; msgid: string }): Promise<Answer> {
  const answer = await exchange(deps, at);
  if (deps.token === undefined || answer.kind !== 'unavailable' || answer.peerCode !== 'HTTP 401' || answer.signIn === true) return answer;
  deps.token.drop();
  return exchange(deps, at);
}

async function exchange(deps: PlatformDeps, at: { call: PlatformCall; signNo: string; msgid: string }): Promise<Answer> {
  const { settings, profile, soap } = deps;
  const { call } = at;
  const prepared = await prepareMessage(deps, at);
  if ('fault' in prepared) return prepared.fault;
  const { sent, headers, body } = prepared;
  const result = await deps.http.post(pathOf(call.infno, profile), { headers, body, timeoutMs: settings.timeouts.reply, ...(call.signal === undefined ? {} : { signal: call.signal }) });
  return readExchange(result, sent, { reply: profile.reply, readsFaults: soap !== undefined, open: (text) => openText(text, sent, deps) });
}

/** A message ready to go, and what its answer will be held to. */
export interface PreparedMessage {
  readonly sent: SentMessage & { readonly at: number };
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Envelope, seal and headers of one call. @returns the fault when it cannot be made: nothing was sent then */
export async function prepareMessage(deps: PlatformDeps, at: { readonly call: PlatformCall; readonly signNo: string; readonly msgid: string }): Promise<PreparedMessage | { readonly fault: CallFault }> {
  const { settings, profile, security, soap } = deps;
  const { call, msgid, signNo } = at;
  const now = deps.clock.now();
  const sent = { msgid, infno: wireNumber(call.infno, profile), at: now };
  const proof = await deps.auth();
  if ('fault' in proof) return proof;
  const envelope = buildEnvelope({ infno: sent.infno, msgid, institution: call.institution, insuredArea: call.insuredArea ?? '', signNo, at: now, input: call.input }, { settings, profile });
  try {
    const members = await security.seal(envelope, sent);
    const body = soap === undefined ? JSON.stringify(members) : soap.wrap(members);
    return { sent, body, headers: { ...(soap?.headers ?? JSON_HEADERS), ...proof.headers, ...settings.headers } };
  } catch (error) {
    return { fault: { kind: 'unavailable', reason: 'CONFIGURATION', signIn: true, peerText: `本机无法签名或加密：${(error as Error).message}` } };
  }
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'accept': 'application/json' };

async function openText(text: string, sent: SentMessage, { soap, security }: PlatformDeps): Promise<OpenedText> {
  if (soap === undefined) return security.open(text, sent);
  const inside = soap.unwrap(text);
  return 'text' in inside ? security.open(inside.text, sent) : inside;
}

/** @returns the number the region gives a transaction; an A form that has none of its own follows its single form */
function wireNumber(infno: string, { numbers }: Profile): string {
  const single = numbers[infno.slice(0, 4)];
  return numbers[infno] ?? (single === undefined ? infno : single + infno.slice(4));
}

/** A call inside a session. */
export interface Session {
  call(call: PlatformCall): Promise<Answer>;
}

/** @returns true when the platform says our sign-in is no longer good */
export function saysSignInAgain(answer: Answer, classify: Classify): boolean {
  return answer.kind === 'reply' && !answer.reply.ok && classify(answer.reply.code, answer.reply.text).then === 'sign-in-again';
}
