import { chinaDate } from '../../../adapter/domain/china-time.ts';
import type { BillWanted, UpstreamBill, UpstreamBillHead, UpstreamBillSummary, UpstreamCode, UpstreamDrugLine } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { asObject, rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, unreadable, type Asking, type Given } from './asking.ts';
import { askBills } from './bill-list.ts';
import { expandOnce } from './expand.ts';
import { levelOf } from './level.ts';

const DEFAULT_RANGE_MS = 29 * 86_400_000;
/** packages of one bill whose contents are asked for at most: ten to a call */
const MAX_OPENED = 100;

/** One supplier's bill with its codes; where the supplier is not known the bill is looked for first. */
export async function askBill(wanted: BillWanted, asking: Asking, windowDays: number): Promise<Given<UpstreamBill>> {
  const sender = await senderOf(wanted, asking, windowDays);
  if (sender.kind !== 'found') return sender;
  const { refEntId, head } = sender.value;
  const behalf = head?.onBehalfOf?.refEntId ?? '';
  const asked = await asking.call(METHODS.upstreamDetail, { bill_code: wanted.billNo, to_ref_user_id: asking.refEntId, from_ref_user_id: refEntId, ...(behalf === '' ? {} : { ass_ref_ent_id: behalf }) });
  if (asked.kind !== 'answer') return asked;
  const model = asObject(asked.reply.payload);
  if (model === undefined) return { kind: 'none' };
  const lines = rowsOf(model['drug_infos_dto_list']).map((row) => ({ ...lineOf(row), codes: rowsOf(row['code_info_list_dto_list']).flatMap(codeOf) }));
  if (lines.length === 0) return unreadable('上游单据明细没有药品行');
  const bill: UpstreamBill = { ...headOf(model, head, wanted.billNo), lines, relations: 'not-asked' };
  return wanted.withRelations === true ? found(await withRelations(bill, asking)) : found(bill);
}

interface Sender { readonly refEntId: string; readonly head: UpstreamBillHead | undefined }

async function senderOf(wanted: BillWanted, asking: Asking, windowDays: number): Promise<Given<Sender>> {
  if (wanted.billNo === '') return { kind: 'refused', reason: 'MISSING_FIELD', peerText: '缺少上游单据编号' };
  if (wanted.supplierRefEntId !== undefined && wanted.supplierRefEntId !== '') return found({ refEntId: wanted.supplierRefEntId, head: undefined });
  const to = wanted.to ?? chinaDate(asking.clock.now());
  const from = wanted.from ?? chinaDate(Date.parse(`${to}T00:00:00+08:00`) - DEFAULT_RANGE_MS);
  const listed = await askBills({ billNo: wanted.billNo, from, to }, asking, windowDays);
  if (listed.kind !== 'found') return listed;
  const heads = listed.value.rows.filter(({ billNo, from: sender }) => billNo === wanted.billNo && sender.refEntId !== '');
  const [head] = heads;
  if (head === undefined) return { kind: 'none' };
  // bill numbers are unique per enterprise only: the wrong one of two would be received
  if (heads.some((other) => other.from.refEntId !== head.from.refEntId)) return { kind: 'refused', reason: 'OWNER_UNKNOWN', peerText: `有 ${String(heads.length)} 家企业的上游单据都叫 ${wanted.billNo}，请指定供应商` };
  return found({ refEntId: head.from.refEntId, head });
}

function headOf(model: TreeObject, listed: UpstreamBillHead | undefined, billNo: string): UpstreamBillHead {
  const of = (name: string): string => textOf(model[name]);
  return {
    ...listed,
    billNo: of('bill_code') || billNo, billType: of('bill_type') || (listed?.billType ?? ''), billAt: of('store_out_date') || (listed?.billAt ?? ''),
    from: { name: of('ent_send_name') || (listed?.from.name ?? ''), entId: listed?.from.entId ?? '', refEntId: of('ent_send_id') || (listed?.from.refEntId ?? '') },
    to: { name: of('ent_recv_name') || (listed?.to.name ?? ''), entId: listed?.to.entId ?? '', refEntId: of('ent_recv_id') || (listed?.to.refEntId ?? '') },
  };
}

