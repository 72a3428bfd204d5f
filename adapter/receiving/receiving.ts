import type { Clock } from '../ports/clock.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { billsOfCodes, loadBill, saveBill, type BillSaved } from './bill-store.ts';
import { checkReceipt, readReceipt, type CheckDeps, type CheckedReceipt } from './check-receipt.ts';
import { findUnseen, markReceipt, markReceiptsOfCodes, noteForReceiving } from './receipt-events.ts';
import type { SupplierBill } from './supplier-bill.ts';

export interface ReceivingDeps extends CheckDeps {
  readonly driver: SqlDriver;
  readonly clock: Clock;
  readonly log: Log;
}

/** index receipt_due */
export const SELECT_DUE = 'SELECT document_no FROM receipt WHERE institution = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT 200';
/** index receipt_unbilled */
export const SELECT_UNBILLED = "SELECT document_no FROM receipt WHERE institution = ? AND state = 'no-bill' ORDER BY document_no LIMIT 500";
const KNOWS_RECEIPT = 'SELECT document_no FROM receipt WHERE institution = ? AND document_no = ?';

/** 验收核对: the way into everything about receipts and their upstream bills. */
export interface Receiving {
  /** Keeps a bill and compares the receipts it bears on; which of the two came first does not matter. */
  submitBill(institution: Institution, bill: SupplierBill, origin: string): Promise<BillSaved & { readonly receipts: readonly string[] }>;
  read(institution: Institution, documentNo: string): Promise<CheckedReceipt | undefined>;
  check(institution: Institution, documentNo: string): Promise<CheckedReceipt | undefined>;
  /** Compares what is due, at most 200 receipts. @returns how many were compared */
  checkDue(institution: Institution, signal?: AbortSignal): Promise<number>;
  /** Marks receipts whose events nobody marked (taken by an earlier version, or by a process that ended). @returns how many events were looked at */
  sweep(institution: Institution): Promise<number>;
}

/** How far back, by time of receipt, a sweep looks: longer than any service stands still unnoticed. */
const SWEEP_MS = 3 * 86_400_000;

export function createReceiving(deps: ReceivingDeps): Receiving {
  const { driver, clock, log } = deps;
  const check: Receiving['check'] = (institution, documentNo) => driver.write((q) => checkReceipt(q, deps, { institution, documentNo, nowMs: clock.now() }));
  return {
    check,
    read: (institution, documentNo) => driver.read((q) => readReceipt(q, deps, { institution, documentNo, nowMs: clock.now() })),
    async submitBill(institution, bill, origin) {
      const nowMs = clock.now();
      const { saved, receipts } = await driver.write(async (q) => {
        const before = await codesOnFile(q, institution.code, bill);
        const outcome = await saveBill(q, institution.code, bill, { origin, atMs: nowMs });
        return { saved: outcome, receipts: outcome.result === 'unchanged' ? [] : await markConcerned(q, institution.code, outcome.bill, { before, nowMs }) };
      });
      const concerned: string[] = [];
      for (const documentNo of receipts) if (await check(institution, documentNo) !== undefined) concerned.push(documentNo);
      log.info('upstream bill', { institution: institution.code, billNo: bill.billNo, origin, result: saved.result, revision: saved.revision, receipts: concerned.length });
      return { ...saved, receipts: concerned };
    },
    async checkDue(institution, signal) {
      const due = await driver.read((q) => q.all<{ document_no: string }>(SELECT_DUE, [institution.code, clock.now()]));
      let done = 0;
      for (const { document_no: documentNo } of due) {
        if (signal?.aborted === true) break;
        await check(institution, documentNo);
        done += 1;
      }
      return done;
    },
    async sweep(institution) {
      const nowMs = clock.now();
      const unseen = await driver.read((q) => findUnseen(q, institution.code, { nowMs, receivedFromMs: nowMs - SWEEP_MS }));
      for (const event of unseen) await driver.write((q) => noteForReceiving(q, event, event.lines.flatMap(({ codes }) => codes), nowMs));
      return unseen.length;
    },
  };
}

/** Codes the bill had before: receipts of a code that a correction takes out are concerned too. */
async function codesOnFile(q: SqlQuery, institution: string, bill: SupplierBill): Promise<readonly string[]> {
  const [first] = (await billsOfCodes(q, institution, bill.lines.flatMap((line) => line.codes.map(({ code }) => code)))).filter(({ billNo }) => billNo === bill.billNo);
  const stored = first === undefined ? undefined : await loadBill(q, institution, first);
  return stored?.lines.flatMap((line) => line.codes.map(({ code }) => code)) ?? [];
}

/** Receipts by number, by codes (billed, around and in them), and those that have no bill yet. */
async function markConcerned(q: SqlQuery, institution: string, bill: SupplierBill, { before, nowMs }: { readonly before: readonly string[]; readonly nowMs: number }): Promise<readonly string[]> {
  const codes = new Set([...before, ...bill.lines.flatMap((line) => line.codes.flatMap(({ code, parent }) => (parent === undefined ? [code] : [code, parent])))]);
  const concerned = new Set<string>();
  for (const number of [bill.documentNo, bill.billNo]) {
    if (number !== undefined && await q.get(KNOWS_RECEIPT, [institution, number]) !== undefined) concerned.add(number);
  }
  for (const row of await q.all<{ document_no: string }>(SELECT_UNBILLED, [institution])) concerned.add(row.document_no);
  for (const documentNo of [...concerned].sort()) await markReceipt(q, institution, documentNo, nowMs);
  for (const documentNo of await markReceiptsOfCodes(q, institution, [...codes].sort(), nowMs)) concerned.add(documentNo);
  return [...concerned];
}
