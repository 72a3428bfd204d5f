import { asObject, type PlatformRequest } from '../platform.ts';
import { isDateTime } from '../wire-time.ts';
import { openBeijingRequest } from './crypto-beijing.ts';
import { openSignedEnvelope } from './crypto-envelope.ts';
import type { EnvelopeCrypto } from './crypto-envelope.ts';
import { checkFields } from './field-check.ts';
import { insuranceSpec } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceAccount, InsuranceSettings } from './settings.ts';

/** A message whose outer members are right. */
export interface Message {
  readonly infno: string;
  readonly messageId: string;
  readonly institution: string;
  readonly region: string;
  readonly insuredRegion: string;
  readonly operator: { readonly code: string; readonly name: string };
  readonly signNo: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly receivedAt: number;
}

export interface EnvelopeContext {
  readonly settings: InsuranceSettings;
  readonly account: InsuranceAccount;
  /** what the path stands for; undefined on the address for all transactions */
  readonly infnoOfPath: string | undefined;
  readonly now: number;
  readonly onUnknown: (name: string) => void;
}

const TRANSACTION_NUMBERS = /^[0-9A-Z]{4,5}$/;

/** Reads and checks the envelope (insurance.md section 2): every member by the table, then what belongs together. */
export function readEnvelope(request: PlatformRequest, context: EnvelopeContext): { readonly message: Message } | { readonly refusal: Refusal } {
  const envelope = parseBody(request.body);
  if (envelope === undefined) return { refusal: messageRefusal('报文不是UTF-8编码的JSON对象') };
  if (context.settings.rules.form === 'beijing') return readBeijing(envelope, context);
  const { input: _, ...outer } = envelope;
  const { signTypes } = context.settings.rules;
  const table = insuranceSpec().envelope.filter((field) => field.name !== 'input').map((field) => (field.name === 'signtype' && signTypes !== undefined ? { ...field, codes: signTypes } : field));
  const problems = checkFields(outer, table, { alsoRequired: () => false, onUnknown: context.onUnknown });
  if (problems.length > 0) return { refusal: messageRefusal(problems.join(';')) };

  const text = (name: string): string => (typeof outer[name] === 'string' ? outer[name] : '');
  const problem = checkOuter(text, context);
  if (problem !== undefined) return { refusal: messageRefusal(problem) };
  const opened = openInput(envelope, context.settings);
  if ('refusal' in opened) return opened;
  if (hasPersonNumber(opened.input) && text('insuplc_admdvs') === '') return { refusal: messageRefusal('insuplc_admdvs(参保地医保区划)不能为空:输入含人员编号') };
  return {
    message: {
      infno: text('infno'), messageId: text('msgid'), institution: text('fixmedins_code'), region: text('mdtrtarea_admvs'), insuredRegion: text('insuplc_admdvs'),
      operator: { code: text('opter'), name: text('opter_name') }, signNo: text('sign_no'), input: opened.input, receivedAt: context.now,
    },
  };
}

function checkOuter(text: (name: string) => string, context: EnvelopeContext): string | undefined {
  const { settings, account } = context;
  const infno = text('infno');
  if (!isOffered(infno, settings)) return `交易编号${infno}不存在或未开通`;
  if (context.infnoOfPath !== undefined && context.infnoOfPath !== infno) return `交易编号${infno}与请求地址不一致`;
  if (text('infver') !== settings.version) return `infver(接口版本号)应为${settings.version}`;
  const { recerSysCode } = settings.rules;
  if (recerSysCode !== undefined && text('recer_sys_code') !== recerSysCode) return `recer_sys_code(接收方系统代码)应为${recerSysCode}`;
  for (const name of ['mdtrtarea_admvs', 'insuplc_admdvs']) if (text(name) !== '' && !/^\d{6}$/.test(text(name))) return `${name}应为6位区划代码`;
  const code = text('fixmedins_code');
  const institution = account.institutions?.find((each) => each.code === code);
  if (account.institutions === undefined ? !/^[0-9A-Z]{12}$/.test(code) : institution === undefined) return `定点医药机构${code}不存在或未授权给该账号`;
  if (institution?.name !== undefined && institution.name !== text('fixmedins_name')) return 'fixmedins_name(定点医药机构名称)与机构编号不符';
  if (institution?.region !== undefined && institution.region !== text('mdtrtarea_admvs')) return 'mdtrtarea_admvs(就医地医保区划)与机构编号不符';
  return checkMessageId(text('msgid'), code);
}

