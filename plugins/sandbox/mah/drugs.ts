import { failure, pageOf, success, type Answer, type MethodContext } from './answer.ts';
import { callerOf } from './identity.ts';
import { flatten } from './packages.ts';
import type { UpstreamLine } from './settings.ts';
import { resultTypeAt, type Bill, type MahState } from './state.ts';
import { billTypeOf } from './uploads.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @returns what the platform says about the drug behind a code; a code that no supplier told of gets a made-up drug */
export function drugOf(code: string, state: MahState): Omit<UpstreamLine, 'packages'> {
  return state.packages.find(code)?.line ?? {
    drugName: `示范药品${code.slice(4, 7)}`, approvalNo: `国药准字H8999${code.slice(3, 7)}`, spec: '0.25g', packageSpec: '24粒/盒', maker: '示范制药有限公司',
    lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', ratio: '1',
  };
}

/** query.codedetail: drug, batch and state of up to 1000 codes; level 1 is the smallest here. */
export function codeDetail(context: MethodContext): Answer {
  const { call, state, text } = context;
  const models = text('codes').split(',').map((code) => {
    const drug = drugOf(code, state);
    return {
      code,
      code_status_type_d_t_o: { code_status: codeStatus(code, context) },
      package_level: String(state.packages.find(code)?.package.level ?? 1),
      p_user_ent_d_t_o: { ent_name: drug.maker },
      drug_ent_base_d_t_o: { physic_type_desc: '普通药品', physic_name: drug.drugName, exprie: '24月', drug_ent_base_info_id: code.slice(0, 7), approval_licence_no: drug.approvalNo, pkg_spec_crit: drug.packageSpec, prepn_spec: drug.spec, prepn_type_desc: '' },
      code_produce_info_d_t_o: { produce_info_list: [{ produce_date_str: drug.producedOn, pkg_amount: String(state.packages.declaredCount(code)), expire_date: drug.expiresOn, batch_no: drug.lot, original_produce_date: drug.producedOn, original_expire_date: drug.expiresOn }] },
    };
  });
  return success(call.method, { models });
}

/** A activated, I received, O written off, C cancelled, E does not exist (mah.md section 7). */
function codeStatus(code: string, context: MethodContext): string {
  const special = context.settings.codeStates[code];
  if (special !== undefined) return special === 'C' ? 'C' : 'E';
  if (!/^8\d{19}$/.test(code)) return 'E';
  const last = context.state.lastMovement(code);
  if (last === undefined || resultTypeAt(last, context.now) !== '3') return 'A';
  return billTypeOf(last.billType)?.dir === 'in' ? 'I' : 'O';
}

/**
 * query.relation: the whole tree around each code, siblings and parents included. A code that is not in a processed inbound
 * bill of ours is refused: FAIL_BIZ_NOT_CURRENT_OPERATE_CODE (mah.md section 0, point 4).
 */
export function relation(context: MethodContext): Answer {
  const { call, state, text } = context;
  const own = callerOf(context);
  const codes = text('code').split(',');
  const notOurs = codes.find((code) => !isReceived(code, own?.refEntId ?? '', context));
  if (notOurs !== undefined) return failure(call.method, 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE', `非当前企业操作的追溯码:${notOurs}`);
  return success(call.method, { model_list: codes.map((code) => relationOf(code, state)) });
}

function isReceived(code: string, refEntId: string, context: MethodContext): boolean {
  const isInbound = (bill: Bill): boolean => bill.refEntId === refEntId && billTypeOf(bill.billType)?.dir === 'in' && resultTypeAt(bill, context.now) === '3' && context.now >= bill.doneAt + context.settings.processing.relationMs;
  return [code, ...context.state.packages.ancestors(code)].some((each) => context.state.movements(each).some(isInbound));
}

function relationOf(code: string, state: MahState): Fields {
  const nodes = state.packages.tree(code);
  const outermost = nodes[0]?.package.level ?? 1;
  const drug = drugOf(code, state);
  const rows = nodes.length === 0
    ? [{ status: 'I', code, code_level: '1', parent_code: '', code_pack_level: '1' }]
    // code_level counts from the outside, code_pack_level from the inside (mah.md section 0, point 6)
    : nodes.map((node) => ({ status: 'I', code: node.package.code, code_level: String(outermost - node.package.level + 1), parent_code: node.parent?.package.code ?? '', code_pack_level: String(node.package.level) }));
  return {
    code_relation_list: rows,
    is_smallest: (state.packages.find(code)?.package.children ?? []).length === 0 ? 'Y' : 'N',
    pkg_info_dto: { code_list: rows.map((row) => row.code) },
    base_infos_dto: { base_info_list: [{ physic_info: `${drug.drugName} ${drug.spec}`, pkg_spec: drug.packageSpec, prepn_spec: drug.spec, physic_name: drug.drugName, pkg_ratio: drug.ratio, exprie_date: drug.expiresOn, produce_batch_no: drug.lot, produce_date: drug.producedOn, product_code: code.slice(0, 7), approve_no: drug.approvalNo, physic_type: '3' }] },
    produce_info_list: [{ produce_date: drug.producedOn, expire_date: drug.expiresOn, batch_no: drug.lot, code, pkg_amount: String(state.packages.declaredCount(code)) }],
  };
}

/** drugtable: the drugs of the upstream bills by generic name, each package level with its own 7-digit resource code. */
export function drugTable(context: MethodContext): Answer {
  const { settings, text } = context;
  const lines = settings.upstreamBills.flatMap((bill) => bill.lines).filter((line) => line.drugName.includes(text('physic_name'))
    && (text('approval_licence_no') === '' || line.approvalNo === text('approval_licence_no')) && (text('ent_name') === '' || line.maker === text('ent_name')));
  const drugs = new Map(lines.map((line) => [`${line.drugName} ${line.approvalNo} ${line.packageSpec}`, line]));
  const rows = [...drugs.values()].map((line) => {
    const levels = new Map(line.packages.flatMap(flatten).map((each) => [each.level, each.code.slice(0, 7)]));
    return {
      physic_name: line.drugName, physic_type: 3, physic_type_desc: '普通药品', ent_name: line.maker, prod_code: [...levels.values()].at(-1) ?? '', pkg_unit_desc: '盒',
      sub_type_list: [{
        package_spec: line.packageSpec, prepn_spec: line.spec, approve_no: line.approvalNo, pack_unit_name: '盒',
        code_res_list: [...levels].map(([level, prefix]) => ({ code_prefix: prefix, res_code: prefix, code_level: String(level), pkg_ratio: line.ratio })),
      }],
    };
  });
  return success(context.call.method, { model: { total_num: rows.length, result_list: pageOf(rows, context), page: Number(text('page')), page_size: Number(text('page_size')) } });
}
