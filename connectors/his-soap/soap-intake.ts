import type { Language } from '../../adapter/domain/error.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { HisRecord, Interpretation, Interpreter } from '../../adapter/ports/his-record.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { Log } from '../../adapter/ports/log.ts';
import { createActionTable } from './actions.ts';
import type { Target } from './actions.ts';
import { composeAnswer } from './answer.ts';
import { decodeBody, encodeAnswer } from './charset.ts';
import type { DecodedBody } from './charset.ts';
import { readEnvelope } from './envelope.ts';
import type { ReadEnvelope } from './envelope.ts';
import { composeFault, faultOf, MEDIA_TYPES, statusOfFault, versionByType } from './fault.ts';
import type { Fault } from './fault.ts';
import { INTERPRETER, interpretersOf } from './interpret.ts';
import { aliveOutcome, outcomeOf, refusedOutcome } from './outcome.ts';
import type { CallOutcome } from './outcome.ts';
import { readPayload, tidyPayload } from './payload.ts';
import type { Hl7Reader, Payload } from './payload.ts';
import type { SoapSettings } from './settings.ts';
import { shapeOfCall, SHAPES } from './shapes.ts';
import type { Shape, SoapVersion } from './shapes.ts';
import { SoapServers } from './soap-servers.ts';
import type { Given } from './soap-servers.ts';
import { wsdlOf } from './wsdl.ts';

/** One call as HTTP brought it, from a caller who may send events. */
export interface SoapCall {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly language: Language;
  readonly requestId: string;
  /** institutions the caller may act for; at least one */
  readonly institutions: readonly string[];
}

export interface SoapReply {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly retryAfterMs?: number;
}

/** Hands a record to the intake; answers only when it is durable. */
export type Submit = (record: HisRecord, interpretation: Interpretation) => Promise<IntakeAnswer>;

export interface SoapIntakeDeps {
  readonly settings: SoapSettings;
  readonly hl7: Hl7Reader;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** The SOAP intake: what `POST /soap/his` and `?wsdl` do. */
export interface SoapIntake {
  readonly tokenInQuery: boolean;
  readonly maxBytes: number;
  /** names and operations of the service shapes, the first one is what plain `?wsdl` shows */
  readonly shapes: readonly { readonly name: string; readonly operation: string; readonly namespace: string }[];
  /** readers of stored records, by the name a record keeps */
  readonly interpreters: ReadonlyMap<string, Interpreter>;
  serve(call: SoapCall, submit: Submit): Promise<SoapReply>;
  /** @returns the WSDL of a shape, undefined when there is no such shape */
  wsdl(shape: string, location: string): string | undefined;
  /** @returns an error of the HTTP side as a fault, or undefined for callers that speak JSON */
  refuse(error: { readonly status: number; readonly code: string; readonly message: string; readonly action: string; readonly requestId: string; readonly language: Language }, contentType: string): SoapReply | undefined;
}

/** Ends the operation with a fault instead of an answer. */
class CallFault extends Error {
  constructor(readonly fault: Fault) { super(fault.code); }
}

interface Calling { readonly call: SoapCall; readonly submit: Submit; readonly decoded: DecodedBody; readonly version: SoapVersion }

/** Opens the intake; nothing runs before a call comes. */
export function createSoapIntake(deps: SoapIntakeDeps): SoapIntake {
  const { settings } = deps;
  const calls = new SoapCalls(deps);
  return {
    tokenInQuery: settings.tokenInQuery, maxBytes: settings.maxBytes,
    interpreters: interpretersOf({ maxEvents: settings.maxEvents, hl7: deps.hl7 }),
    shapes: SHAPES.map(({ name, operation, namespace }) => ({ name, operation, namespace })),
    serve: (call, submit) => calls.serve(call, submit),
    wsdl(name, location) {
      const shape = SHAPES.find((one) => one.name === name);
      const own = shape?.operation === 'HIPMessageServer' ? { ...shape, result: settings.resultElement } : shape;
      return own === undefined ? undefined : wsdlOf(own, { location: settings.address ?? location });
    },
    refuse(error, contentType) {
      if (/json/i.test(contentType)) return undefined;
      const version = versionByType(contentType);
      const xml = composeFault(version, { ...error, party: error.status >= 500 ? 'us' : 'caller' }, error);
      return { status: error.status, contentType: `${MEDIA_TYPES[version]}; charset=utf-8`, bytes: Buffer.from(xml, 'utf8') };
    },
  };
}

/** One call after the other through decode → envelope → soap → payload → intake → answer. */
class SoapCalls {
  readonly #deps: SoapIntakeDeps;
  readonly #actions: (action: string) => Target | undefined;
  readonly #servers = new SoapServers();

