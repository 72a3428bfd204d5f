import { notFound, pageOf, success, type Answer, type MethodContext } from './answer.ts';
import { callerOf } from './identity.ts';
import { flatten } from './packages.ts';
import type { SandboxPackage, UpstreamBill, UpstreamLine } from './settings.ts';
import { billTypeOf } from './uploads.ts';

type Fields = Readonly<Record<string, unknown>>;

/** listupout: one row per drug line of the suppliers' bills to us; status 2 once one of its codes was received. */
export function listUpOut(context: MethodContext): Answer {
  const { call, text } = context;
  const rows = upstreamBills(context)
    .filter(({ bill }) => bill.billTime.slice(0, 10) >= text('begin_date') && bill.billTime.slice(0, 10) <= text('end_date'))
    .flatMap(({ bill, seq }) => bill.lines.map((line) => lineRow(bill, line, seq, context)))
    .filter((row) => (['status', 'bill_code', 'bill_type', 'from_user_id', 'produce_batch_no'] as const).every((name) => text(name) === '' || row[name] === text(name)));
  return success(call.method, { model: { total_num: rows.length, result_list: pageOf(rows, context) } });
}

/** listupout.detail: drug lines with codes. `from_ref_user_id` or `ass_ref_ent_id` must be there (mah.md section 5). */
export function upOutDetail(context: MethodContext): Answer {
  const { call, state, text } = context;
  if (text('from_ref_user_id') === '' && text('ass_ref_ent_id') === '') return { error: { code: 40, subCode: 'isv.missing-parameter:from_ref_user_id', subMessage: 'from_ref_user_id、ass_ref_ent_id至少填写一项' } };
  const found = upstreamBills(context).find(({ bill }) => bill.billCode === text('bill_code') && bill.to === text('to_ref_user_id') && (text('from_ref_user_id') === '' || bill.from === text('from_ref_user_id')));
  if (found === undefined) return notFound(call.method);
  const { bill } = found;
  return success(call.method, {
    model: {
      bill_code: bill.billCode, bill_type: bill.billType ?? '201', bill_type_name: '销售出库', ent_send_name: state.enterpriseByRef(bill.from)?.name ?? '', ent_send_id: bill.from,
      ent_recv_name: state.enterpriseByRef(bill.to)?.name ?? '', ent_recv_id: bill.to, store_out_date: bill.billTime, update_date: bill.billTime,
      drug_infos_dto_list: bill.lines.map((line) => ({
        produce_date: line.producedOn, product_ent_name: line.maker, package_spec: line.packageSpec, physic_name: line.drugName, prepn_spec: line.spec, produce_batch_no: line.lot,
        valid_end_date: line.expiresOn, least_pkg_amount: String(smallestOf(line)), approval_no: line.approvalNo, physic_type: '3', physic_type_name: '普通药品', pkg_unit_desc: '盒',
        code_info_list_dto_list: line.packages.flatMap(flatten).map((each) => ({ code: each.code, code_level: String(each.level), pkg_amount: String(state.packages.declaredCount(each.code)), prepn_spec: line.spec })),
      })),
    },
  });
}

/** query.upbillcode: which upstream bill a scanned code, of any level, belongs to. An empty list when there is none. */
export function upBillCode(context: MethodContext): Answer {
  const { call, state, text } = context;
  if (text('code') === '') return { error: { code: 40, subCode: 'isv.missing-parameter:code', subMessage: '缺少必填参数code' } };
  const bill = state.packages.find(text('code'))?.bill;
  if (bill === undefined) return success(call.method, { model_list: [] });
  const [from, to] = [state.enterpriseByRef(bill.from), state.enterpriseByRef(bill.to)];
  return success(call.method, {
    model_list: [{
      bill_code: bill.billCode, bill_type: bill.billType ?? '201', bill_time: bill.billTime, ref_user_id: bill.from, from_user_name: from?.name ?? '', from_user_id: from?.entId ?? '',
      from_ref_user_id: bill.from, to_user_name: to?.name ?? '', to_user_id: to?.entId ?? '', to_ref_user_id: bill.to,
    }],
  });
}

/** query.upoutbillcount: the suppliers' bills to us by type. */
export function upOutBillCount(context: MethodContext): Answer {
  const { call, text } = context;
  const counts = new Map<string, number>();
  for (const { bill } of upstreamBills(context)) {
    const [day, type] = [bill.billTime.slice(0, 10), bill.billType ?? '201'];
    if (day >= text('begin_date') && day <= text('end_date') && ['', type].includes(text('bill_type'))) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return success(call.method, { model_list: [...counts].map(([type, count]) => ({ bill_type: type, bill_type_name: billTypeOf(type)?.zh ?? '', count })) });
}

function upstreamBills(context: MethodContext): readonly { readonly bill: UpstreamBill; readonly seq: number }[] {
  const own = callerOf(context);
  return context.settings.upstreamBills.map((bill, index) => ({ bill, seq: index + 1 })).filter(({ bill }) => bill.to === own?.refEntId);
}

function lineRow(bill: UpstreamBill, line: UpstreamLine, seq: number, context: MethodContext): Fields {
  const { state } = context;
  const [from, to] = [state.enterpriseByRef(bill.from), state.enterpriseByRef(bill.to)];
  const isReceived = line.packages.flatMap(flatten).some((each) => state.movements(each.code).some((own) => own.refEntId === bill.to));
  return {
    bill_code: bill.billCode, bill_type: bill.billType ?? '201', bill_time: bill.billTime, bill_time_format: bill.billTime, bill_out_id: seq, status: isReceived ? '2' : '1',
    from_ent_name: from?.name ?? '', from_user_name: from?.name ?? '', from_user_id: from?.entId ?? '', from_ref_user_id: bill.from,
    to_user_name: to?.name ?? '', to_user_id: to?.entId ?? '', to_ref_user_id: bill.to, code_count: smallestOf(line), prepn_count: smallestOf(line),
    physic_name: line.drugName, physic_info: `${line.drugName} ${line.spec}`, prepn_spec: line.spec, pkg_spec: line.packageSpec, produce_ent_name: line.maker,
    produce_batch_no: line.lot, produce_date: line.producedOn, produce_date_format: line.producedOn, exprie_date: line.expiresOn, exprie_date_format: line.expiresOn,
  };
}

function smallestOf(line: UpstreamLine): number {
  const count = (each: SandboxPackage): number => (each.children === undefined || each.children.length === 0 ? 1 : each.children.reduce((sum, child) => sum + count(child), 0));
  return line.packages.reduce((sum, each) => sum + count(each), 0);
}
