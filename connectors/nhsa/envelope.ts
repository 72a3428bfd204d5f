import { chinaDateTime } from '../../adapter/domain/china-time.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Profile } from './profile.ts';
import type { NhsaSettings } from './settings.ts';

export interface EnvelopeParts {
  readonly infno: string;
  readonly msgid: string;
  readonly institution: Institution;
  /** 参保地医保区划; '' when the input names no person */
  readonly insuredArea: string;
  readonly signNo: string;
  /** ms since epoch */
  readonly at: number;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Request envelope (insurance.md section 2): all members in the order of the table, empty ones as "". pw_ecToken exists only in
 * newer versions and is sent where the site's `envelope` setting names it.
 */
export function buildEnvelope(parts: EnvelopeParts, by: { readonly settings: NhsaSettings; readonly profile: Profile }): Readonly<Record<string, unknown>> {
  const { settings, profile } = by;
  const members: Record<string, unknown> = {
    infno: parts.infno,
    msgid: parts.msgid,
    mdtrtarea_admvs: parts.institution.region,
    insuplc_admdvs: parts.insuredArea,
    recer_sys_code: settings.recerSysCode,
    dev_no: '',
    dev_safe_info: '',
    cainfo: '',
    signtype: '',
    infver: '',
    opter_type: settings.operator.type,
    opter: settings.operator.code,
    opter_name: settings.operator.name,
    inf_time: chinaDateTime(parts.at),
    fixmedins_code: parts.institution.code,
    fixmedins_name: parts.institution.name,
    sign_no: parts.signNo,
    app_id: '',
    enc_type: '',
    input: parts.input,
  };
  for (const [name, value] of Object.entries(profile.envelope)) if (!OURS.has(name)) members[name] = value;
  return members;
}

/** members that no setting may replace */
const OURS = new Set(['infno', 'msgid', 'inf_time', 'fixmedins_code', 'sign_no', 'input']);

/** @returns characters of `input` as it goes out; the specification bounds them at 40,000 */
export function inputChars(input: Readonly<Record<string, unknown>>): number {
  return JSON.stringify(input).length;
}