  constructor(deps: SoapIntakeDeps) {
    this.#deps = deps;
    this.#actions = createActionTable(deps.settings.actions);
  }

  async serve(call: SoapCall, submit: Submit): Promise<SoapReply> {
    const { settings } = this.#deps;
    const decoded = decodeBody(call.bytes, call.contentType);
    const at: Calling = { call, submit, decoded, version: versionByType(call.contentType) };
    if (call.bytes.byteLength > settings.maxBytes) {
      return this.#faultReply(faultOf('caller', refusal('RECORD_TOO_LARGE', { detail: `一次至多 ${String(settings.maxBytes)} 字节，收到 ${String(call.bytes.byteLength)} 字节` }), call.language), at);
    }
    if (decoded.kind === 'unreadable') return this.#refuseBytes(refusal('CHARSET_UNREADABLE', { field: 'charset', value: decoded.declared, detail: '请在 Content-Type 或 XML 声明中写明 utf-8 或 gbk' }), at);
    if (decoded.text.trim() === '') return this.#faultReply(faultOf('caller', refusal('RECORD_UNREADABLE', { detail: '请求体为空' }), call.language), at);
    const envelope = readEnvelope(decoded.text);
    if (envelope.kind === 'refused') {
      return this.#refuseBytes(refusal('RECORD_UNREADABLE', { detail: envelope.why }), { ...at, version: envelope.version ?? at.version }, envelope.versionMismatch === true ? 'version' : 'caller');
    }
    return this.#run(envelope, { ...at, version: envelope.version });
  }

  /** Lets soap run the operation of a readable envelope. */
  async #run(envelope: Extract<ReadEnvelope, { kind: 'call' }>, at: Calling): Promise<SoapReply> {
    const { version } = at;
    const shape = shapeOfCall({ ...envelope, names: envelope.given.map(({ name }) => name) }, this.#deps.settings.resultElement);
    if (shape === undefined) {
      const offered = [...new Set(SHAPES.map(({ operation }) => operation))].join('、');
      return this.#refuseBytes(refusal('REQUEST_INVALID', { field: 'operation', value: envelope.operation, detail: `没有这个操作；可用：${offered}` }), at);
    }
    try {
      const answer = await this.#servers.call({ version, shape, given: envelope.given }, (given) => this.#operate(given, shape, at));
      if (answer === undefined) return await this.#refuseBytes(refusal('RECORD_UNREADABLE', { detail: 'SOAP 报文无法解析（未定义的实体等）' }), at);
      return this.#reply(200, answer, at);
    } catch (thrown) {
      if (thrown instanceof CallFault) return this.#faultReply(thrown.fault, at);
      throw thrown;
    }
  }

  /** What the operation does: select by the action, read the payload, take it, answer. */
  async #operate(given: Given, shape: Shape, at: Calling): Promise<string> {
    const { settings, log, clock } = this.#deps;
    const { language, requestId } = at.call;
    const { action, payload } = argumentsOf(given, shape);
    const outcome = await this.#take(action, tidyPayload(payload), at);
    if (!outcome.ok) {
      log.warn('soap call not taken', { shape: shape.name, action: action.slice(0, 64), code: outcome.code, requestId });
      if (settings.refusals === 'fault') throw new CallFault({ party: 'caller', code: outcome.code, message: outcome.message, action: outcome.action });
    }
    return composeAnswer(outcome, { settings, shape: shape.name, language, requestId, nowMs: clock.now() });
  }

