import { isCalendarDate } from '../../../adapter/domain/china-time.ts';
import { asObject } from '../platform.ts';
import { isDateTime } from '../wire-time.ts';
import type { Call, GatewayError } from './gateway.ts';
import { mahSpec, type Member } from './method-table.ts';

/** Longest lists by parameter (mah.md section 4 and Annex A); trace_codes is a setting. */
const MAX_LIST: Readonly<Record<string, number>> = { codes: 1_000, code: 10 };
const DATES = new Set(['begin_date', 'end_date', 'start_date']);
/** Values that a table gives for an upload. */
const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  client_type: ['2'], physic_type: ['2', '3'], xt_is_check: ['0', '1'], network_bill_flag: ['0', '1'], customer_id_type: ['1', '2', '3', '4', '5', '6', '9'], show_code: ['0', '1'],
};

/** Checks the parameters of a method against its request table. @returns code 40 or 41, undefined when they are right */
export function checkParameters(call: Call, maxCodes: number): GatewayError | undefined {
  const table = mahSpec().methods[call.method]?.request ?? [];
  for (const member of table) {
    const value = call.parameters.get(member.name) ?? '';
    if (value === '') {
      if (member.required === true) return { code: 40, subCode: `isv.missing-parameter:${member.name}`, subMessage: `缺少必填参数${member.name}` };
      continue;
    }
    const problem = checkValue(member, value, call.method, maxCodes);
    if (problem !== undefined) return { code: 41, subCode: 'isv.invalid-parameter', subMessage: `参数${member.name}${problem}` };
  }
  const [from, to] = [call.parameters.get('begin_date') ?? '', call.parameters.get('end_date') ?? ''];
  if (from !== '' && to !== '' && from > to) return { code: 41, subCode: 'isv.invalid-parameter', subMessage: '参数begin_date晚于end_date' };
  return undefined;
}

function checkValue(member: Member, value: string, method: string, maxCodes: number): string | undefined {
  if (member.type === 'Date') return isDateTime(value) ? undefined : '应为yyyy-MM-dd HH:mm:ss';
  if (member.type === 'Number' && !/^\d{1,15}$/.test(value)) return '应为数字';
  if (DATES.has(member.name)) return isCalendarDate(value) ? undefined : '应为yyyy-MM-dd';
  if (['page', 'page_size', 'cur_page'].includes(member.name) && Number(value) < 1) return '应大于0';
  const list = value.split(',');
  if (member.name === 'trace_codes' && list.length > maxCodes) return `最大列表长度为${String(maxCodes)}`;
  const isList = member.type === 'String[]' || (member.name === 'code' && method.endsWith('query.relation'));
  if (isList && list.length > (MAX_LIST[member.name] ?? maxCodes)) return `最大列表长度为${String(MAX_LIST[member.name] ?? maxCodes)}`;
  if (isList && list.some((code) => code === '')) return '含有空的追溯码';
  if ((member.type === 'Object' || member.name === 'drug_list_json') && !isJsonText(value)) return '应为JSON文本';
  const constants = CONSTANTS[member.name];
  // the drug catalogue has other kinds than an upload
  if (constants !== undefined && !(member.name === 'physic_type' && !method.includes('upload')) && !constants.includes(value)) return `应为${constants.join('、')}`;
  return undefined;
}

function isJsonText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) || asObject(value) !== undefined;
  } catch {
    return false;
  }
}
