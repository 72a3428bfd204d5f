import type { PlatformReply, PlatformRequest } from '../platform.ts';
import type { HolderAccount, HolderAnswer, HolderValues, HolderWire } from './holder-platform.ts';
import { SANDBOX_HOLDER } from './holder-platform.ts';
import type { HolderResult, HolderState } from './holder-state.ts';
import { contentTypeOf, envelope, readSoap, SOAP_11, soapFault } from './soap-message.ts';
import { escapeXml, parseXml, textOf, type XmlElement } from './xml-element.ts';

const NAMESPACE = 'http://service.trace.example/';
const PATH = '/services/TraceService';
const OPERATIONS: Readonly<Record<string, string>> = { uploadBill: 'BILL', cancelBill: 'CANCEL', queryBill: 'QUERY' };
/** numbers of this system → our words */
const MOVEMENTS: Readonly<Record<string, string>> = { 102: 'receipt', 202: 'supplier-return', 323: 'dispense', 116: 'dispense-return', 205: 'destroy' };
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  BILL: ['ORG', 'BILLNO', 'TYPE', 'TIME', 'PARTNER', 'HISNO', 'OPERATOR', 'DRUG'], CANCEL: ['ORG', 'BILLNO', 'OLDBILLNO', 'TIME'], QUERY: ['ORG', 'BILLNO'],
  DRUG: ['NAME', 'APPROVAL', 'LOT', 'EXPIRY', 'QTY', 'CODE'],
};

/** SOAP 1.1 with one XML text in, one XML text out; CODE 0 = taken, 1 = failed. */
export function oneStringWire(account: HolderAccount): HolderWire {
  return {
    name: 'mah-soap',
    operationOf: (request) => /<(?:\w+:)?(uploadBill|cancelBill|queryBill)[\s>]/.exec(request.body.toString('utf8'))?.[1] ?? 'unknown',
    perform: (request, state, now) => perform(request, account, state, now),
    refusal: (request, kind, rule) => failed(kind === 'errorBody' ? 'E09' : rule.code ?? 'E02', rule.text ?? (kind === 'errorBody' ? '系统忙' : '内容不符合要求'), billNoIn(request)),
    reply: (operation, values) => ({ status: 200, contentType: contentTypeOf(SOAP_11), value: values, render: (value) => render(operation, value) }),
    misplace: ({ CODE, ...rest }) => ({ ...rest, HEAD: { CODE } }),
    wrongId: (values) => ({ ...values, BILLNO: 'ANOTHER-BILL' }),
  };
}

function billNoIn(request: PlatformRequest): string {
  return /BILLNO&gt;([^&]*)&lt;/.exec(request.body.toString('utf8'))?.[1] ?? '';
}

function perform(request: PlatformRequest, account: HolderAccount, state: HolderState, now: number): HolderAnswer | PlatformReply {
  if (request.path !== PATH) return soapFault(SOAP_11, 404, 'Client', 'no such service');
  const read = readSoap(request, SOAP_11);
  if ('render' in read) return read;
  const { call } = read;
  const root = OPERATIONS[call.name];
  if (root === undefined || call.namespace !== NAMESPACE) return soapFault(SOAP_11, 500, 'Client', `no operation ${call.name} in ${call.namespace}`);
  if (call.children.map(({ name }) => name).join() !== 'loginName,loginPwd,xmlData' || call.children.some(({ namespace }) => namespace !== '')) return soapFault(SOAP_11, 500, 'Client', 'arguments are loginName, loginPwd, xmlData, without namespace');
  const document = parseXml(textOf(call, 'xmlData'));
  const billNo = textOf(document, 'BILLNO');
  if (textOf(call, 'loginName') !== account.user || textOf(call, 'loginPwd') !== account.password) return refused('E01', '账号或密码错误', billNo);
  if (document?.name !== root) return refused('E02', `根元素应为${root}`, billNo);
  const problem = problemOf(document);
  if (problem !== undefined) return refused('E02', problem, billNo);
  const orgCode = textOf(document, 'ORG');
  if (root === 'QUERY') return query(orgCode, billNo, state);
  if (root === 'CANCEL') return answerOf(state.revoke({ key: billNo, orgCode, revokes: textOf(document, 'OLDBILLNO'), occurredAt: textOf(document, 'TIME') }, now), billNo);
  const drugs = document.children.filter(({ name }) => name === 'DRUG');
  const movement = MOVEMENTS[textOf(document, 'TYPE')] ?? '';
  const codes = drugs.flatMap((drug) => drug.children.filter(({ name }) => name === 'CODE').map(({ text }) => text));
  return answerOf(state.report({ key: billNo, orgCode, movement, codes, occurredAt: textOf(document, 'TIME') }, now), billNo);
}