  async #take(action: string, text: string, at: Calling): Promise<CallOutcome> {
    const { language } = at.call;
    const target = this.#actions(action);
    if (target === 'ping') return aliveOutcome(language);
    if (text === '') return refusedOutcome(refusal('RECORD_UNREADABLE', { detail: '消息内容为空' }), '', language);
    const payload = this.#read(text, { target, action }, at.call);
    const answer = await at.submit(recordOf(text, payload), payload.meaning);
    if (answer.kind === 'unavailable') throw new CallFault(faultOf('us', answer.refusal, language, answer.retryAfterMs));
    return outcomeOf(answer, payload.messageId ?? payload.controlId, language);
  }

  #read(text: string, asked: { readonly target: Target | undefined; readonly action: string }, call: SoapCall): Payload {
    const { target, action } = asked;
    const { settings, hl7 } = this.#deps;
    const context = { institution: homeOf(call), source: INTERPRETER, interpreter: INTERPRETER, maxEvents: settings.maxEvents, hl7 };
    const payload = readPayload(text, target === undefined || target === 'note' ? 'event' : target, context);
    if (target === 'note') return { ...payload, meaning: { kind: 'noted', reason: `动作 ${action.slice(0, 64)} 按配置只留存` } };
    if (target !== undefined) return payload;
    const why = refusal('REQUEST_INVALID', { field: 'action', value: action, detail: '没有这个动作；请使用内置动作，或在 http.soap.actions 中配置' });
    return { ...payload, meaning: { kind: 'refused', refusal: why } };
  }

  /** Bytes that are no call of ours: kept whole in quarantine, then told as a fault. */
  async #refuseBytes(why: Refusal, at: Calling, party: Fault['party'] = 'caller'): Promise<SoapReply> {
    const { call, decoded } = at;
    const record: HisRecord = {
      institution: homeOf(call), source: INTERPRETER, controlId: '', media: 'xml', charset: decoded.kind === 'text' ? decoded.charset : 'unknown', bytes: call.bytes, interpreter: INTERPRETER,
    };
    const answer = await at.submit(record, { kind: 'refused', refusal: why });
    return this.#faultReply(answer.kind === 'unavailable' ? faultOf('us', answer.refusal, call.language, answer.retryAfterMs) : faultOf(party, why, call.language), at);
  }

  #faultReply(fault: Fault, at: Calling): SoapReply {
    this.#deps.log.warn('soap call refused', { code: fault.code, party: fault.party, requestId: at.call.requestId });
    const reply = this.#reply(statusOfFault(at.version, fault), composeFault(at.version, fault, at.call), at);
    return fault.retryAfterMs === undefined ? reply : { ...reply, retryAfterMs: fault.retryAfterMs };
  }

  #reply(status: number, xml: string, at: Calling): SoapReply {
    const own = this.#deps.settings.charset === 'request' && at.decoded.kind === 'text' ? at.decoded.named : 'utf-8';
    const { bytes, charset } = encodeAnswer(xml, own);
    return { status, contentType: `${MEDIA_TYPES[at.version]}; charset=${charset}`, bytes };
  }
}

/** Where a record that names no institution is filed: where the token leaves no doubt, else the intake decides. */
function homeOf(call: SoapCall): string {
  return call.institutions.length === 1 ? (call.institutions[0] ?? '') : '';
}

function recordOf(text: string, payload: Payload): HisRecord {
  const { institution, source, controlId, media, toldKind } = payload;
  return { institution, source, controlId, media, charset: 'utf-8', bytes: Buffer.from(text, 'utf8'), interpreter: toldKind === undefined ? INTERPRETER : `${INTERPRETER}:${toldKind}` };
}

/** By name without case, else by place: DHC calls them input1 and input2, JAX-WS arg0 and arg1. One argument alone is the payload. */
function argumentsOf(given: Given, shape: Shape): { readonly action: string; readonly payload: string } {
  const named = (name: string): string | undefined => given.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
  const action = named(shape.selector);
  const payload = named(shape.payload);
  if (action !== undefined || payload !== undefined) return { action: action ?? '', payload: payload ?? '' };
  return given.length === 1 ? { action: '', payload: given[0]?.[1] ?? '' } : { action: given[0]?.[1] ?? '', payload: given[1]?.[1] ?? '' };
}
