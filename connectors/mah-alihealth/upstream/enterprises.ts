import type { Paged, UpstreamAccess, UpstreamEnterprise } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { asObject, rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, pageOfCursor, readPages, type Asking, type Given } from './asking.ts';

type Wanted = Parameters<UpstreamAccess['enterprises']>[0];

/** getentinfolist: both ids of every enterprise that fits all that is given (mah.md 3). */
export async function askEnterprises(wanted: Wanted, asking: Asking): Promise<Given<readonly UpstreamEnterprise[]>> {
  const members = { ent_name: wanted.name, org_code: wanted.creditCode, medical_code: wanted.medicalCode, par_ref_ent_id: wanted.refEntId, ent_id: wanted.entId };
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return { kind: 'refused', reason: 'MISSING_FIELD', peerText: '查询企业至少要给出名称、统一社会信用代码、医疗机构登记号或编号之一' };
  const asked = await asking.call(METHODS.enterprises, { query_param: JSON.stringify(Object.fromEntries(given)) });
  if (asked.kind !== 'answer') return asked;
  const rows = rowsOf(asObject(asked.reply.payload)?.['result_list'] ?? asked.reply.payload).filter((row) => textOf(row['ent_id']) !== '');
  return rows.length === 0 ? { kind: 'none' } : found(rows.map(enterpriseOf));
}

function enterpriseOf(row: TreeObject): UpstreamEnterprise {
  const audit = textOf(row['audit_status']);
  const licenceNo = textOf(row['unique_code']);
  const address = ['prov_name', 'city_name', 'area_name', 'reg_region_detail'].map((name) => textOf(row[name])).join('');
  return {
    name: textOf(row['ent_name']), entId: textOf(row['ent_id']), refEntId: textOf(row['ref_ent_id']),
    ...(audit === '' ? {} : { approved: audit === '1' }), ...(licenceNo === '' ? {} : { licenceNo }), ...(address === '' ? {} : { address }),
  };
}

const PAGES_AT_ONCE = 10;

/** query.listparts: approved partners. `ent_id` of a row is dead; `replace_ent_id` supersedes `partner_ent_id` (mah.md 3). */
export async function askPartners(wanted: { readonly name?: string; readonly cursor?: string }, asking: Asking): Promise<Given<Paged<UpstreamEnterprise>>> {
  const parameters = { audit_flag: '1', ...(wanted.name === undefined || wanted.name === '' ? {} : { ent_name: wanted.name }) };
  const read = await readPages(asking, { method: METHODS.partners, parameters, page: pageOfCursor(wanted.cursor), maxPages: PAGES_AT_ONCE });
  if (read.kind !== 'rows') return read;
  return found({ rows: read.rows.flatMap(partnerOf), ...(read.nextPage === undefined ? {} : { next: String(read.nextPage) }) });
}

function partnerOf(row: TreeObject): UpstreamEnterprise[] {
  const replacement = textOf(asObject(row['ent_extend'])?.['replace_ent_id']);
  const entId = replacement === '' ? textOf(row['partner_ent_id']) : replacement;
  const audit = textOf(row['audit_flag']);
  if (entId === '' || (audit !== '' && audit !== '1')) return [];
  // the replacement's ref_ent_id is not told, and never copied from another enterprise
  return [{ name: textOf(row['partner_name']), entId, refEntId: replacement === '' ? textOf(row['par_ref_ent_id']) : '', approved: true }];
}
