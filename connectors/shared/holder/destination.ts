import type { AskResult, SendResult } from '../../../adapter/domain/outcome.ts';
import type { Destination, DestinationDeps, Report, SendOptions } from '../../../adapter/ports/destination.ts';
import type { ProbeResult } from '../../../adapter/ports/probe.ts';
import type { HttpResult } from '../http.ts';
import { FillFault, type Model } from '../template/value.ts';
import { askResultOf, judgeReply, sendResultOf, type Judgement } from './judge.ts';
import { createPace } from './pace.ts';
import { partnerOf } from './partner.ts';
import { planEvent, planReversal } from './plan.ts';
import { probeHolder } from './probe.ts';
import type { HolderProfile, Operation, Query } from './profile.ts';
import { reportModel } from './report-model.ts';
import type { HolderSettings } from './settings.ts';

/** One call over the wire; `Request` is what the profile says of it. @throws FillFault before anything is sent */
export interface HolderTransport<Request> {
  readonly isSoap: boolean;
  /** base address, for the probe */
  readonly address: string;
  call(request: Request, scope: Model, signal: AbortSignal): Promise<HttpResult | Extract<Judgement, { kind: 'not-sent' }>>;
  stop(): Promise<void>;
}

export interface HolderParts<Request> {
  readonly deps: DestinationDeps<HolderSettings>;
  readonly profile: HolderProfile<Request>;
  readonly transport: HolderTransport<Request>;
}

type Called = { readonly kind: 'judged'; readonly judgement: Judgement } | { readonly kind: 'incomplete'; readonly detail: string };

/** The destination port over a profile and a wire: plan, send, ask; the same for SOAP and REST. */
export function createHolderDestination<Request>(parts: HolderParts<Request>): Destination {
  const { deps: { name, settings, clock, log, count, institutions }, profile, transport } = parts;
  const pace = createPace(settings.callsPerSecond, clock);

  /** One call, rendered, paced, sent and read. Nothing of it throws. */
  async function call(of: Operation<Request> | Query<Request>, report: Report, partner: Model, signal: AbortSignal): Promise<Called> {
    const scope = reportModel(report, { settings, constants: profile.constants, nowMs: clock.now(), partner });
    if (!(await pace.turn(signal))) return judged(of.name, { kind: 'not-sent', fault: { reason: 'TIMEOUT', peerText: '发送前被停止' } });
    let result: Awaited<ReturnType<typeof transport.call>>;
    try {
      result = await transport.call(of.request, scope, signal);
    } catch (error) {
      if (error instanceof FillFault) return { kind: 'incomplete', detail: error.message };
      // the HTTP client never throws: whatever does has kept the message from being made
      return judged(of.name, { kind: 'not-sent', fault: { reason: 'CONFIGURATION', peerText: `报文无法组成：${(error as Error).message.slice(0, 300)}` } });
    }
    if (result.kind === 'not-sent') return judged(of.name, result);
    const id = (scope['message'] as Model)['id'];
    const context = { reply: of.reply, isSoap: transport.isSoap, scope, maps: profile.maps, signKey: settings.signKey ?? '', expected: { 'report.key': report.key, 'message.id': typeof id === 'string' ? id : '' } };
    // it has been sent: whatever goes wrong in reading the answer leaves the outcome open
    return judged(of.name, await judgeReply(result, context).catch((error: unknown): Judgement => ({ kind: 'unclear', fault: { reason: 'BAD_REPLY', peerText: `应答无法判定：${(error as Error).message.slice(0, 300)}` } })));
  }

  function judged(method: string, judgement: Judgement): Called {
    noteCall(method, judgement);
    return { kind: 'judged', judgement };
  }

  function noteCall(method: string, judgement: Judgement): void {
    const result = judgement.kind === 'ruled' ? judgement.rule.then : judgement.kind === 'not-sent' ? 'not-sent' : judgement.fault.reason.toLowerCase();
    count('his_trace_mah_calls_total', { destination: name, method, result });
    if (judgement.kind !== 'ruled') log.warn('holder system call failed', { destination: name, method, reason: judgement.fault.reason });
  }

  async function send(report: Report, signal: AbortSignal): Promise<SendResult> {
    const operation = profile.operations.get(report.operation);
    if (operation === undefined) return { kind: 'rejected', reason: 'CONFIGURATION', peerText: `对接文件 ${profile.file} 中没有操作 ${report.operation}` };
    const partner = partnerOf(report.reported.event.counterparty, operation.partner, settings.partners);
    if (partner.kind === 'missing') return { kind: 'rejected', reason: 'OWNER_UNKNOWN', peerText: partner.detail };
    const called = await call(operation, report, partner.model, signal);
    if (called.kind === 'incomplete') return { kind: 'rejected', reason: 'MISSING_FIELD', peerText: called.detail };
    return sendResultOf(called.judgement, report.codes);
  }

  async function ask(report: Report, signal: AbortSignal): Promise<AskResult> {
    const operation = profile.operations.get(report.operation);
    const query = operation?.query === undefined ? undefined : profile.queries.get(operation.query);
    if (operation === undefined || query === undefined) return withoutQuery(report, operation, profile, clock.now());
    const called = await call(query, report, {}, signal);
    if (called.kind === 'incomplete') return { kind: 'cannot-ask', why: `查询无法组成：${called.detail}` };
    return askResultOf(called.judgement, report.codes);
  }

  return {
    name,
    regime: 'mah',
    limits: { batch: 1, concurrency: settings.concurrency },
    plan: (reported) => planEvent(reported, profile, settings),
    planReversal: (original, by) => planReversal(original, by, profile),
    send: (reports, { signal }: SendOptions) => Promise.all(reports.map((report) => send(report, signal))),
    ask: (reports, { signal }: SendOptions) => Promise.all(reports.map((report) => ask(report, signal))),
    async stop() {
      pace.stop();
      await transport.stop();
    },
    probe: (): Promise<readonly ProbeResult[]> => probeHolder({ name, profile, address: transport.address, institutions, timeoutMs: settings.connectTimeout, ask: (query, report) => call(query, report, {}, AbortSignal.timeout(settings.replyTimeout)).then((called) => (called.kind === 'judged' ? called.judgement : undefined)) }),
  };
}

/**
 * A system that cannot be asked: nothing is sent again by itself, because nobody knows whether the first one arrived. Only where
 * its documentation says that the same key twice is one report (`idempotentByKey`) may it go out again, after the reply window.
 */
function withoutQuery(report: Report, operation: Operation<unknown> | undefined, profile: HolderProfile<unknown>, nowMs: number): AskResult {
  const since = report.lastSentAt ?? report.firstSentAt;
  if (since !== undefined && nowMs - since < profile.replyWindowMs) return { kind: 'no-answer', reason: 'TIMEOUT', peerText: '等待应答期限过去' };
  if (operation?.idempotentByKey === true) return { kind: 'absent' };
  return { kind: 'cannot-ask', why: `${profile.title}没有查询接口，无法确认是否收到单号 ${report.key}；请在该系统上核对，确认没有后再重发` };
}
