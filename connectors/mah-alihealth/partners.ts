import type { Counterparty } from '../../adapter/domain/event.ts';
import type { PeerFault } from '../../adapter/domain/outcome.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Gateway } from './gateway.ts';
import { lookUpEnterprise } from './partner-lookup.ts';
import { configuredPartner, evenName, type PartnerIds } from './partner-name.ts';
import type { MahSettings } from './settings.ts';

export type PartnerResult =
  | { readonly kind: 'partner'; readonly ids: PartnerIds }
  /** nobody knows for certain: a person has to say who it is; nothing is sent */
  | { readonly kind: 'uncertain'; readonly detail: string }
  | { readonly kind: 'failed'; readonly fault: PeerFault };

export interface PartnersDeps {
  readonly name: string;
  readonly settings: MahSettings;
  readonly institutions: readonly Institution[];
  readonly gateway: Gateway;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** what the platform said about a name holds so long; ids may be superseded */
const REMEMBER_MS = 7 * 86_400_000;

/**
 * Finds the platform ids of the other side of a bill. Fails closed: a bill under the wrong enterprise cannot be undone in the
 * hospital pack (mah.md 13.8). Order: `partners` of the configuration, other institutions of ours, what was learnt, the platform.
 */
export async function findPartner(counterparty: Counterparty | undefined, own: Institution, deps: PartnersDeps, signal: AbortSignal): Promise<PartnerResult> {
  const shown = counterparty?.name ?? counterparty?.code ?? '';
  if (counterparty === undefined || shown === '') return { kind: 'uncertain', detail: '单据没有往来单位（供应商），无法确定上报给哪家企业' };
  const configured = configuredPartner(counterparty, deps.settings.partners);
  if (configured.kind === 'one') return { kind: 'partner', ids: configured.ids };
  if (configured.kind === 'several') return { kind: 'uncertain', detail: `往来单位“${shown}”在 partners 中对应多家企业，请按供应商编码区分` };
  const member = deps.institutions.find((institution) => institution.code === counterparty.code && institution.code !== own.code);
  if (member !== undefined) {
    const entId = member.mah?.entId;
    return entId === undefined || entId === '' ? { kind: 'uncertain', detail: `机构 ${member.code} 没有配置 mah.entId` } : { kind: 'partner', ids: { entId, refEntId: member.mah?.refEntId } };
  }
  const { name } = counterparty;
  if (!deps.settings.lookupPartners || name === undefined || name === '') return { kind: 'uncertain', detail: `往来单位“${shown}”没有对应的平台企业，请在 partners 中登记` };
  return learn(name, own, deps, signal);
}

async function learn(name: string, own: Institution, deps: PartnersDeps, signal: AbortSignal): Promise<PartnerResult> {
  const key = `mah-partner:${deps.name}:${evenName(name)}`.slice(0, 200);
  const remembered = readRemembered(await deps.counters.recall(own.code, key), deps.clock.now());
  if (remembered !== undefined) return { kind: 'partner', ids: remembered };
  const refEntId = own.mah?.refEntId;
  if (refEntId === undefined || refEntId === '') return { kind: 'uncertain', detail: `机构 ${own.code} 没有配置 mah.refEntId，无法查找往来单位` };
  const result = await lookUpEnterprise(name, { gateway: deps.gateway, refEntId, signal });
  if (result.kind === 'failed') return result;
  if (result.kind === 'not-allowed') return { kind: 'uncertain', detail: `应用未获授权查询往来单位，请在 partners 中登记“${name}”` };
  const [only] = result.found;
  if (only === undefined) return { kind: 'uncertain', detail: `平台上没有名为“${name}”的企业，请核对全称，或在 partners 中登记` };
  if (result.found.length > 1) return { kind: 'uncertain', detail: `平台上有 ${String(result.found.length)} 家名为“${name}”的企业，请在 partners 中指定` };
  await deps.counters.remember(own.code, key, JSON.stringify({ ...only, at: deps.clock.now() }));
  return { kind: 'partner', ids: only };
}

function readRemembered(text: string | undefined, nowMs: number): PartnerIds | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const { entId, refEntId, at } = JSON.parse(text) as { entId?: unknown; refEntId?: unknown; at?: unknown };
    if (typeof entId !== 'string' || entId === '' || typeof at !== 'number' || nowMs - at > REMEMBER_MS) return undefined;
    return { entId, ...(typeof refEntId === 'string' && refEntId !== '' ? { refEntId } : {}) };
  } catch {
    return undefined;
  }
}
