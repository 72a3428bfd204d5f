import { chinaCompact, chinaDate, chinaDateTime } from '../../../adapter/domain/china-time.ts';
import type { Message } from './envelope.ts';
import { checkFields } from './field-check.ts';
import { insuranceSpec } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceSettings } from './settings.ts';
import type { InsuranceState } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;
type Answer = { readonly output: Fields } | { readonly refusal: Refusal };

interface Context {
  readonly message: Message;
  readonly state: InsuranceState;
  readonly settings: InsuranceSettings;
  readonly onUnknown: (name: string) => void;
}

/** 9001: a number that stands for this operator of this institution until midnight in China. */
export function signIn(fields: Fields, context: Context): Answer {
  const { message, state, settings } = context;
  const refusal = checkNode('9001', fields, context);
  if (refusal !== undefined) return { refusal };
  const operator = String(fields['opter_no']);
  if (operator !== message.operator.code) return { refusal: messageRefusal('opter_no(操作员编号)与opter(经办人)不一致') };
  const day = chinaDate(message.receivedAt);
  const today = state.sessions.filter((session) => session.institution === message.institution && session.operator === operator && session.day === day);
  if (settings.signInOnceADay && today.length > 0) return { refusal: messageRefusal(today.some((session) => session.ended) ? '当日已签退,不能再次签到' : '当日已签到,不能重复签到') };
  const signNo = `${chinaCompact(message.receivedAt)}${String(state.sessions.length + 1).padStart(10, '0')}`;
  state.record({ kind: 'sign-in', session: { signNo, institution: message.institution, operator, day } });
  return { output: { sign_time: chinaDateTime(message.receivedAt), sign_no: signNo } };
}

/** 9002: ends the number. */
export function signOut(fields: Fields, context: Context): Answer {
  const { message, state } = context;
  const refusal = checkNode('9002', fields, context);
  if (refusal !== undefined) return { refusal };
  const signNo = String(fields['sign_no']);
  const session = state.session(signNo);
  if (session?.institution !== message.institution || session.operator !== fields['opter_no']) return { refusal: messageRefusal('签到编号不存在') };
  if (session.ended) return { refusal: messageRefusal('当日已签退') };
  state.record({ kind: 'sign-out', signNo });
  return { output: { sign_time: chinaDateTime(message.receivedAt) } };
}

/** @returns why the sign-in that the message names does not cover it, undefined when it does */
export function sessionProblem(message: Message, state: InsuranceState): string | undefined {
  if (message.signNo === '') return '未签到:sign_no(交易签到流水号)不能为空';
  const session = state.session(message.signNo);
  if (session?.institution !== message.institution) return '签到流水号不存在,请重新签到';
  if (session.operator !== message.operator.code) return '签到流水号不属于该经办人(opter)';
  if (session.ended) return '已签退,请重新签到';
  if (session.day !== chinaDate(message.receivedAt)) return '签到已过期,请重新签到';
  return undefined;
}

function checkNode(infno: string, fields: Fields, context: Context): Refusal | undefined {
  const table = insuranceSpec().transactions[infno]?.fields ?? [];
  const problems = checkFields(fields, table, { alsoRequired: () => false, onUnknown: context.onUnknown });
  return problems.length === 0 ? undefined : messageRefusal(problems.join(';'));
}
