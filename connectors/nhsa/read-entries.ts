import { chinaDate, parseInstant } from '../../adapter/domain/china-time.ts';
import type { PeerFault } from '../../adapter/domain/outcome.ts';
import type { ReadBackEntry, ReadBackPage, ReadBackRange } from '../../adapter/ports/destination.ts';
import type { Classify } from './answers.ts';
import { entriesOf, merge } from './entry-rows.ts';
import { faultOf } from './exchange.ts';
import type { Session } from './platform.ts';
import type { Profile } from './profile.ts';
import { rowsOf } from './query-rows.ts';

export interface ReadEntriesDeps {
  readonly session: Session;
  readonly profile: Profile;
  readonly classify: Classify;
}

/** drugs of one page: four queries each, and more where an answer is too large for one */
const DRUGS = 25;
/** queries of one drug at most: whole days are halved down to one */
const QUERIES = 64;
const DAY_MS = 86_400_000;

/**
 * What the platform has on record (3512, 3513 for the codes, 3509, 3511 for quantities and times), drug by drug: a query needs one
 * key (insurance.md section 6), days are whole, and there is no paging, so a range whose answer is too large is halved.
 * After a fault of the platform the page ends where it stands.
 */
export async function readEntries(range: ReadBackRange, signal: AbortSignal, deps: ReadEntriesDeps): Promise<ReadBackPage> {
  const start = Number(range.cursor ?? '0');
  const from = Number.isInteger(start) && start > 0 ? start : 0;
  const entries: ReadBackEntry[] = [];
  const unread: ({ drug: string } & PeerFault)[] = [];
  let at = from;
  for (; at < Math.min(range.drugs.length, from + DRUGS); at += 1) {
    const drug = range.drugs[at] ?? '';
    const found = await readDrug({ range, drug, signal, deps });
    if (found.down) {
      unread.push(...range.drugs.slice(at, from + DRUGS).map((name) => ({ drug: name, ...found.fault })));
      at = Math.min(range.drugs.length, from + DRUGS);
      break;
    }
    entries.push(...found.entries);
    if (found.fault !== undefined) unread.push({ drug, ...found.fault });
  }
  return { entries, unread, ...(at < range.drugs.length ? { next: String(at) } : {}) };
}

interface Reading { readonly range: ReadBackRange; readonly drug: string; readonly signal: AbortSignal; readonly deps: ReadEntriesDeps }
type DrugRead = { readonly down: false; readonly entries: readonly ReadBackEntry[]; readonly fault?: PeerFault } | { readonly down: true; readonly fault: PeerFault };

async function readDrug(reading: Reading): Promise<DrugRead> {
  const { deps: { profile }, range } = reading;
  const found: ReadBackEntry[] = [];
  let refused: PeerFault | undefined;
  const queue = profile.audit.flatMap((infno) => days(range, profile.queryDays).map((part) => ({ infno, ...part })));
  for (let queries = 0; queries < QUERIES && queue.length > 0; queries += 1) {
    const next = queue.shift();
    if (next === undefined) break;
    const result = await ask(reading, next);
    if (result.kind === 'entries') found.push(...result.entries);
    else if (result.kind === 'too-large' && next.begin < next.end) queue.unshift(...halves(next));
    else if (result.kind === 'down') return { down: true, fault: result.fault };
    else refused ??= result.fault;
  }
  if (queue.length > 0) refused ??= { reason: 'BAD_REPLY', peerText: '查询范围过大，请缩短日期' };
  return { down: false, entries: merge(found), ...(refused === undefined ? {} : { fault: refused }) };
}

interface Question { readonly infno: string; readonly begin: string; readonly end: string }
type Answered = { readonly kind: 'entries'; readonly entries: readonly ReadBackEntry[] } | { readonly kind: 'too-large' | 'down' | 'refused'; readonly fault: PeerFault };

async function ask({ range, drug, signal, deps }: Reading, { infno, begin, end }: Question): Promise<Answered> {
  if (signal.aborted) return { kind: 'down', fault: { reason: 'SERVICE_DOWN', peerText: '正在停止，未查询' } };
  const { institution } = range;
  const input = { data: { fixmedins_code: institution.code, medins_list_codg: drug, begndate: begin, enddate: end } };
  const answer = await deps.session.call({ infno, institution, input, signal });
  if (answer.kind !== 'reply') {
    if (answer.kind === 'unavailable' && answer.reason === 'CONFIGURATION' && answer.signIn !== true) return { kind: 'refused', fault: faultOf(answer) };
    return { kind: answer.kind === 'unknown' && answer.tooLarge === true ? 'too-large' : 'down', fault: faultOf(answer) };
  }
  const { reply } = answer;
  if (!reply.ok) {
    if (new RegExp(deps.profile.emptyAnswer).test(reply.text)) return { kind: 'entries', entries: [] };
    const { reason, then } = deps.classify(reply.code, reply.text);
    return { kind: then === 'park' || then === 'prove' ? 'refused' : 'down', fault: { reason, peerCode: reply.code, peerText: reply.text } };
  }
  const rows = rowsOf(reply);
  if (rows === undefined) return { kind: 'refused', fault: { reason: 'BAD_REPLY', peerText: `${infno} 的应答不是约定的结构` } };
  return { kind: 'entries', entries: entriesOf(infno, rows, institution.code) };
}

/** Whole days in ranges no longer than a query may be; nothing for days that are none. */
function days({ from, to }: Pick<ReadBackRange, 'from' | 'to'>, most: number): readonly { readonly begin: string; readonly end: string }[] {
  const first = dayMs(from);
  const last = dayMs(to);
  const parts: { begin: string; end: string }[] = [];
  for (let at = first; at <= last && parts.length < QUERIES; at += most * DAY_MS) parts.push({ begin: chinaDate(at), end: chinaDate(Math.min(last, at + (most - 1) * DAY_MS)) });
  return parts;
}

function halves({ infno, begin, end }: Question): readonly Question[] {
  const middle = dayMs(begin) + Math.floor((dayMs(end) - dayMs(begin)) / DAY_MS / 2) * DAY_MS;
  return [{ infno, begin, end: chinaDate(middle) }, { infno, begin: chinaDate(middle + DAY_MS), end }];
}

function dayMs(day: string): number {
  return parseInstant(`${day}T12:00:00+08:00`) ?? Number.NaN;
}
