import type { PlatformReply, PlatformRequest } from '../platform.ts';
import { SANDBOX_HOLDER, type HolderAccount, type HolderAnswer, type HolderValues, type HolderWire } from './holder-platform.ts';
import type { HolderState } from './holder-state.ts';
import { contentTypeOf, envelope, readSoap, SOAP_12, soapFault } from './soap-message.ts';
import { createTokenCheck } from './username-token-check.ts';
import { escapeXml, textOf, type XmlElement } from './xml-element.ts';

const NAMESPACE = 'urn:trace.example:movement';
const PATH = '/movement';
const MOVEMENTS: Readonly<Record<string, string>> = {
  RECEIPT: 'receipt', SUPPLIER_RETURN: 'supplier-return', DISPENSE: 'dispense', DISPENSE_RETURN: 'dispense-return', DESTROY: 'destroy', TRANSFER_OUT: 'transfer-out', TRANSFER_IN: 'transfer-in',
};
/** the sequence of the schema; document/literal is read in order */
const SEQUENCE = { ReportMovement: ['orgCode', 'billNo', 'movementType', 'occurredAt', 'partnerId', 'line'], GetMovement: ['orgCode', 'billNo'], line: ['lineNo', 'drugName', 'lot', 'expiresOn', 'quantity', 'code'] } as const;

/** SOAP 1.2, typed document/literal, UsernameToken with digest; AA taken, AE wrong content, AR refused. */
export function typedWire(account: HolderAccount, now: () => number): HolderWire {
  const checkToken = createTokenCheck(account, now);
  return {
    name: 'mah-typed',
    operationOf: (request) => /<(?:\w+:)?(ReportMovement|GetMovement)[\s>]/.exec(request.body.toString('utf8'))?.[1] ?? 'unknown',
    perform: (request, state, at) => perform(request, checkToken, state, at),
    refusal: (request, kind, rule) => ({ billNo: billNoIn(request), ackCode: kind === 'errorBody' ? 'AR' : 'AE', errorCode: kind === 'errorBody' ? 'BUSY' : rule.code ?? 'BAD_CONTENT', message: rule.text ?? '内容不符合要求' }),
    reply: (operation, values) => ({ status: 200, contentType: contentTypeOf(SOAP_12), value: values, render: (value) => render(operation, value) }),
    misplace: ({ ackCode, ...rest }) => ({ ...rest, result: { ackCode } }),
    wrongId: (values) => ({ ...values, billNo: 'ANOTHER-BILL' }),
  };
}

function billNoIn(request: PlatformRequest): string {
  return /<(?:\w+:)?billNo>([^<]*)</.exec(request.body.toString('utf8'))?.[1] ?? '';
}

function perform(request: PlatformRequest, checkToken: (header: XmlElement | undefined) => string | undefined, state: HolderState, now: number): HolderAnswer | PlatformReply {
  if (request.path !== PATH) return soapFault(SOAP_12, 404, 'Client', 'no such service');
  const read = readSoap(request, SOAP_12);
  if ('render' in read) return read;
  const { call, header } = read;
  const strange = checkToken(header);
  if (strange !== undefined) return soapFault(SOAP_12, 500, 'FailedAuthentication', strange);
  if (call.namespace !== NAMESPACE || (call.name !== 'ReportMovement' && call.name !== 'GetMovement')) return soapFault(SOAP_12, 500, 'Client', `no operation ${call.name}`);
  const shape = outOfShape(call, SEQUENCE[call.name]);
  if (shape !== undefined) return soapFault(SOAP_12, 500, 'Client', shape);
  const [orgCode, key] = [textOf(call, 'orgCode'), textOf(call, 'billNo')];
  if (call.name === 'GetMovement') return found(orgCode, key, state);
  const problem = problemOf(call);
  if (problem !== undefined) return { values: { billNo: key, ackCode: 'AE', errorCode: 'BAD_CONTENT', message: problem }, refused: problem };
  const codes = call.children.filter(({ name }) => name === 'line').flatMap((line) => line.children.filter(({ name }) => name === 'code').map(({ text }) => text));
  const result = state.report({ key, orgCode, movement: MOVEMENTS[textOf(call, 'movementType')] ?? '', codes, occurredAt: textOf(call, 'occurredAt') }, now);
  switch (result.kind) {
    case 'taken': return { values: { billNo: key, ackCode: 'AA', receiptNo: `R${String(result.bill.seq)}` } };
    case 'again': return { values: { billNo: key, ackCode: 'AR', errorCode: 'DUP_BILL', message: '单据号已存在', receiptNo: `R${String(result.bill.seq)}` }, refused: '单据号已存在' };
    case 'refused': return { values: { billNo: key, ackCode: 'AE', errorCode: result.error, message: result.text, badCode: result.codes }, refused: result.text };
  }
}

/** Elements of the schema's namespace, in its order; only lines and codes may repeat. */
function outOfShape(element: XmlElement, sequence: readonly string[]): string | undefined {
  let at = 0;
  for (const child of element.children) {
    if (child.namespace !== NAMESPACE) return `${child.name} is not in the namespace of the schema`;
    const place = sequence.indexOf(child.name);
    if (place < at || (place === at && at > 0 && element.children.filter(({ name }) => name === child.name).length > 1 && child.name !== 'line' && child.name !== 'code')) return `${child.name} is not expected here`;
    at = place;
    const inner = child.name === 'line' ? outOfShape(child, SEQUENCE.line) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function problemOf(call: XmlElement): string | undefined {
  if (textOf(call, 'orgCode') !== SANDBOX_HOLDER.orgCode) return '机构编号不存在';
  if (!/^[A-Za-z0-9_]{1,32}$/.test(textOf(call, 'billNo'))) return '单据号应为32位以内的字母数字';
  const movement = MOVEMENTS[textOf(call, 'movementType')];
  if (movement === undefined) return '业务类型不存在';
  if ((movement === 'receipt' || movement === 'supplier-return') && textOf(call, 'partnerId') === '') return '缺少往来单位';
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/.test(textOf(call, 'occurredAt'))) return 'occurredAt不是dateTime';
  const lines = call.children.filter(({ name }) => name === 'line');
  if (lines.length === 0) return '没有药品';
  const bad = lines.find((line) => textOf(line, 'lineNo') === '' || textOf(line, 'drugName').trim() === '' || !/^\d+(\.\d+)?$/.test(textOf(line, 'quantity')));
  return bad === undefined ? undefined : '药品行缺少行号、名称或数量';
}

function found(orgCode: string, key: string, state: HolderState): HolderAnswer {
  const bill = state.bill(orgCode, key);
  const known: HolderValues = bill === undefined ? {} : { receiptNo: `R${String(bill.seq)}`, code: bill.codes };
  return { values: { billNo: key, ackCode: 'AA', found: bill !== undefined, ...known } };
}

function render(operation: string, value: unknown): string {
  const inside = Object.entries(value as Readonly<Record<string, unknown>>).map(([name, member]) => elements(name, member)).join('');
  return envelope(SOAP_12, `<m:${operation}Response xmlns:m="${NAMESPACE}">${inside}</m:${operation}Response>`);
}

function elements(name: string, member: unknown): string {
  if (Array.isArray(member)) return member.map((each) => elements(name, each)).join('');
  if (typeof member === 'object' && member !== null) return `<m:${name}>${Object.entries(member).map(([inner, value]) => elements(inner, value)).join('')}</m:${name}>`;
  return `<m:${name}>${escapeXml(String(member))}</m:${name}>`;
}
