import type { MethodContext } from './answer.ts';
import type { Enterprise } from './settings.ts';

/** Parameters that take ent_id, and those that take ref_ent_id (mah.md section 0, point 5). */
const ENT_PARAMETERS = ['from_user_id', 'to_user_id', 'dest_user_id', 'dis_ent_id', 'ass_ent_id', 'ass_en_id', 'partner_id_send', 'partner_id_recv'];
const REF_PARAMETERS = ['ref_ent_id', 'ref_user_id', 'des_ref_ent_id', 'agent_ref_user_id', 'dis_ref_ent_id', 'ass_ref_ent_id', 'auth_ref_user_id', 'from_ref_user_id', 'to_ref_user_id'];

/** Every enterprise key must be a known one of the right kind. @returns what is wrong, undefined when nothing is */
export function identityProblem(context: MethodContext): string | undefined {
  const { state } = context;
  for (const name of ENT_PARAMETERS) {
    const value = context.text(name);
    if (value === '' || state.enterpriseByEnt(value) !== undefined) continue;
    return state.enterpriseByRef(value) === undefined ? `${name}:企业不存在` : `${name}应为企业ent_id,收到的是ref_ent_id`;
  }
  for (const name of REF_PARAMETERS) {
    const value = context.text(name);
    if (value === '' || state.enterpriseByRef(value) !== undefined) continue;
    return state.enterpriseByEnt(value) === undefined ? `${name}:企业不存在` : `${name}应为企业ref_ent_id,收到的是ent_id`;
  }
  return undefined;
}

/** @returns the hospital that calls or owns the bill, undefined when this application does not work for it */
export function callerOf(context: MethodContext): Enterprise | undefined {
  const own = context.state.enterpriseByRef(context.text('ref_user_id') || context.text('ref_ent_id'));
  const allowed = context.call.app.hospitals;
  return own?.role === 'hospital' && (allowed === undefined || allowed.includes(own.refEntId)) ? own : undefined;
}
