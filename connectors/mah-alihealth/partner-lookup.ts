import type { PeerFault } from '../../adapter/domain/outcome.ts';
import { CALL_PRIORITY } from './call-priority.ts';
import { faultOfReply, isMethodMissing, saysNoSuchRecord } from './fault-of-reply.ts';
import type { Gateway } from './gateway.ts';
import { METHODS } from './methods.ts';
import { bareName, evenName } from './partner-name.ts';
import { asObject, rowsOf, textOf, type TreeObject } from './reply-tree.ts';

export interface FoundEnterprise {
  readonly entId: string;
  readonly refEntId: string;
}
export type LookupResult =
  | { readonly kind: 'found'; readonly found: readonly FoundEnterprise[] }
  /** neither method is granted */
  | { readonly kind: 'not-allowed' }
  | { readonly kind: 'failed'; readonly fault: PeerFault };

export interface Asking {
  readonly gateway: Gateway;
  /** our own ref_ent_id: who asks */
  readonly refEntId: string;
  readonly signal: AbortSignal;
}

/**
 * Asks the platform for enterprises of exactly this name: approved partners first, then all enterprises (mah.md 3).
 * @returns every distinct one; the caller takes it only when there is exactly one
 */
export async function lookUpEnterprise(name: string, asking: Asking): Promise<LookupResult> {
  let result: LookupResult = { kind: 'not-allowed' };
  for (const wanted of new Set([evenName(name), bareName(name)])) {
    const questions = [
      () => query(asking, METHODS.partners, { ent_name: wanted, audit_flag: '1', page_size: '50', page: '1' }, (row) => partnerOf(row, wanted)),
      () => query(asking, METHODS.enterprises, { query_param: JSON.stringify({ ent_name: wanted }) }, (row) => enterpriseOf(row, wanted)),
    ];
    for (const question of questions) {
      const answer = await question();
      if (answer.kind === 'failed' || (answer.kind === 'found' && answer.found.length > 0)) return answer;
      if (answer.kind === 'found') result = answer;
    }
  }
  return result;
}

async function query(asking: Asking, method: typeof METHODS.partners | typeof METHODS.enterprises, parameters: Readonly<Record<string, string>>, read: (row: TreeObject) => FoundEnterprise | undefined): Promise<LookupResult> {
  const { gateway, refEntId, signal } = asking;
  const reply = await gateway.call({ method, parameters: { ref_ent_id: refEntId, ...parameters }, lane: 'query', priority: CALL_PRIORITY.use, signal });
  if (isMethodMissing(reply)) return { kind: 'not-allowed' };
  if (reply.kind !== 'answer') return { kind: 'failed', fault: faultOfReply(reply) };
  if (!reply.ok) return saysNoSuchRecord(reply) ? { kind: 'found', found: [] } : { kind: 'failed', fault: { reason: 'SYSTEM', peerCode: reply.msgCode, peerText: reply.msgInfo } };
  const distinct = new Map<string, FoundEnterprise>();
  for (const row of rowsOf(asObject(reply.payload)?.['result_list'] ?? reply.payload)) {
    const found = read(row);
    if (found !== undefined) distinct.set(found.entId, found);
  }
  return { kind: 'found', found: [...distinct.values()] };
}

/** `ent_id` of a partner row is dead; `partner_ent_id` is meant, unless another id supersedes it (mah.md 3). */
function partnerOf(row: TreeObject, wanted: string): FoundEnterprise | undefined {
  const audit = textOf(row['audit_flag']);
  if (evenName(textOf(row['partner_name'])) !== wanted || (audit !== '' && audit !== '1')) return undefined;
  const replacement = textOf(asObject(row['ent_extend'])?.['replace_ent_id']);
  const entId = replacement === '' ? textOf(row['partner_ent_id']) : replacement;
  // the replacement's ref_ent_id is not told, and never copied from another enterprise
  return entId === '' ? undefined : { entId, refEntId: replacement === '' ? textOf(row['par_ref_ent_id']) : '' };
}

function enterpriseOf(row: TreeObject, wanted: string): FoundEnterprise | undefined {
  const audit = textOf(row['audit_status']);
  const entId = textOf(row['ent_id']);
  if (evenName(textOf(row['ent_name'])) !== wanted || (audit !== '' && audit !== '1') || entId === '') return undefined;
  return { entId, refEntId: textOf(row['ref_ent_id']) };
}
