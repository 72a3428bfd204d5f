import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { Hl7Header } from './codec/header.ts';

export interface FilingRules {
  /** institution codes that are configured */
  readonly institutions: readonly string[];
  /** institution of messages that name none of ours, where that is beyond doubt */
  readonly fallback: string | undefined;
  /** a person has said in the settings whose messages these are: what MSH-4 calls the sender does not matter */
  readonly trusted: boolean;
}

/** Where a message belongs, or why it belongs to nobody here. */
export type FiledUnder =
  | { readonly institution: string; readonly refusal?: undefined }
  | { readonly institution?: undefined; readonly refusal: Refusal };

/** 定点医药机构编号: H and eleven more (insurance.md, fixmedins_code); `HOSP` and `总院` are names a HIS gives itself. */
const INSTITUTION_CODE = /^H[A-Z0-9]{11}$/i;

/**
 * Decides whose message it is. MSH-4 that names one of ours wins, then MSH-6. A sender that calls itself by the code of an institution that is
 * not configured is refused: its patients and stock must never be booked under somebody else. A name that is no code goes to the fallback;
 * with several institutions and none, it is refused.
 */
export function filedUnder(header: Hl7Header, rules: FilingRules): FiledUnder {
  const known = new Set(rules.institutions);
  const sender = header.sendingFacility.find((name) => known.has(name));
  if (sender !== undefined) return { institution: sender };
  const foreign = header.sendingFacility.find((name) => INSTITUTION_CODE.test(name));
  if (foreign !== undefined && !rules.trusted) return { refusal: unknownInstitution(foreign, '') };
  const receiver = header.receivingFacility.find((name) => known.has(name));
  if (receiver !== undefined) return { institution: receiver };
  if (rules.fallback !== undefined && known.has(rules.fallback)) return { institution: rules.fallback };
  const named = header.sendingFacility.find((name) => name !== '') ?? '';
  return { refusal: unknownInstitution(named, named === '' ? '消息没有写明机构；' : '') };
}

function unknownInstitution(value: string, why: string): Refusal {
  return refusal('EVENT_INSTITUTION_UNKNOWN', {
    field: 'MSH-4', value, detail: `${why}请在 MSH-4 填写已配置的 12 位定点医药机构编号，或在该来源（或其 peers）写明 institution`,
  });
}

/** @returns the only configured institution, or undefined when there are several */
export function onlyInstitution(institutions: readonly string[]): string | undefined {
  return institutions.length === 1 ? institutions[0] : undefined;
}
