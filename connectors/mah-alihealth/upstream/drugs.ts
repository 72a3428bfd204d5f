import type { Paged, UpstreamAccess, UpstreamDrug } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, pageOfCursor, readPages, type Asking, type Given } from './asking.ts';
import { levelOf } from './level.ts';

const PAGES_AT_ONCE = 5;

/** drugtable: drugs by generic name, each package level with its own 7-digit resource code (mah.md 8). */
export async function askDrugs(wanted: Parameters<UpstreamAccess['drugs']>[0], asking: Asking): Promise<Given<Paged<UpstreamDrug>>> {
  if (wanted.name === '') return { kind: 'refused', reason: 'MISSING_FIELD', peerText: '查询药品目录须给出通用名' };
  const optional = { approval_licence_no: wanted.approvalNo, ent_name: wanted.maker };
  const parameters = { physic_name: wanted.name, ...Object.fromEntries(Object.entries(optional).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))) };
  const read = await readPages(asking, { method: METHODS.drugTable, parameters, page: pageOfCursor(wanted.cursor), maxPages: PAGES_AT_ONCE });
  if (read.kind !== 'rows') return read;
  return found({ rows: read.rows.map(drugOf), ...(read.nextPage === undefined ? {} : { next: String(read.nextPage) }) });
}

function drugOf(row: TreeObject): UpstreamDrug {
  const of = (name: string): string => textOf(row[name]);
  return { name: of('physic_name'), brand: of('prod_name'), form: of('prepn_type_desc'), maker: of('ent_name'), packages: rowsOf(row['sub_type_list']).map((each) => packageOf(each, of('pkg_unit_desc'))) };
}

function packageOf(row: TreeObject, unitOfDrug: string): UpstreamDrug['packages'][number] {
  const of = (name: string): string => textOf(row[name]);
  const prefixes = rowsOf(row['code_res_list']).map((each) => ({ prefix: textOf(each['res_code']) || textOf(each['code_prefix']), level: levelOf(each['code_level']), ratio: textOf(each['pkg_ratio']) }));
  return { spec: of('prepn_spec'), packSpec: of('package_spec'), approvalNo: of('approve_no'), packUnit: of('pack_unit_name') || unitOfDrug, prefixes: prefixes.filter(({ prefix }) => prefix !== '') };
}
