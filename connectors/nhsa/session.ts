import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { Classify } from './answers.ts';
import type { Answer, CallFault } from './exchange.ts';
import { saysSignInAgain } from './platform.ts';
import type { CallPlatform, PlatformCall, Session } from './platform.ts';
import { member, textOf } from './reply.ts';
import type { NhsaSettings } from './settings.ts';
import { thisStation } from './station.ts';

export interface SessionDeps {
  /** key of the destination in the configuration */
  readonly name: string;
  readonly settings: NhsaSettings;
  readonly signsIn: boolean;
  readonly call: CallPlatform;
  readonly classify: Classify;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
}

interface SignedIn { readonly signNo: string; readonly day: string }
type SignInResult = SignedIn | CallFault;

/** after a failed sign-in the next one waits this long: callers in between get the same answer */
const HOLD_OFF_MS = 3_000;

/**
 * Sign-in (签到, 9001): one per institution and day, remembered over restarts, shared by concurrent callers, renewed when the day
 * changes and once per call when the platform says it is not good. A call that cannot be signed in is provably not sent.
 */
export class SignedSession implements Session {
  readonly #known = new Map<string, SignedIn>();
  readonly #underWay = new Map<string, Promise<SignInResult>>();
  readonly #renewedAt = new Map<string, number>();
  readonly #failed = new Map<string, { readonly until: number; readonly fault: CallFault }>();

  constructor(private readonly deps: SessionDeps) {}

  async call(call: PlatformCall): Promise<Answer> {
    if (!this.deps.signsIn) return this.deps.call(call, '');
    const first = await this.signIn(call.institution);
    if ('kind' in first) return withoutSignIn(first);
    const answer = await this.deps.call(call, first.signNo);
    if (!saysSignInAgain(answer, this.deps.classify)) return answer;
    // the platform refused before doing anything: the same business may go out once more under a new sign-in
    const second = await this.signIn(call.institution, first.signNo);
    return 'kind' in second ? withoutSignIn(second) : this.deps.call(call, second.signNo);
  }

