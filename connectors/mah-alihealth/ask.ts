import type { AskResult, Outcome } from '../../adapter/domain/outcome.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import type { BillMemory } from './bill-memory.ts';
import { askSearch, askStatus, type BillFound, type Question } from './bill-status.ts';
import { billTime } from './bills.ts';
import { billTypeOf, priorityOf } from './bill-types.ts';
import { compareCodes } from './compare-codes.ts';
import type { Gateway } from './gateway.ts';
import { askPartFailures } from './part-failures.ts';
import { windowsOf } from './query-windows.ts';
import { textOf, type TreeObject } from './reply-tree.ts';
import type { MahSettings } from './settings.ts';
import type { Conflict } from './upload-failure.ts';

export interface AskDeps {
  readonly settings: MahSettings;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly memory: BillMemory;
}

/** a bill that was taken in is not called missing sooner: the platform lists it with delay */
const LISTING_DELAY_MS = 60_000;

/** Asks what became of one bill. Only a definite answer settles anything (mah.md 13.3). */
export async function askBill(report: Report, deps: AskDeps, signal: AbortSignal): Promise<AskResult> {
  const { settings, memory } = deps;
  const institution = report.reported.institution.code;
  const refEntId = report.reported.institution.mah?.refEntId ?? '';
  if (refEntId === '') return { kind: 'cannot-ask', why: `机构 ${institution} 没有配置 mah.refEntId，无法查询` };
  if (memory.wasProcessingWithin(report.key, settings.pollEvery)) return { kind: 'processing' };
  const question = questionOf(report, refEntId, deps, signal);
  const conflict = await memory.conflictOf(institution, report.key);
  const result = await settle(report, conflict, question, deps);
  if (result.kind === 'processing') return stillProcessing(report, deps);
  memory.forget(report.key);
  if (result.kind === 'settled' && conflict !== undefined) await memory.clearConflict(institution, report.key);
  return result;
}

function questionOf(report: Report, refEntId: string, { settings, gateway, clock }: AskDeps, signal: AbortSignal): Question {
  const nowMs = clock.now();
  const sentAt = report.firstSentAt ?? nowMs;
  return { gateway, refEntId, billType: report.operation, priority: priorityOf(report.operation), signal, windows: windowsOf({ billAt: billTime(report) ?? sentAt, sentAt, nowMs }, settings.statusDays) };
}

/** A bill that stays unprocessed for too long is shown as a fault, and still asked about. */
function stillProcessing(report: Report, { settings, clock, memory }: AskDeps): AskResult {
  memory.noteProcessing(report.key);
  const since = report.firstSentAt;
  if (since === undefined || clock.now() - since < settings.pollFor) return { kind: 'processing' };
  return { kind: 'no-answer', reason: 'TIMEOUT', peerText: '平台接收单据后长时间没有处理完，请在平台上查看' };
}

async function settle(report: Report, conflict: Conflict | undefined, question: Question, deps: AskDeps): Promise<AskResult> {
  const own = await askStatus(report.key, question);
  switch (own.kind) {
    case 'failed': return own.answer;
    case 'no-such-method': return { kind: 'cannot-ask', why: '平台未开放单据状态查询（query.billstatus），请在平台上人工核对' };
    case 'row': return ownBillFound(report, own.row, conflict, question);
    case 'not-found': break;
  }
  if (conflict?.kind === 'number-exists') return compareOwnNumber(report, question, undefined);
  if (conflict?.kind === 'codes-flow') return compareNamedBills(report, conflict.bills, question);
  return lookFurther(report, question, deps);
}

async function ownBillFound(report: Report, row: TreeObject, conflict: Conflict | undefined, question: Question): Promise<AskResult> {
  const result = await readRow(report.key, row, question);
  const taken = result.kind === 'settled' && result.outcome.kind === 'accepted';
  // the number was used before our last attempt: it is ours only when it holds our codes
  return taken && conflict?.kind === 'number-exists' ? compareOwnNumber(report, question, row) : result;
}

/** Reads a row of `query.billstatus`: result_type 0/1 under way, 3 processed (51 all, 52 part), 4 failed. */
async function readRow(billCode: string, row: TreeObject, question: Question): Promise<AskResult> {
  const processed = (): AskResult => settled({ kind: 'accepted', ...referenceOf(row) });
  const part = textOf(row['sub_process_flag']) === '52';
  switch (textOf(row['result_type'])) {
    case '0': case '1': return { kind: 'processing' };
    case '3': return part ? askPartFailures(billCode, question) : processed();
    case '4': return settled({ kind: 'rejected', reason: 'RULE', peerCode: '4', peerText: (textOf(row['process_info']) || '平台处理失败，未说明原因').slice(0, 1_000) });
    case '': break;
    default: return { kind: 'no-answer', reason: 'BAD_REPLY', peerText: `单据状态 result_type=${textOf(row['result_type']).slice(0, 20)} 无法识别` };
  }
  // rows of the search methods tell only whether processing came to its end
  if (part) return askPartFailures(billCode, question);
  return textOf(row['sub_process_flag']) === '51' || textOf(row['process_date']) !== '' ? processed() : { kind: 'processing' };
}

