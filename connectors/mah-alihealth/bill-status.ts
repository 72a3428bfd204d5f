import type { AskResult } from '../../adapter/domain/outcome.ts';
import { isMethodMissing, isRefusal, noAnswer, saysNoSuchRecord } from './fault-of-reply.ts';
import type { Gateway } from './gateway.ts';
import { METHODS, type Method } from './methods.ts';
import type { Window } from './query-windows.ts';
import { asObject, rowsOf, textOf, type TreeObject } from './reply-tree.ts';

export interface Question {
  readonly gateway: Gateway;
  readonly refEntId: string;
  readonly billType: string;
  readonly windows: readonly Window[];
  /** of the bill that is asked about: its outcome is as urgent as it is */
  readonly priority: number;
  readonly signal: AbortSignal;
}

/** What the platform says about one bill number. */
export type BillFound =
  | { readonly kind: 'row'; readonly row: TreeObject }
  | { readonly kind: 'not-found' }
  /** the method is not granted or not known there */
  | { readonly kind: 'no-such-method' }
  /** `refused` = the platform understood the question and would not answer it; asking again will not help */
  | { readonly kind: 'failed'; readonly refused: boolean; readonly answer: Extract<AskResult, { kind: 'no-answer' }> };

const PAGE_SIZE = 100;
/** the number is part of the question, so one page is the rule; more only where the platform disregards it */
const MAX_PAGES = 10;

/** Processing state of a bill (`query.billstatus`). "Not found" only when every window said so. */
export function askStatus(billCode: string, question: Question): Promise<BillFound> {
  return askInWindows(billCode, question, METHODS.billStatus, 'page');
}

/** The bill among our own bills: second opinion before a bill is called missing. */
export function askSearch(billCode: string, question: Question, side: 'use' | 'in-out'): Promise<BillFound> {
  return askInWindows(billCode, question, side === 'use' ? METHODS.searchUse : METHODS.searchInOut, 'cur_page');
}

async function askInWindows(billCode: string, question: Question, method: Method, pageName: 'page' | 'cur_page'): Promise<BillFound> {
  for (const window of question.windows) {
    const found = await askPages({ billCode, window, method, pageName }, question);
    if (found.kind !== 'not-found') return found;
  }
  return { kind: 'not-found' };
}

async function askPages(what: { readonly billCode: string; readonly window: Window; readonly method: Method; readonly pageName: string }, question: Question): Promise<BillFound> {
  const { gateway, refEntId, billType, priority, signal } = question;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const parameters = {
      ref_ent_id: refEntId, begin_date: what.window.begin, end_date: what.window.end, bill_type: billType, bill_code: what.billCode,
      page_size: String(PAGE_SIZE), [what.pageName]: String(page),
    };
    const reply = await gateway.call({ method: what.method, parameters, lane: 'query', priority, signal });
    if (reply.kind === 'answer' && !reply.ok && saysNoSuchRecord(reply)) return { kind: 'not-found' };
    if (isMethodMissing(reply)) return { kind: 'no-such-method' };
    if (reply.kind !== 'answer' || !reply.ok) return { kind: 'failed', refused: isRefusal(reply), answer: noAnswer(reply) };
    const rows = rowsOf(asObject(reply.payload)?.['result_list'] ?? reply.payload).filter((row) => 'bill_code' in row);
    const row = newest(rows.filter((candidate) => textOf(candidate['bill_code']) === what.billCode));
    if (row !== undefined) return { kind: 'row', row };
    if (rows.length < PAGE_SIZE) return { kind: 'not-found' };
  }
  return { kind: 'failed', refused: false, answer: { kind: 'no-answer', reason: 'CANNOT_ASK', peerText: '平台没有按单据号筛选，单据太多，无法确认' } };
}

/** A number may be listed more than once after a failed first processing: the last row counts. */
function newest(rows: readonly TreeObject[]): TreeObject | undefined {
  const dated = [...rows].sort((a, b) => dateOf(b).localeCompare(dateOf(a)));
  return dated[0];
}

function dateOf(row: TreeObject): string {
  return textOf(row['process_date']) || textOf(row['crt_date']) || textOf(row['bill_time']);
}