  /** @returns whether today's sign-in is at hand, so that the next call would not sign in */
  async isSignedIn(institution: Institution): Promise<boolean> {
    return (await this.#recall(institution))?.day === this.#today();
  }

  /** @param notGood a sign_no the platform has refused: another one is fetched, unless another caller already has */
  async signIn(institution: Institution, notGood?: string): Promise<SignInResult> {
    const known = await this.#recall(institution);
    if (known?.day === this.#today() && known.signNo !== notGood) return known;
    const underWay = this.#underWay.get(institution.code);
    if (underWay !== undefined) return underWay;
    const failed = this.#failed.get(institution.code);
    if (failed !== undefined && this.deps.clock.now() < failed.until) return failed.fault;
    if (notGood !== undefined && this.#renewedLately(institution)) return { kind: 'unavailable', reason: 'AUTH', peerText: '刚重新签到，平台仍说签到无效' };
    const signing = this.#fetch(institution).finally(() => this.#underWay.delete(institution.code));
    this.#underWay.set(institution.code, signing);
    return signing;
  }

  /** Signs out (9002) what is signed in; failures are logged, nothing depends on them. */
  async signOut(institutions: readonly Institution[], signal: AbortSignal): Promise<void> {
    for (const institution of institutions) {
      const known = this.#known.get(institution.code);
      if (known === undefined || signal.aborted) continue;
      const input = { signOut: { sign_no: known.signNo, opter_no: this.deps.settings.operator.code } };
      const answer = await this.deps.call({ infno: '9002', institution, input, signal }, known.signNo);
      this.#known.delete(institution.code);
      await this.#remember(institution, '');
      if (answer.kind !== 'reply' || !answer.reply.ok) this.deps.log.warn('nhsa sign-out failed', { institution: institution.code });
    }
  }

  async #fetch(institution: Institution): Promise<SignInResult> {
    const day = this.#today();
    const { settings } = this.deps;
    const station = thisStation(settings);
    const input = { signIn: { opter_no: settings.operator.code, mac: station.mac, ip: station.ip } };
    // no signal: others wait for the same sign-in
    const answer = await this.deps.call({ infno: '9001', institution, input }, '');
    const signNo = answer.kind === 'reply' && answer.reply.ok ? signNoOf(answer.reply.output) : '';
    if (signNo === '') {
      const fault = signInFault(answer, this.deps.classify);
      this.#failed.set(institution.code, { until: this.deps.clock.now() + HOLD_OFF_MS, fault });
      this.deps.log.warn('nhsa sign-in failed', { institution: institution.code, reason: fault.reason });
      return fault;
    }
    const signedIn: SignedIn = { signNo, day };
    this.#failed.delete(institution.code);
    this.#known.set(institution.code, signedIn);
    await this.#remember(institution, JSON.stringify(signedIn));
    return signedIn;
  }

  /** A platform that refuses every sign-in must not be asked for a new one with every call. */
  #renewedLately(institution: Institution): boolean {
    const now = this.deps.clock.now();
    const last = this.#renewedAt.get(institution.code);
    if (last !== undefined && now >= last && now - last < HOLD_OFF_MS) return true;
    this.#renewedAt.set(institution.code, now);
    return false;
  }

  /** The memory spares a sign-in after a restart; without it the business goes on. */
  async #remember(institution: Institution, text: string): Promise<void> {
    try {
      await this.deps.counters.remember(institution.code, this.#memory(), text);
    } catch (error) {
      this.deps.log.warn('nhsa sign-in not remembered', { institution: institution.code, error: (error as Error).message });
    }
  }

  async #recall(institution: Institution): Promise<SignedIn | undefined> {
    const known = this.#known.get(institution.code);
    if (known !== undefined) return known;
    const read = readSignedIn(await this.deps.counters.recall(institution.code, this.#memory()).catch(() => undefined));
    // another caller may have signed in while we read
    const now = this.#known.get(institution.code) ?? read;
    if (now !== undefined) this.#known.set(institution.code, now);
    return now;
  }

  #memory(): string {
    return `nhsa-sign-in:${this.deps.name}:${this.deps.settings.operator.code}`;
  }

  #today(): string {
    return chinaDate(this.deps.clock.now());
  }
}

/** The business was not sent: its rows cannot be what was refused. */
function withoutSignIn(fault: CallFault): CallFault {
  return fault.kind === 'unavailable' ? { ...fault, signIn: true } : fault;
}

/** `signinoutb.sign_no`; some platforms leave the node out. */
function signNoOf(output: unknown): string {
  const signNo = textOf(member(member(output, 'signinoutb') ?? output, 'sign_no'));
  return signNo.length <= 30 ? signNo : '';
}

/** A sign-in that failed keeps its callers' reports unsent, whatever became of the sign-in itself. */
function signInFault(answer: Answer, classify: Classify): CallFault {
  if (answer.kind === 'unavailable') return answer;
  if (answer.kind === 'unknown') return { ...answer, kind: 'unavailable', peerText: `签到没有得到应答：${answer.peerText ?? ''}` };
  if (answer.reply.ok) return { kind: 'unavailable', reason: 'BAD_REPLY', peerText: '签到的应答中没有 sign_no' };
  const { reason, then } = classify(answer.reply.code, answer.reply.text);
  return { kind: 'unavailable', reason: then === 'park' || then === 'prove' ? 'AUTH' : reason, peerCode: answer.reply.code, peerText: `签到失败：${answer.reply.text}` };
}

function readSignedIn(text: string | undefined): SignedIn | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const parsed = JSON.parse(text) as Partial<SignedIn>;
    return typeof parsed.signNo === 'string' && typeof parsed.day === 'string' ? { signNo: parsed.signNo, day: parsed.day } : undefined;
  } catch {
    return undefined;
  }
}
