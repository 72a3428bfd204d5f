import { chinaCompact } from '../../../adapter/domain/china-time.ts';
import { CallCounter, type Book } from '../book.ts';
import type { FaultRule } from '../fault-rule.ts';
import type { Journal } from '../journal.ts';
import { asObject, type Platform, type PlatformReply, type PlatformRequest } from '../platform.ts';
import { insuranceBook, type InsuranceEntry } from './book.ts';
import { openBeijingRequest, sealBeijingReply } from './crypto-beijing.ts';
import { sealSignedReply } from './crypto-envelope.ts';
import { deleteRows } from './deletions.ts';
import { envelopeCrypto, readEnvelope, type Message } from './envelope.ts';
import { insuranceSpec } from './field-table.ts';
import { FileDesk, type FileOutcome } from './files.ts';
import { checkGateway, NonceMemory } from './gateway.ts';
import { infnoOfPath } from './paths.ts';
import { query } from './queries.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import { reply, transportReply, type ReplyFrame } from './replies.ts';
import { sessionProblem, signIn, signOut } from './sessions.ts';
import type { InsuranceSettings } from './settings.ts';
import { dressSoap, openSoap } from './soap.ts';
import { InsuranceState } from './state.ts';
import { TokenDesk } from './tokens.ts';
import { readRows, upload, type RowVerdict } from './uploads.ts';

type Outcome = FileOutcome;

/** The fake national insurance platform. */
export class InsurancePlatform implements Platform {
  readonly name = 'insurance';
  readonly #settings: InsuranceSettings;
  readonly #now: () => number;
  readonly #state: InsuranceState;
  readonly #calls = new CallCounter();
  readonly #nonces = new NonceMemory();
  readonly #tokens: TokenDesk;
  readonly #files = new FileDesk();
  #sequence = 0;
  #repeatedMessageIds = 0;

  constructor(options: { readonly settings: InsuranceSettings; readonly journal: Journal; readonly now: () => number }) {
    this.#settings = options.settings;
    this.#now = options.now;
    this.#tokens = new TokenDesk(options.settings.oauth);
    this.#state = new InsuranceState(options.journal);
  }

  operationOf(request: PlatformRequest): string {
    const named = infnoOfPath(request.path, this.#settings);
    if (named !== undefined && named !== 'any') return named;
    const text = request.body.toString('utf8').replaceAll('&quot;', '"');
    const infno = /"(?:infno|MSG_TYPE)"\s*:\s*"([0-9A-Z]{1,8})"|infno&gt;([0-9A-Z]{1,8})&lt;/.exec(text);
    const said = infno?.[1] ?? infno?.[2] ?? 'unknown';
    return this.#settings.rules.numbers?.[said] ?? said;
  }

  countCall(operation: string): void {
    this.#calls.call(operation);
  }

  answer(request: PlatformRequest): PlatformReply {
    const now = this.#now();
    const operation = this.operationOf(request);
    if (operation === 'token') return this.#tokens.answer(request, now);
    const opened = this.#settings.soap === undefined || infnoOfPath(request.path, this.#settings) === undefined ? request : openSoap(request, this.#settings.soap);
    if ('fault' in opened) {
      this.#calls.refuse({ operation, text: String(opened.fault.value), at: now });
      return opened.fault;
    }
    return this.#dressed(request, this.#answerPlain({ ...request, body: opened.body }, { now, operation }));
  }

  #answerPlain(request: PlatformRequest, { now, operation }: { readonly now: number; readonly operation: string }): PlatformReply {
    const { outcome, region } = this.#handle(request, now);
    const frame = this.#frame(now, region);
    if ('file' in outcome) return { status: 200, contentType: 'application/octet-stream', value: '', render: () => '', bytes: outcome.file };
    if (!('refusal' in outcome)) return reply(frame, { infcode: 0, output: outcome.output });
    const { refusal } = outcome;
    this.#calls.refuse({ operation, text: refusal.text, at: now });
    if (refusal.level === 'transport') return transportReply(refusal.code ?? 400, refusal.text);
    if (refusal.level === 'result' && resultNodeOf(operation)) return reply(frame, { infcode: 0, output: failedResult(refusal.text) });
    return reply(frame, { infcode: refusal.level === 'message' ? (refusal.code ?? -1) : -1, error: refusal.text, output: null });
  }

