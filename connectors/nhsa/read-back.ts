import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { AskResult, PeerFault } from '../../adapter/domain/outcome.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Classify } from './answers.ts';
import { faultOf } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { infnoOf } from './pieces.ts';
import type { Session } from './platform.ts';
import type { Profile } from './profile.ts';
import { findRow } from './query-rows.ts';
import { eventTime } from './rows.ts';

export interface ReadBackDeps {
  readonly session: Session;
  readonly profile: Profile;
  readonly classify: Classify;
  readonly clock: Clock;
}

/** Asks the platform's records (3508–3513) what became of a report. */
export type ReadBack = (report: Report, signal: AbortSignal) => Promise<AskResult>;

type Found = { readonly kind: 'present'; readonly by: string } | { readonly kind: 'cannot-ask'; readonly why: string } | { readonly kind: 'absent' } | ({ readonly kind: 'no-answer' } & PeerFault);

/**
 * The row is present when one query finds its fixmedins_bchno; it is absent only when every query that could answer did, and found
 * nothing. A deletion (3507) is done when the row it deletes is absent.
 */
export function readBack(deps: ReadBackDeps): ReadBack {
  return async (report, signal) => {
    const origin = report.reverses !== undefined && infnoOf(report.operation) === '3507' ? report.reverses : report;
    const found = await look({ report, origin, signal, deps });
    if (found.kind === 'no-answer' || found.kind === 'cannot-ask') return found;
    if (origin === report) {
      if (found.kind === 'absent') return found;
      return { kind: 'settled', outcome: { kind: 'accepted', evidence: `${found.by} 查到 ${report.key}` } };
    }
    if (found.kind === 'present') return { kind: 'absent' };
    return { kind: 'settled', outcome: { kind: 'accepted', evidence: `平台已查不到 ${origin.key}` } };
  };
}

interface Search {
  readonly report: Report;
  readonly origin: { readonly operation: string; readonly key: string };
  readonly signal: AbortSignal;
  readonly deps: ReadBackDeps;
}

async function look(search: Search): Promise<Found> {
  const { profile } = search.deps;
  const queries = queriesFor(search, profile);
  if (queries.length === 0) return { kind: 'cannot-ask', why: `地区规则 ${profile.name} 没有可以核实 ${search.origin.operation} 的查询交易` };
  const ranges = rangesOf(search.report, { now: search.deps.clock.now(), maxDays: profile.queryDays });
  let refusal: PeerFault | undefined;
  let answered = 0;
  for (const infno of queries) {
    for (const range of ranges) {
      const found = await query(search, { infno, ...range });
      if (found.kind === 'present') return found;
      if (found.kind === 'absent') answered += 1;
      else if (!found.refused) return { kind: 'no-answer', ...found.fault };
      else refusal ??= found.fault;
    }
  }
  // a platform that compares the business day and the day of arrival finds the row in neither of two ranges
  if (answered > 0 && ranges.length > 1) return { kind: 'cannot-ask', why: '业务日期与上传日期相隔超过平台一次可查的天数，查不到不能证明平台没有收到，请在平台上人工核对' };
  if (answered > 0) return { kind: 'absent' };
  return { kind: 'no-answer', ...(refusal ?? { reason: 'CANNOT_ASK', peerText: '没有可用的查询交易' }) };
}

/** Types of change that bring goods in; 3512 lists the codes of inbound goods alone. */
const INBOUND = new Set(['101', '103', '106', '108', '110']);

/** Queries by code can prove nothing of a row without codes, nor 3512 of goods that went out. */
function queriesFor(search: Search, profile: Profile): readonly string[] {
  const { operation } = search.origin;
  const change = operation.slice(5);
  return (profile.readBack[infnoOf(operation)] ?? []).filter((infno) => {
    if (infno !== '3512' && infno !== '3513') return true;
    if (search.report.codes.length === 0) return false;
    return infno === '3513' || change === '' || INBOUND.has(change);
  });
}

interface Range { readonly begin: string; readonly end: string }

const DAY_MS = 86_400_000;

/**
 * Whole days (section 9): the platform may file a row under the day of the business or under the day it arrived. One range over
 * both, or two when that would be longer than a query may be.
 */
export function rangesOf(report: Report, by: { readonly now: number; readonly maxDays: number }): readonly Range[] {
  const event = eventTime(report.reported);
  const sent = Math.min(report.firstSentAt ?? by.now, by.now);
  const from = Math.min(event, sent);
  const to = Math.max(event, by.now);
  if (to - from < by.maxDays * DAY_MS) return [days(from, to)];
  const oldestSent = Math.max(sent, by.now - (by.maxDays - 1) * DAY_MS);
  return [days(event, event), days(oldestSent, by.now)];
}

function days(from: number, to: number): Range {
  return { begin: chinaDate(from), end: chinaDate(to) };
}

type QueryResult = Exclude<Found, { kind: 'no-answer' | 'cannot-ask' }> | { readonly kind: 'fault'; readonly refused: boolean; readonly fault: PeerFault };

async function query(search: Search, at: { infno: string } & Range): Promise<QueryResult> {
  const { deps, report, origin, signal } = search;
  const { institution } = report.reported;
  const input = { data: { fixmedins_code: institution.code, fixmedins_bchno: origin.key, begndate: at.begin, enddate: at.end } };
  const answer = await deps.session.call({ infno: at.infno, institution, input, signal });
  if (answer.kind !== 'reply') return callFault(answer);
  if (!answer.reply.ok) return refusedQuery(answer.reply, deps);
  const found = findRow(answer.reply, { key: origin.key, institution: institution.code });
  if (found === 'unreadable') return { kind: 'fault', refused: false, fault: { reason: 'BAD_REPLY', peerText: `${at.infno} 的应答不是约定的结构` } };
  return found ? { kind: 'present', by: at.infno } : { kind: 'absent' };
}

function callFault(answer: Exclude<Answer, { kind: 'reply' }>): QueryResult {
  // no such path: this platform does not offer the query, another one may answer
  return { kind: 'fault', refused: answer.reason === 'CONFIGURATION', fault: faultOf(answer) };
}

function refusedQuery(reply: { code: string; text: string }, deps: ReadBackDeps): QueryResult {
  if (new RegExp(deps.profile.emptyAnswer).test(reply.text)) return { kind: 'absent' };
  const { reason, then } = deps.classify(reply.code, reply.text);
  return { kind: 'fault', refused: then === 'park' || then === 'prove', fault: { reason, peerCode: reply.code, peerText: reply.text } };
}
