import { randomBytes } from 'node:crypto';
import { CallCounter, type Book } from '../book.ts';
import type { FaultRule } from '../fault-rule.ts';
import type { Journal } from '../journal.ts';
import { asObject, type CommitHint, type Platform, type PlatformReply, type PlatformRequest } from '../platform.ts';
import { failure, type Answer, type MethodContext } from './answer.ts';
import { mahBook, type MahEntry } from './book.ts';
import { codeWarning } from './code-warnings.ts';
import { codeDetail, drugTable, relation } from './drugs.ts';
import { entInfo, entInfoList, listPartners, serviceEnd } from './enterprises.ts';
import { CallLimiter, checkCall, formatOf, parametersOf, throttled, type Call } from './gateway.ts';
import { callerOf, identityProblem } from './identity.ts';
import { billCount, billDetail, billStatus, partSuccess, searchBills } from './own-bills.ts';
import { checkParameters } from './parameter-check.ts';
import { errorReply, methodReply } from './reply.ts';
import type { MahSettings } from './settings.ts';
import { MahState } from './state.ts';
import { listUpOut, upBillCode, upOutBillCount, upOutDetail } from './upstream.ts';
import { uploadBill } from './uploads.ts';

const PATH = '/router/rest';

const METHODS: Readonly<Record<string, (context: MethodContext) => Answer>> = {
  'alibaba.alihealth.drugtrace.top.yljg.uploadinoutbill': uploadBill,
  'alibaba.alihealth.drugtrace.top.yljg.uploadretail': uploadBill,
  'alibaba.alihealth.drugtrace.top.yljg.query.billstatus': billStatus,
  'alibaba.alihealth.drugtrace.top.yljg.listbillprocesspartsuccess': partSuccess,
  'alibaba.alihealth.drug.yljg.searchbill': searchBills,
  'alibaba.alihealth.drug.yljg.retail.searchbill': searchBills,
  'alibaba.alihealth.drug.yljg.searchbill.detail': billDetail,
  'alibaba.alihealth.drugtrace.top.yljg.query.upbilldetail': billDetail,
  'alibaba.alihealth.drug.yljg.query.billcount': billCount,
  'alibaba.alihealth.drug.yljg.query.upoutbillcount': upOutBillCount,
  'alibaba.alihealth.drug.myj.codewarn.getwarninfo': codeWarning,
  'alibaba.alihealth.drug.yljg.getentinfolist': entInfoList,
  'alibaba.alihealth.drugtrace.top.yljg.query.getentinfo': entInfo,
  'alibaba.alihealth.drugtrace.top.yljg.query.listparts': listPartners,
  'alibaba.alihealth.drugtrace.top.yljg.service.getenddate': serviceEnd,
  'alibaba.alihealth.drugtrace.top.yljg.query.codedetail': codeDetail,
  'alibaba.alihealth.drugtrace.top.yljg.query.relation': relation,
  'alibaba.alihealth.drugtrace.top.yljg.drugtable': drugTable,
  'alibaba.alihealth.drugtrace.top.yljg.query.upbillcode': upBillCode,
  'alibaba.alihealth.drugtrace.top.yljg.listupout': listUpOut,
  'alibaba.alihealth.drugtrace.top.yljg.listupout.detail': upOutDetail,
};
/** Methods without a caller of their own: the old look-up by name, and the scan whose table leaves ref_ent_id optional. */
const CALLER_OPTIONAL = new Set(['alibaba.alihealth.drugtrace.top.yljg.query.getentinfo', 'alibaba.alihealth.drugtrace.top.yljg.query.upbillcode']);

/** The fake MAH trace system behind its gateway. */
export class MahPlatform implements Platform {
  readonly name = 'mah';
  readonly #settings: MahSettings;
  readonly #now: () => number;
  readonly #state: MahState;
  readonly #calls = new CallCounter();
  readonly #limiter: CallLimiter;

  constructor(options: { readonly settings: MahSettings; readonly journal: Journal; readonly now: () => number }) {
    this.#settings = options.settings;
    this.#now = options.now;
    this.#state = new MahState(options.journal, options.settings);
    this.#limiter = new CallLimiter(options.settings.limit);
  }