function lineOf(row: TreeObject): UpstreamDrugLine {
  const of = (name: string): string => textOf(row[name]);
  return {
    drugName: of('physic_name') || of('prod_name'), spec: of('prepn_spec'), packSpec: of('package_spec'), maker: of('product_ent_name'), approvalNo: of('approval_no'), lot: of('produce_batch_no'),
    producedOn: of('produce_date'), expiresOn: of('valid_end_date'), packs: of('least_pkg_amount'), units: of('least_prepn_amount'),
  };
}

function codeOf(row: TreeObject): UpstreamCode[] {
  const code = textOf(row['code']);
  return code === '' ? [] : [{ code, level: levelOf(row['code_level']), packs: textOf(row['pkg_amount']) }];
}

/** The largest packages are opened first; before our own 102 was processed the platform opens none (mah.md 0.4). */
async function withRelations(bill: UpstreamBill, asking: Asking): Promise<UpstreamBill> {
  const larger = bill.lines.flatMap(({ codes }) => codes).filter(({ level }) => level !== undefined && level > 1).sort((a, b) => (b.level ?? 0) - (a.level ?? 0));
  const parents = new Map<string, string>();
  const opened = new Set<string>();
  const wanted = larger.slice(0, MAX_OPENED).map(({ code }) => code);
  for (let at = 0; at < wanted.length; at += 10) {
    // what stands inside a package that is open already need not be asked for
    const codes = wanted.slice(at, at + 10).filter((code) => !opened.has(code));
    if (codes.length === 0) continue;
    const given = await expandOnce(codes, asking);
    // one that is not ours (yet) speaks for the supplier's whole bill; the codes are worth having without their relation
    if (given.kind !== 'found') break;
    for (const { tree } of given.value.expanded) {
      for (const node of tree) {
        opened.add(node.code);
        if (node.parent !== '') parents.set(node.code, node.parent);
      }
    }
  }
  const relations = larger.length === 0 ? 'not-asked' : larger.every(({ code }) => opened.has(code)) ? 'whole' : opened.size > 0 ? 'partly' : 'not-ready';
  return { ...bill, relations, lines: bill.lines.map((line) => ({ ...line, codes: line.codes.map((code) => withParent(code, parents.get(code.code))) })) };
}

function withParent(code: UpstreamCode, parent: string | undefined): UpstreamCode {
  return parent === undefined ? code : { ...code, parent };
}

/** query.upbilldetail: our own bill as the platform has it. */
export async function askOwnBill(billNo: string, asking: Asking): Promise<Given<UpstreamBillSummary>> {
  const asked = await asking.call(METHODS.ownBillDetail, { bill_code: billNo });
  if (asked.kind !== 'answer') return asked;
  const model = asObject(asked.reply.payload);
  if (model === undefined || textOf(model['bill_code']) === '') return { kind: 'none' };
  const of = (name: string): string => textOf(model[name]);
  return found({
    billNo: of('bill_code'), billType: of('bill_type'), billAt: of('bill_time'),
    from: { name: of('from_ent_name'), entId: of('from_user_id'), refEntId: '' }, to: { name: of('to_ent_name'), entId: of('to_user_id'), refEntId: '' },
    lines: rowsOf(model['bill_chk_in_out_detail_list_d_t_o_list']).map(ownLineOf),
  });
}

function ownLineOf(row: TreeObject): UpstreamDrugLine {
  const of = (name: string): string => textOf(row[name]);
  return {
    drugName: of('physic_name'), spec: '', packSpec: of('temp_pkg_spec'), maker: of('produce_ent_name'), approvalNo: of('approve_no'), lot: of('product_batch_no'),
    producedOn: of('produce_date'), expiresOn: of('expired_date'), packs: of('min_pkg_count'), units: of('min_preparations_count'),
  };
}
