import type { Counterparty } from '../../../adapter/domain/event.ts';
import type { Model } from '../template/value.ts';
import type { HolderSettings } from './settings.ts';

export type PartnerResult = { readonly kind: 'partner'; readonly model: Model } | { readonly kind: 'missing'; readonly detail: string };

/** Finds the other side's id; nothing is guessed, because a report under the wrong enterprise is hard to undo (mah.md 13.8). */
export function partnerOf(counterparty: Counterparty | undefined, need: 'none' | 'optional' | 'required', partners: HolderSettings['partners']): PartnerResult {
  if (need === 'none') return { kind: 'partner', model: {} };
  const byCode = partners.filter((each) => each.code !== undefined && each.code !== '' && each.code === counterparty?.code);
  const found = byCode.length > 0 ? byCode : partners.filter((each) => each.name !== undefined && each.name !== '' && each.name === counterparty?.name?.trim());
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return { kind: 'partner', model: { id: only.id, name: only.name ?? counterparty?.name, address: only.address } };
  if (need === 'optional') return { kind: 'partner', model: { name: counterparty?.name } };
  const shown = counterparty?.name ?? counterparty?.code ?? '';
  return { kind: 'missing', detail: shown === '' ? '单据没有往来单位，无法确定对方编号' : others.length > 0 ? `往来单位“${shown}”在 partners 中有多条，请按编码区分` : `往来单位“${shown}”没有在 partners 中登记` };
}
