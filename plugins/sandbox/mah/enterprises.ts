import { chinaDateTime } from '../../../adapter/domain/china-time.ts';
import { asObject } from '../platform.ts';
import { notFound, pageOf, success, type Answer, type MethodContext } from './answer.ts';
import { enterpriseFor, type Enterprise } from './settings.ts';

const QUERY_MEMBERS = ['ent_name', 'org_code', 'medical_code', 'par_ref_ent_id', 'ent_id'] as const;

/** getentinfolist: both keys of an enterprise by exact name, credit code, medical code or key; one condition must be there. */
export function entInfoList(context: MethodContext): Answer {
  const { call, text } = context;
  const wanted = asObject(JSON.parse(text('query_param') || '{}') as unknown) ?? {};
  const given = QUERY_MEMBERS.filter((name) => typeof wanted[name] === 'string' && wanted[name] !== '');
  if (given.length === 0) return { error: { code: 41, subCode: 'isv.invalid-parameter', subMessage: `query_param中${QUERY_MEMBERS.join('、')}至少填写一项` } };
  const name = typeof wanted['ent_name'] === 'string' ? wanted['ent_name'] : '';
  const found = lookUp(name, context).filter((each) => given.every((member) => memberOf(each, member) === wanted[member]));
  if (found.length === 0) return notFound(call.method);
  return success(call.method, {
    model: found.map((each) => ({
      ent_id: each.entId, ref_ent_id: each.refEntId, audit_status: 1, ent_name: each.name, unique_code: each.orgCode ?? '', lic_type_name: '统一社会信用代码', lic_type_code: 24,
      prov_name: '示范省', prov_code: '350000', city_name: '示范市', city_code: '350100', area_name: '示范区', area_code: '350102', settle_status: 1, reg_region_detail: '示范路1号',
    })),
  });
}

/** query.getentinfo: the old way, one match by exact name. */
export function entInfo(context: MethodContext): Answer {
  const { call, text } = context;
  const found = lookUp(text('ent_name'), context).find((each) => each.name === text('ent_name'));
  if (found === undefined) return notFound(call.method);
  return success(call.method, { model: { ref_ent_id: found.refEntId, ent_id: found.entId, network_type: '200', audit_status: '1', ent_extend: {} } });
}

/** query.listparts: every supplier is a partner; `ent_id` and the deprecated members stay empty, as in production. */
export function listPartners(context: MethodContext): Answer {
  const { call, now, state, text } = context;
  const partners = state.enterprises.filter((each) => each.role !== 'hospital' && (text('ent_name') === '' || each.name.includes(text('ent_name'))) && ['', '1'].includes(text('audit_flag')));
  const rows = partners.map((each, index) => ({
    partner_id: String(index + 1), partner_name: each.name, ref_ent_id: text('ref_ent_id'), partner_ent_id: each.entId, par_ref_ent_id: each.refEntId, p_ent_par_id: String(index + 1),
    is_network: '1', audit_flag: '1', partner_type: each.role === 'producer' ? '1' : '2', partner_type_desc: each.role === 'producer' ? '生产企业' : '批发企业', status: '1',
    crt_date: chinaDateTime(now), last_mod_date: chinaDateTime(now), prov_name: '示范省', city_name: '示范市', area_name: '示范区', ent_prov_code: '350000', ent_extend: {},
  }));
  return success(call.method, { model: { total_num: rows.length, result_list: pageOf(rows, context) } });
}

/** service.getenddate: business 1 (drugs), service 11 (basic pack). */
export function serviceEnd(context: MethodContext): Answer {
  const { call, settings, text } = context;
  if (text('business') !== '1' || text('service') !== '11') return notFound(call.method);
  return success(call.method, { end_date: settings.serviceEndsOn });
}

/** Known enterprises; where names may be made up, the one asked for joins them first. */
function lookUp(name: string, context: MethodContext): readonly Enterprise[] {
  const { settings, state } = context;
  if (settings.partners === 'any-name' && name !== '' && !state.enterprises.some((each) => each.name === name)) state.record({ kind: 'enterprise', enterprise: enterpriseFor(name) });
  return state.enterprises;
}

function memberOf(each: Enterprise, member: (typeof QUERY_MEMBERS)[number]): string | undefined {
  switch (member) {
    case 'ent_name': return each.name;
    case 'org_code': return each.orgCode;
    case 'medical_code': return each.medicalCode;
    case 'par_ref_ent_id': return each.refEntId;
    case 'ent_id': return each.entId;
  }
}