/** msgid = institution code + 14-digit time + 4-digit sequence (insurance.md section 2). */
function checkMessageId(messageId: string, institution: string): string | undefined {
  if (!messageId.startsWith(institution)) return 'msgid(发送方报文ID)应以定点医药机构编号开头';
  const rest = messageId.slice(institution.length);
  const time = rest.slice(0, 14).replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3 $4:$5:$6');
  if (!/^\d{18}$/.test(rest) || !isDateTime(time)) return 'msgid(发送方报文ID)应为机构编号+14位时间+4位序号';
  return undefined;
}

type Opened = { readonly input: Readonly<Record<string, unknown>> } | { readonly refusal: Refusal };

/** Signature and seal by the region's rule (crypto-envelope.ts). */
function openInput(envelope: Readonly<Record<string, unknown>>, settings: InsuranceSettings): Opened {
  const { input } = envelope;
  if (input === undefined || input === null) return { refusal: messageRefusal('input(交易输入)不能为空') };
  const size = typeof input === 'string' ? input.length : JSON.stringify(input).length;
  if (size > settings.inputCharacters) return { refusal: messageRefusal(`input(交易输入)长度${String(size)}超过${String(settings.inputCharacters)}`) };
  const opened = openSignedEnvelope(envelope, envelopeCrypto(settings));
  return 'problem' in opened ? { refusal: messageRefusal(opened.problem) } : opened;
}

/** Beijing's five members (insurance.md section 4(d)) say what the national envelope says with twenty. */
function readBeijing(envelope: Readonly<Record<string, unknown>>, context: EnvelopeContext): { readonly message: Message } | { readonly refusal: Refusal } {
  const { settings, account } = context;
  const opened = openBeijingRequest(envelope, settings.sm4Key ?? '');
  if ('problem' in opened) return { refusal: messageRefusal(opened.problem) };
  const infno = settings.rules.numbers?.[opened.messageType] ?? opened.messageType;
  const known = account.institutions === undefined ? /^[0-9A-Z]{12}$/.test(opened.hospital) : account.institutions.some((each) => each.code === opened.hospital);
  if (!known) return { refusal: messageRefusal(`定点医药机构${opened.hospital}不存在或未授权`) };
  if (!isOffered(infno, settings) || Object.values(settings.rules.numbers ?? {}).includes(opened.messageType)) return { refusal: messageRefusal(`MSG_TYPE${opened.messageType}不存在或未开通`) };
  const problem = checkMessageId(opened.messageNo, opened.hospital);
  if (problem !== undefined) return { refusal: messageRefusal(problem) };
  return {
    message: {
      infno, messageId: opened.messageNo, institution: opened.hospital, region: '110000', insuredRegion: '', operator: { code: '', name: '' }, signNo: '',
      input: opened.body, receivedAt: context.now,
    },
  };
}

/** @returns whether the region has the transaction */
export function isOffered(infno: string, { rules }: Pick<InsuranceSettings, 'rules'>): boolean {
  return TRANSACTION_NUMBERS.test(infno) && Object.hasOwn(insuranceSpec().transactions, infno) && (rules.batchForms !== false || !infno.endsWith('A'));
}

/** @returns how this platform signs and seals */
export function envelopeCrypto(settings: InsuranceSettings): EnvelopeCrypto {
  const { sign, senderKey, platformKey, sm4Key, sealedOnly, sealReplies } = settings;
  return {
    sealedOnly, sealReplies,
    ...(sign === 'none' ? {} : { sign }), ...(senderKey === undefined ? {} : { senderKey }), ...(platformKey === undefined ? {} : { platformKey }), ...(sm4Key === undefined ? {} : { sm4Key }),
  };
}

function parseBody(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    return undefined;
  }
}

/** Rows lie one level down, or in a list one level down. */
function hasPersonNumber(input: Readonly<Record<string, unknown>>): boolean {
  return Object.values(input).flat().some((row) => {
    const person = asObject(row)?.['psn_no'];
    return typeof person === 'string' && person !== '';
  });
}
