import { chinaDate, chinaDateTime } from '../../../adapter/domain/china-time.ts';
import { failure, notFound, pageOf, success, type Answer, type MethodContext } from './answer.ts';
import { drugOf } from './drugs.ts';
import { callerOf } from './identity.ts';
import { resultTypeAt, type Bill, type MahState } from './state.ts';
import { billTypeOf } from './uploads.ts';

type Fields = Readonly<Record<string, unknown>>;

/** query.billstatus: every bill of ours, those still in processing and those that failed included. */
export function billStatus(context: MethodContext): Answer {
  const { now, text } = context;
  const rows = ownBills(context)
    .filter((bill) => text('deal_status') === '' || statusOf(bill, now) === text('deal_status'))
    .map((bill) => ({
      ...common(bill, context),
      store_inout_seq_no: String(bill.seq), physic_type: bill.physicType, crt_date: chinaDateTime(bill.acceptedAt), ic_code: context.call.app.appKey,
      result_type: resultTypeAt(bill, now), upload_flag: now < bill.uploadedAt ? '0' : '1', process_flag: now < bill.doneAt ? '0' : '1',
      ...(now < bill.doneAt ? {} : { process_date: chinaDateTime(bill.doneAt), process_info: processInfo(bill), ...subFlag(bill) }),
    }));
  return success(context.call.method, { model: { total_num: rows.length, result_list: pageOf(rows, context) } });
}

/** listbillprocesspartsuccess: the codes that failed, once the bill is through. */
export function partSuccess(context: MethodContext): Answer {
  const { call, now, state, text } = context;
  const own = callerOf(context);
  if (own === undefined) return failure(call.method, 'FAIL', 'ref_ent_id:企业不存在或未授权给该应用');
  const rows = state.bills
    .filter((bill) => bill.refEntId === own.refEntId && now >= bill.doneAt && (text('bill_code') === '' || bill.billCode === text('bill_code')))
    .flatMap((bill) => bill.failed.map((each) => ({ last_process_date_desc: chinaDateTime(bill.doneAt), code: each.code, process_status_reason_desc: each.text, error_code_desc: each.text, error_code: each.error })))
    .filter((row) => (text('code') === '' || row.code === text('code')) && (text('error_code') === '' || row.error_code === text('error_code')));
  const size = Number(text('page_size'));
  return success(call.method, { http_status_code: 200, model: { result: pageOf(rows, context), pages: Math.ceil(rows.length / size), total_num: rows.length, page_size: size, page: Number(text('page')) } });
}

/** searchbill (dealings with other enterprises) and retail.searchbill (use side). */
export function searchBills(context: MethodContext): Answer {
  const { call, now, state } = context;
  const isRetail = call.method.endsWith('retail.searchbill');
  const rows = ownBills(context)
    .filter((bill) => bill.method.endsWith('uploadretail') === isRetail && resultTypeAt(bill, now) !== '4')
    .map((bill) => ({
      ...common(bill, context), bill_id: String(bill.seq), user_role_type: '3', bill_type_name: billTypeOf(bill.billType)?.zh ?? '', ref_user_name: state.enterpriseByRef(bill.refEntId)?.name ?? '',
      ...(now < bill.doneAt ? {} : { process_date: chinaDateTime(bill.doneAt), ...subFlag(bill) }),
    }));
  return success(call.method, { model: { total_num: rows.length, result_list: pageOf(rows, context) } });
}

/** searchbill.detail and query.upbilldetail: one bill with its lines; an unknown or failed one is FAIL_BIZ_NO_PAT_INFO. */
export function billDetail(context: MethodContext): Answer {
  const { call, now, state, text } = context;
  const own = callerOf(context);
  const bill = own === undefined ? undefined : state.bill(own.refEntId, text('bill_code'));
  if (bill === undefined || resultTypeAt(bill, now) === '4') return notFound(call.method);
  const failed = new Set(bill.failed.map((each) => each.code));
  const codes = bill.codes.filter((code) => !failed.has(code));
  return success(call.method, {
    model: {
      mod_date: chinaDateTime(bill.doneAt), process_date: chinaDateTime(bill.doneAt), bill_time: bill.billTime, bill_code: bill.billCode, bill_type: bill.billType, bill_type_name: billTypeOf(bill.billType)?.zh ?? '',
      from_user_id: bill.fromId, from_ent_name: nameOf(state, bill.fromId), to_user_id: bill.toId, to_ent_name: nameOf(state, bill.toId), bill_out_id: String(bill.seq),
      ...(text('show_code') === '1' ? { codes } : {}),
      bill_chk_in_out_detail_list_d_t_o_list: billLines(codes, state),
    },
  });
}

