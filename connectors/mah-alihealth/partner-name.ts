import type { Counterparty } from '../../adapter/domain/event.ts';
import type { PartnerSetting } from './settings.ts';

/** @returns the name with full-width brackets and spaces evened out, so that equal names compare equal */
export function evenName(name: string): string {
  return name.normalize('NFKC').replace(/\s+/g, '').trim();
}

/** `G0012-`, `(0012)`, `[A1]`: letters and digits with a separator or brackets, or at least four of them */
const LEADING_CODE = /^(?:[([{【][A-Za-z0-9_-]{1,20}[)\]}】][-_.、:/|]*|[A-Za-z]{0,6}\d[A-Za-z0-9]{0,19}[-_.、:/|]+|[A-Za-z]{0,4}\d[A-Za-z0-9]{3,19}(?=[^A-Za-z0-9]))/;
/** remarks of the HIS, never a place or a branch: `(福州)` and `(第二分公司)` are part of a name */
const TRAILING_REMARK = /[([【](?:[A-Za-z0-9_-]+|停用|作废|禁用|暂停|旧|新|药品|西药|中药|中成药|配送|供应商|两票制|集采)[)\]】]$/;

/**
 * Supplier names in a HIS carry codes before and remarks behind: `G0012-示范医药有限公司（停用）` (mah.md 3). Only what is surely
 * no part of a name is taken off: a shorter name could be another enterprise.
 */
export function bareName(name: string): string {
  const even = evenName(name);
  const bare = even.replace(LEADING_CODE, '').replace(TRAILING_REMARK, '');
  return bare === '' ? even : bare;
}

export type PartnerIds = { readonly entId: string; readonly refEntId?: string | undefined; readonly address?: string | undefined };
export type ConfiguredMatch = { readonly kind: 'one'; readonly ids: PartnerIds } | { readonly kind: 'several' } | { readonly kind: 'none' };

/** Looks a supplier up under `partners`: by code, then by the name as it is, then by the bare name. Only one enterprise may fit. */
export function configuredPartner(counterparty: Counterparty, partners: readonly PartnerSetting[]): ConfiguredMatch {
  const { code, name } = counterparty;
  const tests: ((partner: PartnerSetting) => boolean)[] = [];
  if (code !== undefined && code !== '') tests.push((partner) => partner.code === code);
  if (name !== undefined && name !== '') {
    tests.push((partner) => evenName(partner.name) === evenName(name), (partner) => bareName(partner.name) === bareName(name));
  }
  for (const test of tests) {
    const found = partners.filter(test);
    const [first] = found;
    if (first === undefined) continue;
    return found.some((partner) => partner.entId !== first.entId) ? { kind: 'several' } : { kind: 'one', ids: first };
  }
  return { kind: 'none' };
}