function problemOf(document: XmlElement): string | undefined {
  const members = MEMBERS[document.name] ?? [];
  const strange = document.children.find(({ name }) => !members.includes(name));
  if (strange !== undefined) return `不认识的元素${strange.name}`;
  if (textOf(document, 'ORG') !== SANDBOX_HOLDER.orgCode) return '机构编号不存在';
  if (!/^[A-Za-z0-9_]{1,30}$/.test(textOf(document, 'BILLNO'))) return '单据号应为30位以内的字母数字';
  if (document.name !== 'QUERY' && !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(textOf(document, 'TIME'))) return 'TIME格式应为yyyy-MM-dd HH:mm:ss';
  if (document.name !== 'BILL') return undefined;
  const movement = MOVEMENTS[textOf(document, 'TYPE')];
  if (movement === undefined) return '单据类型不存在';
  if ((movement === 'receipt' || movement === 'supplier-return') && textOf(document, 'PARTNER') === '') return '缺少往来单位';
  const drugs = document.children.filter(({ name }) => name === 'DRUG');
  if (drugs.length === 0) return '没有药品';
  return drugs.map(problemOfDrug).find((problem) => problem !== undefined);
}

function problemOfDrug(drug: XmlElement): string | undefined {
  const members = MEMBERS['DRUG'] ?? [];
  if (drug.children.some(({ name }) => !members.includes(name))) return '药品中有不认识的元素';
  if ((drug.attributes['no'] ?? '') === '') return '缺少行号';
  if (textOf(drug, 'NAME').trim() === '') return '缺少药品名称';
  if (!/^\d+\.\d{4}$/.test(textOf(drug, 'QTY'))) return 'QTY应有4位小数';
  const codes = drug.children.filter(({ name }) => name === 'CODE');
  return codes.length === 0 || codes.some(({ attributes }) => !/^[123]$/.test(attributes['level'] ?? '')) ? '缺少追溯码或包装级别' : undefined;
}

function query(orgCode: string, billNo: string, state: HolderState): HolderAnswer {
  const bill = state.bill(orgCode, billNo);
  if (bill === undefined) return { values: { CODE: '0', BILLNO: billNo, STATE: '2' } };
  return { values: { CODE: '0', BILLNO: billNo, STATE: '1', SERIAL: `S${String(bill.seq)}`, CODES: bill.codes } };
}

const ERRORS = { BAD_CODE: 'E04', CODE_FLOWS: 'E05', NOT_FOUND: 'E06', TOO_MANY: 'E07' } as const;

function answerOf(result: HolderResult, billNo: string): HolderAnswer {
  switch (result.kind) {
    case 'taken': return { values: { CODE: '0', MSG: '成功', BILLNO: billNo, SERIAL: `S${String(result.bill.seq)}` } };
    case 'again': return refused('E03', '单据号已存在', billNo);
    case 'refused': return { values: { ...failed(ERRORS[result.error], result.text, billNo), BADCODE: result.codes }, refused: result.text };
  }
}

function refused(code: string, text: string, billNo: string): HolderAnswer {
  return { values: failed(code, text, billNo), refused: text };
}

function failed(code: string, text: string, billNo: string): HolderValues {
  return { CODE: '1', ERR: code, MSG: text, BILLNO: billNo };
}

function render(operation: string, value: unknown): string {
  const inside = Object.entries(value as Readonly<Record<string, unknown>>).map(([name, member]) => elements(name, member)).join('');
  return envelope(SOAP_11, `<ns:${operation}Response xmlns:ns="${NAMESPACE}"><return>${escapeXml(`<?xml version="1.0" encoding="UTF-8"?><RESULT>${inside}</RESULT>`)}</return></ns:${operation}Response>`);
}

function elements(name: string, member: unknown): string {
  if (Array.isArray(member)) return name === 'CODES' ? `<CODES>${member.map((each) => `<CODE>${escapeXml(String(each))}</CODE>`).join('')}</CODES>` : member.map((each) => `<${name}>${escapeXml(String(each))}</${name}>`).join('');
  if (typeof member === 'object' && member !== null) return `<${name}>${Object.entries(member).map(([inner, value]) => elements(inner, value)).join('')}</${name}>`;
  return `<${name}>${escapeXml(String(member))}</${name}>`;
}
