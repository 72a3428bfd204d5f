import { createHash, createHmac, randomUUID } from 'node:crypto';
import { chinaCompact, chinaDate, chinaDateTime } from '../../adapter/domain/china-time.ts';
import type { Sandbox } from '../../plugins/sandbox/index.ts';

/** Requests to the sandbox written by hand from the specification, so that it is not tested with the product's own connectors. */
type Fields = Record<string, unknown>;

export const INSTITUTION = 'H35010200001';
export const OPERATOR = '001';
/** today in China, as the wire writes it */
export const today = (): string => chinaDate(Date.now());
export const moment = (): string => chinaDateTime(Date.now());

let sequence = 0;
/** @returns msgid: institution, time, four digits that never repeat within a second of one run */
export function messageId(institution = INSTITUTION): string {
  sequence = (sequence + 1) % 10_000;
  return `${institution}${chinaCompact(Date.now())}${String(sequence).padStart(4, '0')}`;
}

export interface InsuranceReply {
  readonly status: number;
  readonly text: string;
  readonly infcode: unknown;
  readonly error: string;
  readonly output: Fields;
  readonly body: Fields;
}

export interface InsuranceCall {
  readonly infno: string;
  readonly input: unknown;
  readonly signNo?: string;
  /** replaces or (with undefined) removes envelope members */
  readonly envelope?: Fields;
  /** replaces or (with undefined) removes headers */
  readonly headers?: Record<string, string | undefined>;
  readonly path?: string;
  readonly digest?: string;
  readonly timestamp?: number;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** Sends one message; every part can be spoilt. Throws what fetch throws when the connection breaks. */
export async function callInsurance(sandbox: Sandbox, call: InsuranceCall): Promise<InsuranceReply> {
  const { paasId, paasToken, url } = sandbox.insurance;
  const timestamp = String(call.timestamp ?? Math.floor(Date.now() / 1_000));
  const nonce = randomUUID();
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json;charset=utf-8', 'x-tif-paasid': paasId, 'x-tif-timestamp': timestamp, 'x-tif-nonce': nonce,
    'x-tif-signature': createHash(call.digest ?? 'sha256').update(`${timestamp}${paasToken}${nonce}${timestamp}`).digest('hex'), ...call.headers,
  };
  const envelope: Fields = {
    infno: call.infno, msgid: messageId(), mdtrtarea_admvs: '350102', insuplc_admdvs: '350100', recer_sys_code: 'YBXT', infver: 'V1.0', opter_type: '1', opter: OPERATOR, opter_name: '系统',
    inf_time: moment(), fixmedins_code: INSTITUTION, fixmedins_name: '示范医院', sign_no: call.signNo ?? '', input: call.input, ...call.envelope,
  };
  const session = { 9001: '/fsi/api/signInSignOutService/signIn', 9002: '/fsi/api/signInSignOutService/signOut' }[call.infno];
  const reply = await fetch(`${url}${call.path ?? session ?? `/fsi/api/goodsService/${call.infno}`}`, {
    method: 'POST', headers: definedOnly(headers), body: call.body ?? JSON.stringify(envelope), ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const text = await reply.text();
  const body = parsed(text);
  return { status: reply.status, text, body, infcode: body['infcode'], error: textOf(body['err_msg']), output: (body['output'] ?? {}) as Fields };
}

/** 9001. @returns the sign-in number */
export async function signInNow(sandbox: Sandbox, operator = OPERATOR): Promise<string> {
  const reply = await callInsurance(sandbox, { infno: '9001', input: { signIn: { opter_no: operator, mac: '00-00-00-00-00-00', ip: '127.0.0.1' } }, envelope: { opter: operator } });
  return textOf(((reply.output['signinoutb'] ?? {}) as Fields)['sign_no']);
}

/** A complete 3505 row of a whole pack sold to a self-paying patient. */
export function saleRow(key: string, codes: readonly string[], change: Fields = {}): Fields {
  return definedOnly({
    med_list_codg: 'XA0000', fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '示范药品', fixmedins_bchno: key, prsc_dr_name: '医师甲', phar_name: '药师甲', phar_prac_cert_no: 'P1',
    mdtrt_sn: 'V1', manu_lotnum: 'A2401', manu_date: '2026-01-02', expy_end: '2027-12-31', rx_flag: '1', trdn_flag: '0', finl_trns_pric: '12.500000', rtal_docno: 'CF1',
    sel_retn_cnt: '1', sel_retn_time: moment(), sel_retn_opter_name: '药师甲', mdtrt_setl_type: '2', hi_feesetl_type: '0', drugtracinfo: codes.map((code) => ({ drug_trac_codg: code })), ...change,
  });
}

/** A complete 3506 row. */
export function returnRow(key: string, codes: readonly string[], change: Fields = {}): Fields {
  return definedOnly({
    fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '示范药品', fixmedins_bchno: key, manu_lotnum: 'A2401', manu_date: '2026-01-02', rx_flag: '1', trdn_flag: '0', sel_retn_cnt: '1',
    sel_retn_time: moment(), sel_retn_opter_name: '药师甲', mdtrt_sn: 'V1', drugtracinfo: codes.map((code) => ({ drug_trac_codg: code })), ...change,
  });
}

/** A complete 3502 row, by default a purchase receipt (108). */
export function changeRow(key: string, codes: readonly string[], change: Fields = {}): Fields {
  return definedOnly({
    inv_chg_type: '108', fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '示范药品', fixmedins_bchno: key, pric: 12.5, cnt: 1, rx_flag: '1', inv_chg_time: moment(),
    drugtracinfo: codes.map((code) => ({ drug_trac_codg: code })), ...change,
  });
}

/** A complete 3503 row; with an invoice number it is a complete 3504 row too. */
export function purchaseRow(key: string, change: Fields = {}): Fields {
  return definedOnly({
    fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '示范药品', fixmedins_bchno: key, spler_name: '示范医药有限公司', manu_lotnum: 'A2401', prodentp_name: '示范制药', aprvno: '国药准字H00000001',
    manu_date: '2026-01-02', expy_end: '2027-12-31', purc_retn_cnt: '10', purc_invo_no: 'FP1', rx_flag: '1', purc_retn_stoin_time: moment(), purc_retn_opter_name: '库管甲', ...change,
  });
}

/** A complete 3501 row. */
export function countRow(key: string, codes: readonly string[], change: Fields = {}): Fields {
  return definedOnly({
    fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '示范药品', rx_flag: '1', invdate: today(), inv_cnt: 3, fixmedins_bchno: key, manu_date: '2026-01-02', expy_end: '2027-12-31',
    drugtracinfo: codes.map((code) => ({ drug_trac_codg: code })), ...change,
  });
}

const PREFIX = 'alibaba.alihealth.';
/** Full names by the last part. */
export const METHOD = {
  uploadInOut: `${PREFIX}drugtrace.top.yljg.uploadinoutbill`, uploadRetail: `${PREFIX}drugtrace.top.yljg.uploadretail`, billStatus: `${PREFIX}drugtrace.top.yljg.query.billstatus`,
  partSuccess: `${PREFIX}drugtrace.top.yljg.listbillprocesspartsuccess`, searchBill: `${PREFIX}drug.yljg.searchbill`, searchRetail: `${PREFIX}drug.yljg.retail.searchbill`,
  billDetail: `${PREFIX}drug.yljg.searchbill.detail`, upBillDetail: `${PREFIX}drugtrace.top.yljg.query.upbilldetail`, billCount: `${PREFIX}drug.yljg.query.billcount`,
  entInfoList: `${PREFIX}drug.yljg.getentinfolist`, entInfo: `${PREFIX}drugtrace.top.yljg.query.getentinfo`, listParts: `${PREFIX}drugtrace.top.yljg.query.listparts`,
  codeDetail: `${PREFIX}drugtrace.top.yljg.query.codedetail`, relation: `${PREFIX}drugtrace.top.yljg.query.relation`, upBillCode: `${PREFIX}drugtrace.top.yljg.query.upbillcode`,
  listUpOut: `${PREFIX}drugtrace.top.yljg.listupout`, upOutDetail: `${PREFIX}drugtrace.top.yljg.listupout.detail`, endDate: `${PREFIX}drugtrace.top.yljg.service.getenddate`,
  drugTable: `${PREFIX}drugtrace.top.yljg.drugtable`,
} as const;

export interface MahCallOptions {
  readonly signMethod?: 'md5' | 'hmac' | 'hmac-sha256';
  readonly format?: 'json' | 'xml' | '';
  readonly simplify?: boolean;
  /** common parameters in the query string, as the official clients send them */
  readonly commonInQuery?: boolean;
  /** replaces or (with undefined) removes parameters before signing */
  readonly change?: Record<string, string | undefined>;
  readonly sign?: string;
  readonly secret?: string;
  readonly signal?: AbortSignal;
}

export interface MahReply {
  readonly status: number;
  readonly text: string;
  readonly body: Fields;
}

/** Signs and sends one TOP call. */
export async function callMah(sandbox: Sandbox, method: string, parameters: Record<string, string>, options: MahCallOptions = {}): Promise<MahReply> {
  const common: Record<string, string | undefined> = {
    method, app_key: sandbox.mah.appKey, timestamp: moment(), v: '2.0', sign_method: options.signMethod ?? 'hmac-sha256',
    ...(options.format === '' ? {} : { format: options.format ?? 'json' }), ...(options.simplify === false ? {} : { simplify: 'true' }),
  };
  const all = definedOnly<string>({ ...common, ...parameters, ...options.change });
  all['sign'] = options.sign ?? signTop(all, options.secret ?? sandbox.mah.appSecret);
  const query = options.commonInQuery === true ? Object.keys(all).filter((name) => name in common || name === 'sign') : [];
  const url = new URL(sandbox.mah.url);
  for (const name of query) url.searchParams.set(name, all[name] ?? '');
  const form = new URLSearchParams(Object.entries(all).filter(([name]) => !query.includes(name)));
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }, body: form.toString(), ...(options.signal === undefined ? {} : { signal: options.signal }) });
  const text = await reply.text();
  return { status: reply.status, text, body: parsed(text) };
}

