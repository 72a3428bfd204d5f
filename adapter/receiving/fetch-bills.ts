import { chinaDate } from '../domain/china-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { BillSearch, UpstreamAccess, UpstreamAnswer, UpstreamBillHead } from '../ports/upstream.ts';
import { billFromUpstream, readBill } from './read-bill.ts';
import type { Receiving } from './receiving.ts';

export interface FetchDeps {
  readonly receiving: Pick<Receiving, 'submitBill'>;
  readonly upstream: Pick<UpstreamAccess, 'bills' | 'bill' | 'billsOfCode'>;
  /** name of the destination it is asked through; stands beside the bill */
  readonly origin: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Fetched { readonly fetched: number; readonly failed: readonly { readonly billNo: string; readonly why: string }[] }

const MAX_PAGES = 50;
const DAY_MS = 86_400_000;

interface Asking { readonly institution: Institution; readonly signal: AbortSignal; /** 0 somebody waits … 9 night batch */ readonly priority: number }

/** Fetches the suppliers' bills of the last days, each with its codes and relations (mah.md 5.1–5.2); a bill that is on file already changes nothing. */
export async function fetchBills(deps: FetchDeps, asking: Asking, days: number): Promise<Fetched> {
  const now = deps.clock.now();
  const heads: UpstreamBillHead[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && !asking.signal.aborted; page += 1) {
    const search: BillSearch = { from: chinaDate(now - days * DAY_MS), to: chinaDate(now), ...(cursor === undefined ? {} : { cursor }) };
    const answer = await deps.upstream.bills(search, asking);
    if (answer.kind !== 'found') return { ...await fetchEach(deps, asking, heads), ...(answer.kind === 'none' ? {} : { failed: [{ billNo: '', why: whyNot(answer) }] }) };
    heads.push(...answer.value.rows);
    cursor = answer.value.next;
    if (cursor === undefined) break;
  }
  return await fetchEach(deps, asking, heads);
}

/** Fetches the bills a scanned code is in: the quick way at the receiving desk. */
export async function fetchBillsOfCode(deps: FetchDeps, asking: Asking, code: string): Promise<Fetched> {
  const answer = await deps.upstream.billsOfCode(code, asking);
  if (answer.kind === 'found') return await fetchEach(deps, asking, answer.value);
  return { fetched: 0, failed: answer.kind === 'none' ? [] : [{ billNo: '', why: whyNot(answer) }] };
}

async function fetchEach(deps: FetchDeps, asking: Asking, heads: readonly UpstreamBillHead[]): Promise<Fetched> {
  const unique = new Map(heads.map((head) => [`${head.from.refEntId} ${head.billNo}`, head]));
  const failed: { readonly billNo: string; readonly why: string }[] = [];
  let fetched = 0;
  for (const { billNo, from } of unique.values()) {
    if (asking.signal.aborted) break;
    const answer = await deps.upstream.bill({ billNo, withRelations: true, ...(from.refEntId === '' ? {} : { supplierRefEntId: from.refEntId }) }, asking);
    const read = answer.kind === 'found' ? readBill(billFromUpstream(answer.value)) : undefined;
    if (read === undefined || 'refusal' in read) {
      failed.push({ billNo, why: read?.refusal.detail ?? (answer.kind === 'found' ? '' : whyNot(answer)) });
      continue;
    }
    await deps.receiving.submitBill(asking.institution, read.bill, deps.origin);
    fetched += 1;
  }
  deps.log.info('upstream bills fetched', { institution: asking.institution.code, origin: deps.origin, fetched, failed: failed.length });
  return { fetched, failed };
}

function whyNot(answer: Exclude<UpstreamAnswer<unknown>, { readonly kind: 'found' }>): string {
  switch (answer.kind) {
    case 'none': return '平台没有该单据';
    case 'not-ready':
    case 'not-granted': return answer.why;
    default: return answer.peerText ?? answer.peerCode ?? answer.reason;
  }
}
