import { failure, success, type Answer, type MethodContext } from './answer.ts';
import { callerOf } from './identity.ts';
import { mahSpec, type BillType } from './method-table.ts';
import type { Enterprise } from './settings.ts';
import type { Bill, FailedCode } from './state.ts';

const DUPLICATE_FLOW = 'FAIL_BIZ_BILL_DUPLICATE_UPLOAD_BILLCODE_REPEAT_CODE';
/** Stocktake, scrap and damage move goods to nobody else; the direction rule of mah.md section 4 cannot hold for them. */
const NO_OTHER_PARTY = new Set([111, 112, 205, 214, 215, 216]);
const CODE_STATES = { N: { error: '1', text: '追溯码未激活' }, C: { error: '4', text: '追溯码已注销' }, E: { error: '5', text: '追溯码不存在' } } as const;
const NAMED_CODES = 5;

/** uploadinoutbill and uploadretail: accepted means accepted for processing, the outcome comes from query.billstatus. */
export function uploadBill(context: MethodContext): Answer {
  const { call, state, text } = context;
  const own = callerOf(context);
  if (own === undefined) return failure(call.method, 'FAIL', 'ref_user_id:企业不存在或未授权给该应用');
  const isRetail = call.method.endsWith('uploadretail');
  const problem = typeProblem(context, isRetail) ?? partyProblem(context, own, isRetail) ?? checkResultProblem(context);
  if (problem !== undefined) return failure(call.method, 'FAIL', problem);

  const billCode = text('bill_code');
  const codes = text('trace_codes').split(',');
  const billType = text('bill_type');
  const flowing = codes.flatMap((code) => {
    const bill = state.flowsIn(code, billType);
    return bill?.refEntId === own.refEntId ? [{ code, bill }] : [];
  });
  const known = state.bill(own.refEntId, billCode);
  const again = { keys: known === undefined ? [] : [`${own.refEntId}/${billCode}`], codes: flowing.map((each) => each.code) };
  if (again.keys.length + again.codes.length > 0) state.record({ kind: 'again', ...again });
  if (known !== undefined) return failure(call.method, 'FAIL', `该单据号已存在:${billCode}`);

  const inner = codeSetErrors(codes, context);
  if (Object.keys(inner).length > 0) return failure(call.method, 'FAIL', '追溯码校验不通过', { operation_info_map: { code_check_error_info: JSON.stringify(inner) } });
  const first = flowing[0];
  if (first !== undefined) {
    const named = flowing.slice(0, NAMED_CODES).map((each) => each.code).join(',');
    return failure(call.method, DUPLICATE_FLOW, `追溯码已在单据${first.bill.billCode}中流通:${named}`, { operation_info_map: { code_check_error_info: JSON.stringify({ 3: flowing.map((each) => each.code).join(',') }) } });
  }
  state.record({ kind: 'bill', bill: billOf(context, own, codes) });
  return success(call.method, { model: billCode });
}

function typeProblem(context: MethodContext, isRetail: boolean): string | undefined {
  const { settings, text } = context;
  const type = billTypeOf(text('bill_type'));
  if (type === undefined) return `bill_type不存在:${text('bill_type')}`;
  const label = `${String(type.code)}(${type.zh})`;
  // 321 is the pharmacy's sale; a hospital uses 323 (mah.md section 0, point 2)
  if (type.code === 321) return `医疗机构不可使用单据类型${label},使用出库为323`;
  if ((type.method === 'uploadretail') !== isRetail) return `单据类型${label}应使用${type.method}上传`;
  if (type.method === 'remnantbill.upload') return `单据类型${label}应使用${type.method}上传`;
  return type.hospitalPack === true || settings.extraBillTypes.includes(type.code) ? undefined : `医疗机构未开通单据类型${label}`;
}

/** 1xx: to = self, from = other; 2xx: from = self, to = other; 205 both self; the use side may leave from empty. */
function partyProblem(context: MethodContext, own: Enterprise, isRetail: boolean): string | undefined {
  const from = context.text('from_user_id');
  const to = context.text('to_user_id');
  if (isRetail) return from === '' || from === own.entId ? undefined : 'from_user_id应为本企业的ent_id';
  const code = Number(context.text('bill_type'));
  const isIn = code < 200;
  if ((isIn ? to : from) !== own.entId) return `${isIn ? 'to_user_id' : 'from_user_id'}应为本企业的ent_id`;
  if (code === 205 && to !== own.entId) return 'to_user_id应为本企业的ent_id(销毁)';
  return !NO_OTHER_PARTY.has(code) && from === to ? 'from_user_id与to_user_id不能为同一企业' : undefined;
}

function checkResultProblem(context: MethodContext): string | undefined {
  return context.text('xt_is_check') === '0' && context.text('xt_check_code') === '' ? '未通过验证时xt_check_code(原因代码)不能为空' : undefined;
}

/** Repeats (3), and a package together with one inside it (6): these refuse the whole bill at once. */
function codeSetErrors(codes: readonly string[], context: MethodContext): Readonly<Record<string, string>> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const code of codes) (seen.has(code) ? repeated : seen).add(code);
  const nested = [...seen].flatMap((code) => context.state.packages.ancestors(code).filter((parent) => seen.has(parent)).map((parent) => `${code}(下级);${parent}(上级)`));
  return { ...(repeated.size === 0 ? {} : { 3: [...repeated].join(',') }), ...(nested.length === 0 ? {} : { 6: nested.join(',') }) };
}

function billOf(context: MethodContext, own: Enterprise, codes: readonly string[]): Bill {
  const { call, hint, now, settings, state, text } = context;
  const failed = failedCodes(codes, context);
  const isWhole = text('ignore_part_success_flag') === '1';
  const uploadedAt = now + settings.processing.uploadedMs + (hint.stallMs ?? 0);
  return {
    seq: state.bills.length + 1,
    billCode: text('bill_code'),
    billType: text('bill_type'),
    refEntId: own.refEntId,
    method: call.method,
    fromId: text('from_user_id') || (call.method.endsWith('uploadretail') && text('bill_type') !== '116' ? own.entId : ''),
    toId: text('to_user_id') || (text('bill_type') === '116' ? own.entId : ''),
    billTime: text('bill_time'),
    physicType: text('physic_type') || '3',
    fromBillCode: text('from_bill_code'),
    codes,
    failed,
    resultType: failed.length === codes.length || (isWhole && failed.length > 0) ? '4' : '3',
    acceptedAt: now,
    uploadedAt,
    doneAt: uploadedAt + Math.max(0, settings.processing.doneMs - settings.processing.uploadedMs),
  };
}

/** Codes that fail in processing, one by one: not of this platform, not activated, cancelled, unknown, or by a fault script. */
function failedCodes(codes: readonly string[], context: MethodContext): readonly FailedCode[] {
  return codes.flatMap((code, index) => {
    if (!/^8\d{19}$/.test(code)) return [{ code, error: '2', text: '追溯码不符合码体系' }];
    const state = context.settings.codeStates[code];
    if (state !== undefined) return [{ code, ...CODE_STATES[state] }];
    return index < (context.hint.failCodes ?? 0) ? [{ code, error: '1', text: '追溯码未激活' }] : [];
  });
}

/** @returns the bill type of this number, undefined when there is none */
export function billTypeOf(code: string): BillType | undefined {
  return mahSpec().billTypes.find((type) => String(type.code) === code);
}