/** Before a bill is called missing: the number with other uploaders' prefixes, and our own bills (mah.md 13.2). */
async function lookFurther(report: Report, question: Question, { settings, memory }: AskDeps): Promise<AskResult> {
  const prefixes = settings.otherPrefixes.length === 0 ? ['RK'] : settings.otherPrefixes;
  for (const prefix of prefixes.slice(0, 5)) {
    const code = `${prefix}${report.key}`;
    const found = await askStatus(code, question);
    if (found.kind === 'failed') return found.answer;
    if (found.kind === 'row') return otherUploaderFound(report, code, found, question);
  }
  const searched = await askSearch(report.key, question, billTypeOf(report.operation)?.side ?? 'in-out');
  // a refused second opinion (the method is INFERRED) leaves the first one standing: the status query found nothing
  if (searched.kind === 'failed' && !searched.refused) return searched.answer;
  if (searched.kind === 'row') return readRow(report.key, searched.row, question);
  return memory.wasTakenWithin(report.key, LISTING_DELAY_MS) ? { kind: 'processing' } : { kind: 'absent' };
}

async function otherUploaderFound(report: Report, code: string, found: Extract<BillFound, { kind: 'row' }>, question: Question): Promise<AskResult> {
  const result = await readRow(code, found.row, question);
  return result.kind === 'settled' && result.outcome.kind === 'accepted' ? compareNamedBills(report, [code], question) : result;
}

/** The platform has our number: the same codes mean that it has this very bill. */
async function compareOwnNumber(report: Report, question: Question, row: TreeObject | undefined): Promise<AskResult> {
  const compared = await compareCodes(report.key, report.codes, question);
  switch (compared.kind) {
    case 'failed': return compared.answer;
    case 'not-found': return { kind: 'no-answer', reason: 'BILL_CONFLICT', peerText: '平台称单据号已存在，但查不到该单据的追溯码' };
    case 'different': return conflicting(report.key, compared.missing);
    // the platform may list a carton together with the packs in it
    case 'contained': return compared.more && !holdsCartons(report) ? conflicting(report.key, []) : settled({ kind: 'duplicate', ...(row === undefined ? { platformRef: report.key } : referenceOf(row)) });
  }
}

function holdsCartons(report: Report): boolean {
  return report.reported.lines.some((line) => line.codes.some((code) => code.level > 1 && report.codes.includes(code.code)));
}

/** Somebody uploaded for us when one bill of the same type holds all our codes; otherwise a person has to look. */
async function compareNamedBills(report: Report, bills: readonly string[], question: Question): Promise<AskResult> {
  let missing: readonly string[] = report.codes;
  for (const code of bills) {
    const compared = await compareCodes(code, report.codes, question);
    if (compared.kind === 'failed') return compared.answer;
    if (compared.kind === 'contained' && (compared.billType === '' || compared.billType === report.operation)) {
      return settled({ kind: 'duplicate', platformRef: code, evidence: `追溯码已在单据 ${code} 中` });
    }
    if (compared.kind === 'contained') missing = [];
    if (compared.kind === 'different' && compared.missing.length < missing.length) ({ missing } = compared);
  }
  return conflicting(bills.join('、'), missing);
}

function conflicting(bills: string, missing: readonly string[]): AskResult {
  const where = bills === '' ? '其他单据' : `单据 ${bills}`;
  const what = missing.length === 0 ? '内容与本单不同' : `与本单不同：缺少本单的 ${String(missing.length)} 个码`;
  return settled({ kind: 'rejected', reason: 'BILL_CONFLICT', peerText: `平台上已有${where}，${what}，请人工核对`, codes: missing });
}

function referenceOf(row: TreeObject): { readonly platformRef?: string; readonly evidence?: string } {
  const reference = textOf(row['store_inout_seq_no']) || textOf(row['bill_id']);
  const evidence = ['result_type', 'sub_process_flag', 'process_date'].map((name) => textOf(row[name])).join(' ').trim();
  return { ...(reference === '' ? {} : { platformRef: reference }), ...(evidence === '' ? {} : { evidence }) };
}

function settled(outcome: Outcome): AskResult {
  return { kind: 'settled', outcome };
}