  operationOf(request: PlatformRequest): string {
    return parametersOf(request).get('method') ?? 'unknown';
  }

  countCall(operation: string): void {
    this.#calls.call(operation);
  }

  answer(request: PlatformRequest, hint: CommitHint): PlatformReply {
    const now = this.#now();
    const operation = this.operationOf(request);
    if (request.path !== PATH) return { status: 404, contentType: 'text/html', value: '', render: () => '<html><body><h1>404 Not Found</h1></body></html>' };
    const format = formatOf(parametersOf(request));
    const checked = checkCall(request, this.#settings, this.#limiter, now);
    const answer: Answer = 'error' in checked ? checked : this.#perform(checked.call, hint, now);
    if ('error' in answer) {
      this.#calls.refuse({ operation, text: `${String(answer.error.code)} ${answer.error.subMessage}`, at: now });
      return errorReply(answer.error, requestId(), format);
    }
    if (answer.refused !== undefined) this.#calls.refuse({ operation, text: answer.refused, at: now });
    return methodReply(operation, { ...answer.value, request_id: requestId() }, format);
  }

  faultReply(request: PlatformRequest, kind: 'throttle' | 'errorBody' | 'refuse', rule: FaultRule): PlatformReply {
    const parameters = parametersOf(request);
    const operation = this.operationOf(request);
    const format = formatOf(parameters);
    if (kind === 'throttle') return errorReply(throttled(Math.max(1, Math.ceil((rule.ms ?? 1_000) / 1_000))).error, requestId(), format);
    if (kind === 'errorBody') return errorReply({ code: Number(rule.code ?? '15'), subCode: 'isp.remote-service-error', subMessage: rule.text ?? '系统繁忙,请稍后再试' }, requestId(), format);
    const refused = failure(operation, rule.code ?? 'FAIL', rule.text ?? '药品信息不存在');
    return methodReply(operation, { ...('value' in refused ? refused.value : {}), request_id: requestId() }, format);
  }

  /** The flag goes where the other family of methods has it. */
  misplaceSuccess(value: unknown): unknown {
    const { result, response_success: flag, ...rest } = asObject(value) ?? {};
    const inner = asObject(result);
    if (inner === undefined) return { ...rest, result: { response_success: flag } };
    const { response_success: nested, success, ...payload } = inner;
    return { ...rest, response_success: nested ?? success, result: payload };
  }

  wrongId(value: unknown): unknown {
    return { ...asObject(value), request_id: 'another-exchange' };
  }

  pad(value: unknown, bytes: number): unknown {
    return { ...asObject(value), padding: 'x'.repeat(bytes) };
  }

  get book(): Book<MahEntry> {
    return mahBook(this.#state, this.#calls, this.#now());
  }

  get throttled(): number {
    return this.#limiter.throttled;
  }

  bookDocument(): Readonly<Record<string, unknown>> {
    const { entries, reportsByKey, doubleKeys, doubleCodes, callsByOperation, refusals } = this.book;
    return { platform: this.name, counts: { committed: entries.length, live: entries.filter((entry) => entry.live).length }, doubleKeys, doubleCodes, callsByOperation, notes: { throttled: this.throttled }, refusals, reportsByKey, entries };
  }

  reset(): void {
    this.#state.reset();
    this.#calls.reset();
  }

  #perform(call: Call, hint: CommitHint, now: number): Answer {
    const error = checkParameters(call, this.#settings.maxCodes);
    if (error !== undefined) return { error };
    const context: MethodContext = { call, hint, now, state: this.#state, settings: this.#settings, text: (name) => call.parameters.get(name) ?? '' };
    const problem = identityProblem(context);
    if (problem !== undefined) return failure(call.method, 'FAIL', problem);
    if (!CALLER_OPTIONAL.has(call.method) && callerOf(context) === undefined) return failure(call.method, 'FAIL', '企业不存在或未授权给该应用');
    const method = METHODS[call.method];
    return method === undefined ? { error: { code: 22, subCode: 'isv.invalid-method', subMessage: `不存在的方法${call.method}` } } : method(context);
  }
}

function requestId(): string {
  return randomBytes(8).toString('hex');
}
