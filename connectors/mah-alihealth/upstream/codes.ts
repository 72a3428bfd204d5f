import type { CodeWarning, UpstreamCodeDetail, UpstreamCodeState } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { asObject, rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, type Asking, type Given } from './asking.ts';
import { levelOf } from './level.ts';

/** query.codedetail takes 1000 codes (Annex A) */
const CODES_PER_CALL = 1_000;
const MAX_CODES = 5_000;

/** mah.md 7; an older text labels O as received, which is a slip of the pen */
const STATES: Readonly<Record<string, UpstreamCodeState>> = { A: 'activated', I: 'received', O: 'written-off', C: 'cancelled', E: 'unknown' };

/** query.codedetail: state, drug and lot of codes, in the order asked. */
export async function askCodes(codes: readonly string[], asking: Asking): Promise<Given<readonly UpstreamCodeDetail[]>> {
  if (codes.length === 0 || codes.length > MAX_CODES || codes.some((code) => code === '' || code.includes(','))) {
    return { kind: 'refused', reason: 'CONFIGURATION', peerText: `一次可查询 1 至 ${String(MAX_CODES)} 个追溯码` };
  }
  const told = new Map<string, UpstreamCodeDetail>();
  const distinct = [...new Set(codes)];
  for (let at = 0; at < distinct.length; at += CODES_PER_CALL) {
    const asked = await asking.call(METHODS.codeDetail, { codes: distinct.slice(at, at + CODES_PER_CALL).join(',') });
    if (asked.kind === 'none') continue;
    if (asked.kind !== 'answer') return asked;
    for (const row of rowsOf(asked.reply.payload)) told.set(textOf(row['code']), detailOf(row));
  }
  return found(codes.map((code) => told.get(code) ?? notTold(code)));
}

function detailOf(row: TreeObject): UpstreamCodeDetail {
  const base = asObject(row['drug_ent_base_d_t_o']);
  const [produced] = rowsOf(asObject(row['code_produce_info_d_t_o'])?.['produce_info_list']);
  const of = (object: TreeObject | undefined, ...names: readonly string[]): string => names.map((name) => textOf(object?.[name])).find((text) => text !== '') ?? '';
  const state = of(asObject(row['code_status_type_d_t_o']), 'code_status');
  return {
    code: textOf(row['code']), state: state === '' ? 'not-told' : STATES[state] ?? 'other', level: levelOf(row['package_level']),
    drug: {
      drugName: of(base, 'physic_name'), spec: of(base, 'prepn_spec'), packSpec: of(base, 'pkg_spec_crit'), maker: of(asObject(row['p_user_ent_d_t_o']), 'ent_name'), approvalNo: of(base, 'approval_licence_no'),
      lot: of(produced, 'batch_no'), producedOn: of(produced, 'original_produce_date', 'produce_date_str'), expiresOn: of(produced, 'original_expire_date', 'expire_date'), packs: of(produced, 'pkg_amount'),
    },
  };
}

function notTold(code: string): UpstreamCodeDetail {
  return { code, state: 'not-told', level: undefined, drug: { drugName: '', spec: '', packSpec: '', maker: '', approvalNo: '', lot: '', producedOn: '', expiresOn: '', packs: '' } };
}

/** mah.md 7, myj.codewarn.getwarninfo */
const WARNINGS: Readonly<Record<string, { readonly kind: CodeWarning['kind']; readonly severity: CodeWarning['severity'] }>> = {
  1: { kind: 'terminated-elsewhere', severity: 'high' }, 2: { kind: 'used-elsewhere', severity: 'high' }, 3: { kind: 'flows-elsewhere', severity: 'low' },
  4: { kind: 'not-activated', severity: 'low' }, 5: { kind: 'foreign-segment', severity: 'high' }, 6: { kind: 'cancelled', severity: 'high' },
};

/** codewarn.getwarninfo: whether the code was used elsewhere, not activated, cancelled. An empty list is the good answer. */
export async function askWarnings(code: string, asking: Asking): Promise<Given<readonly CodeWarning[]>> {
  const asked = await asking.call(METHODS.codeWarning, { code });
  if (asked.kind === 'none') return found([]);
  if (asked.kind !== 'answer') return asked;
  return found(rowsOf(asked.reply.payload).map((row) => warningOf(row, code)));
}

function warningOf(row: TreeObject, asked: string): CodeWarning {
  const of = (name: string): string => textOf(row[name]);
  const known = WARNINGS[of('warning_info_type')];
  // a warning of a kind we do not know is never taken for a mild one
  const severity = of('warning_level') === '1' ? 'high' : of('warning_level') === '2' ? 'low' : known?.severity ?? 'high';
  return {
    code: of('warning_code') || asked, kind: known?.kind ?? 'other', severity, text: of('warning_info_desc'), billType: of('warning_bill_type_desc'), at: of('warning_date_desc'),
    where: [of('warning_prov_desc'), of('warning_ent_org_type_desc')].filter((text) => text !== '').join(' '),
  };
}