  faultReply(request: PlatformRequest, kind: 'throttle' | 'errorBody' | 'refuse', rule: FaultRule): PlatformReply {
    const operation = this.operationOf(request);
    if (kind === 'throttle') return { ...transportReply(429, rule.text ?? 'Too Many Requests'), contentType: 'text/html' };
    const frame = this.#frame(this.#now(), '');
    if (rule.effect === 'retRsltZero' || (kind === 'refuse' && resultNodeOf(operation))) return this.#dressed(request, reply(frame, { infcode: 0, output: failedResult(rule.text ?? '医保目录编码不存在') }));
    return this.#dressed(request, reply(frame, { infcode: Number(rule.code ?? '-1'), error: rule.text ?? '系统繁忙,请稍后再试', output: null }));
  }

  misplaceSuccess(value: unknown): unknown {
    const { output, ...outer } = asObject(value) ?? {};
    return { ...outer, ...asObject(asObject(output)?.['result']), output: {} };
  }

  wrongId(value: unknown): unknown {
    return { ...asObject(value), inf_refmsgid: `000000${chinaCompact(0)}0000000000` };
  }

  pad(value: unknown, bytes: number): unknown {
    return { ...asObject(value), warn_msg: 'x'.repeat(bytes) };
  }

  get book(): Book<InsuranceEntry> {
    return insuranceBook(this.#state, this.#calls);
  }

  /** Repeated msgids and nonces, unknown fields: tolerated or refused, counted in any case. */
  get notes(): Readonly<Record<string, number>> {
    return { repeatedMessageIds: this.#repeatedMessageIds, replayedNonces: this.#nonces.replayed, ...this.#calls.notes };
  }

  bookDocument(): Readonly<Record<string, unknown>> {
    const { entries, reportsByKey, doubleKeys, doubleCodes, callsByOperation, refusals } = this.book;
    return { platform: this.name, counts: { committed: entries.length, live: entries.filter((entry) => entry.live).length }, doubleKeys, doubleCodes, callsByOperation, notes: this.notes, refusals, reportsByKey, entries };
  }

  /** Makes every token bad, as a restart of the token service does. */
  revokeTokens(): void {
    this.#tokens.revokeAll();
  }

  reset(): void {
    this.#state.reset();
    this.#calls.reset();
    this.#nonces.replayed = 0;
    this.#repeatedMessageIds = 0;
  }

  /** The reply as the region sends it: signed, sealed, inside SOAP. What a fault changes is changed before. */
  #dressed(request: PlatformRequest, plain: PlatformReply): PlatformReply {
    const settings = this.#settings;
    const secured = !plain.contentType.startsWith('application/json') ? plain : { ...plain, render: (value: unknown) => JSON.stringify(this.#secured(request, asObject(value) ?? {})) };
    return settings.soap === undefined ? secured : dressSoap(secured, settings.soap);
  }

  #secured(request: PlatformRequest, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const settings = this.#settings;
    if (settings.rules.form !== 'beijing') return sealSignedReply(value, envelopeCrypto(settings));
    const opened = openBeijingRequest(bodyOf(request), settings.sm4Key ?? '');
    const { output, ...rest } = value;
    if ('problem' in opened || output === undefined || output === null) return rest;
    return sealBeijingReply({ ...rest, OUT_DATA: output }, opened, settings.sm4Key ?? '');
  }

  #frame(now: number, region: string): ReplyFrame {
    this.#sequence += 1;
    return { settings: this.#settings, region: region === '' ? '000000' : region, receivedAt: now, sequence: this.#sequence };
  }

  #handle(request: PlatformRequest, now: number): { readonly outcome: Outcome; readonly region: string } {
    const named = infnoOfPath(request.path, this.#settings);
    if (named === undefined) return { outcome: { refusal: { level: 'transport', code: 404, text: 'Not Found' } }, region: '' };
    const gate = checkGateway(request, { settings: this.#settings, nonces: this.#nonces, tokens: this.#tokens, now });
    if ('refusal' in gate) return { outcome: gate, region: '' };
    const onUnknown = (name: string): void => {
      this.#calls.note(`unknown field ${this.operationOf(request)} ${name.slice(0, 60)}`);
    };
    const opened = readEnvelope(request, { settings: this.#settings, account: gate.account, infnoOfPath: named === 'any' ? undefined : named, now, onUnknown });
    if ('refusal' in opened) return { outcome: opened, region: '' };
    const { message } = opened;
    return { outcome: this.#take(message) ?? this.#perform(message, now, onUnknown), region: message.region };
  }

  /** A msgid is used up by arriving, whatever becomes of the message. */
  #take(message: Message): Outcome | undefined {
    if (this.#state.hasMessage(message.messageId)) {
      this.#repeatedMessageIds += 1;
      return { refusal: messageRefusal(`msgid(发送方报文ID)重复:${message.messageId}`) };
    }
    this.#state.record({ kind: 'message', id: message.messageId });
    if (!this.#settings.signIn || message.infno === '9001') return undefined;
    const problem = sessionProblem(message, this.#state);
    return problem === undefined ? undefined : { refusal: messageRefusal(problem) };
  }

  #perform(message: Message, now: number, onUnknown: (name: string) => void): Outcome {
    const read = readRows(message);
    if ('refusal' in read) return read;
    for (const name of Object.keys(message.input)) if (name !== insuranceSpec().transactions[message.infno]?.node) onUnknown(`input.${name}`);
    const context = { message, state: this.#state, settings: this.#settings, onUnknown };
    const [first = {}] = read.rows;
    switch (insuranceSpec().transactions[message.infno]?.direction) {
      case 'session': {
        const answer = message.infno === '9001' ? signIn(first, context) : signOut(first, context);
        return 'refusal' in answer ? answer : { output: { [outputNodeOf(message.infno) ?? 'output']: answer.output } };
      }
      case 'query': {
        const found = query(first, context);
        if ('refusal' in found) return found;
        return { output: this.#settings.replyStyle.queryRows === 'bare' ? found.rows : { output: found.rows } };
      }
      case 'catalogue': case 'file': return this.#files.answer(first, { message, settings: this.#settings, now, onUnknown });
      case 'delete': return this.#written(message.infno, deleteRows(read.rows, context));
      default: return this.#written(message.infno, upload(read.rows, context));
    }
  }

  /** No output (3501, 3501A, 3502), one overall result, or the list of failed rows. */
  #written(infno: string, outcome: { readonly verdicts: readonly RowVerdict[] } | { readonly refusal: Refusal }): Outcome {
    if ('refusal' in outcome) return outcome;
    const node = outputNodeOf(infno);
    if (node === null) return { output: null };
    if (node === 'result') return { output: { result: { retRslt: '1', msgRslt: '' } } };
    const names = insuranceSpec().transactions[infno]?.output.fields.map((field) => field.name) ?? [];
    const shown = outcome.verdicts.filter((verdict) => verdict.problem !== undefined || this.#settings.rowResults === 'all');
    return {
      output: {
        [node]: shown.map(({ fields, problem }) => ({
          ...Object.fromEntries(names.map((name) => [name, typeof fields[name] === 'string' ? fields[name] : ''])),
          retRslt: problem === undefined ? '1' : '0',
          msgRslt: (problem ?? '').slice(0, 2_000),
        })),
      },
    };
  }
}

function bodyOf(request: PlatformRequest): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(request.body.toString('utf8'))) ?? {};
  } catch {
    return {};
  }
}

function outputNodeOf(infno: string): string | null {
  return insuranceSpec().transactions[infno]?.output.node ?? null;
}

function resultNodeOf(infno: string): boolean {
  return outputNodeOf(infno) === 'result';
}

function failedResult(text: string): unknown {
  return { result: { retRslt: '0', msgRslt: text.slice(0, 2_000) } };
}