/** query.billcount: bills by type. */
export function billCount(context: MethodContext): Answer {
  const counts = new Map<string, number>();
  for (const bill of ownBills(context)) if (resultTypeAt(bill, context.now) !== '4') counts.set(bill.billType, (counts.get(bill.billType) ?? 0) + 1);
  return success(context.call.method, { model_list: [...counts].map(([type, count]) => ({ bill_type: type, bill_type_name: billTypeOf(type)?.zh ?? '', count })) });
}

/** Own bills within the days, of the type (a number, or A, AI, AO), under the further conditions that were sent. */
function ownBills(context: MethodContext): readonly Bill[] {
  const { settings, state, text } = context;
  const own = callerOf(context);
  const [from, to] = [text('begin_date'), text('end_date')];
  return state.bills.filter((bill) => {
    if (bill.refEntId !== own?.refEntId || !isOfType(bill, text('bill_type'))) return false;
    if (text('bill_code') !== '' && bill.billCode !== text('bill_code')) return false;
    if (['from_user_id', 'partner_id_send'].some((name) => text(name) !== '' && text(name) !== bill.fromId)) return false;
    if (['to_user_id', 'partner_id_recv'].some((name) => text(name) !== '' && text(name) !== bill.toId)) return false;
    const days = { business: [bill.billTime.slice(0, 10)], upload: [chinaDate(bill.acceptedAt)], both: [bill.billTime.slice(0, 10), chinaDate(bill.acceptedAt)] }[settings.queryBy];
    return days.every((day) => day >= from && day <= to);
  });
}

function isOfType(bill: Bill, wanted: string): boolean {
  if (wanted === '' || wanted === 'A') return true;
  const direction = billTypeOf(bill.billType)?.dir;
  if (wanted === 'AI' || wanted === 'AO') return direction === (wanted === 'AI' ? 'in' : 'out');
  return bill.billType === wanted;
}

/** deal_status asks for 0 uploaded, 3 processed, 4 failed; a bill that waits counts as uploaded. */
function statusOf(bill: Bill, now: number): string {
  const result = resultTypeAt(bill, now);
  return result === '1' ? '0' : result;
}

function common(bill: Bill, context: MethodContext): Fields {
  const { state } = context;
  return {
    bill_code: bill.billCode, bill_type: bill.billType, bill_time: bill.billTime, ref_user_id: bill.refEntId, ref_user_name: state.enterpriseByRef(bill.refEntId)?.name ?? '',
    from_user_id: bill.fromId, from_user_name: nameOf(state, bill.fromId), from_ref_user_id: state.enterpriseByEnt(bill.fromId)?.refEntId ?? '',
    to_user_id: bill.toId, to_user_name: nameOf(state, bill.toId), to_ref_user_id: state.enterpriseByEnt(bill.toId)?.refEntId ?? '',
  };
}

function subFlag(bill: Bill): Fields {
  return bill.resultType === '4' ? {} : { sub_process_flag: bill.failed.length === 0 ? '51' : '52' };
}

function processInfo(bill: Bill): string {
  return bill.failed.length === 0 ? '处理成功' : `${String(bill.failed.length)}个追溯码处理失败:${bill.failed[0]?.text ?? ''}`;
}

function billLines(codes: readonly string[], state: MahState): readonly Fields[] {
  const byProduct = new Map<string, string[]>();
  for (const code of codes) byProduct.set(code.slice(0, 7), [...(byProduct.get(code.slice(0, 7)) ?? []), code]);
  return [...byProduct].map(([product, own]) => {
    const drug = drugOf(own[0] ?? '', state);
    return {
      product_code: product, physic_name: drug.drugName, approve_no: drug.approvalNo, produce_ent_name: drug.maker, temp_pkg_spec: drug.packageSpec,
      product_batch_no: drug.lot, produce_date: drug.producedOn, expired_date: drug.expiresOn, physic_type: '3', physic_type_name: '普通药品',
      min_pkg_count: String(own.reduce((sum, code) => sum + state.packages.smallestCount(code), 0)),
    };
  });
}

function nameOf(state: MahState, entId: string): string {
  return state.enterpriseByEnt(entId)?.name ?? '';
}
