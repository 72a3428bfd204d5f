import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { HttpClient } from '../shared/http.ts';
import type { Classify } from './answers.ts';
import { buildEnvelope } from './envelope.ts';
import { readExchange } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { gatewayHeaders } from './headers.ts';
import type { MessageIds } from './message-id.ts';
import { pathOf } from './paths.ts';
import type { Profile } from './profile.ts';
import type { NhsaSettings } from './settings.ts';

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
  readonly ids: MessageIds;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
}

/** @returns the bare call: envelope, headers, one POST. Signing in is the session's business. */
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
    const answer = await exchange(deps, { call, signNo, msgid });
    const result = answer.kind === 'reply' ? (answer.reply.ok ? 'ok' : 'refused') : answer.kind;
    deps.count('his_trace_nhsa_calls_total', { infno: call.infno, result });
    deps.log.debug('nhsa call', { infno: call.infno, institution: call.institution.code, msgid, result, ms: deps.clock.now() - startedAt });
    return answer;
  };
}

async function exchange(deps: PlatformDeps, at: { call: PlatformCall; signNo: string; msgid: string }): Promise<Answer> {
  const { settings, profile } = deps;
  const { call, msgid, signNo } = at;
  const now = deps.clock.now();
  const envelope = buildEnvelope({ infno: call.infno, msgid, institution: call.institution, insuredArea: call.insuredArea ?? '', signNo, at: now, input: call.input }, { settings, profile });
  const gateway = settings.paasId === undefined ? {} : gatewayHeaders({ paasId: settings.paasId, paasToken: settings.paasToken ?? '', digest: settings.digest }, { at: now, nonce: randomUUID() });
  const result = await deps.http.post(pathOf(call.infno, { settings, profile }), {
    headers: { 'content-type': 'application/json; charset=utf-8', 'accept': 'application/json', ...gateway, ...settings.headers },
    body: JSON.stringify(envelope),
    timeoutMs: settings.timeouts.reply,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  return readExchange(result, { msgid, at: now });
}

/** A call inside a session. */
export interface Session {
  call(call: PlatformCall): Promise<Answer>;
}

/** @returns true when the platform says our sign-in is no longer good */
export function saysSignInAgain(answer: Answer, classify: Classify): boolean {
  return answer.kind === 'reply' && !answer.reply.ok && classify(answer.reply.code, answer.reply.text).then === 'sign-in-again';
}