/** mah.md section 2.3. */
export function signTop(parameters: Readonly<Record<string, string>>, secret: string): string {
  const text = Object.keys(parameters).filter((name) => name !== 'sign').sort().map((name) => name + (parameters[name] ?? '')).join('');
  if (parameters['sign_method'] === 'md5') return createHash('md5').update(secret + text + secret).digest('hex').toUpperCase();
  return createHmac(parameters['sign_method'] === 'hmac' ? 'md5' : 'sha256', secret).update(text).digest('hex').toUpperCase();
}

/** Parameters of a 323 bill. */
export function useBill(sandbox: Sandbox, billCode: string, codes: readonly string[], change: Record<string, string> = {}): Record<string, string> {
  return { bill_code: billCode, bill_time: moment(), bill_type: '323', physic_type: '3', ref_user_id: sandbox.mah.refEntId, from_user_id: sandbox.mah.entId, trace_codes: codes.join(','), ...change };
}

/** Parameters of a 102 bill from the first sandbox supplier. */
export function receiptBill(sandbox: Sandbox, billCode: string, codes: readonly string[], change: Record<string, string> = {}): Record<string, string> {
  return {
    bill_code: billCode, bill_time: moment(), bill_type: '102', physic_type: '3', ref_user_id: sandbox.mah.refEntId, from_user_id: '899900000000000201', to_user_id: sandbox.mah.entId,
    client_type: '2', trace_codes: codes.join(','), ...change,
  };
}

function definedOnly<T>(members: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).filter((pair): pair is [string, T] => pair[1] !== undefined));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parsed(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}
