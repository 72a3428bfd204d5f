import type { CodeRow } from '../ledger/code-state.ts';
import type { PackageNode } from '../packages/package-tree.ts';
import { markPending } from '../packages/tree-store.ts';
import type { Institution } from '../ports/institution.ts';
import type { FullPolicy } from '../ports/policy.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import { byKeys, manyRows } from '../store/many-rows.ts';
import { compareReceipt, type ReceiptComparison } from './compare-receipt.ts';
import { DEVIATIONS, deviationKey, type Deviation } from './deviation.ts';
import { discrepanciesOf, discrepancyOf, insertDiscrepancy, moveDiscrepancy, renewDiscrepancy, type Discrepancy } from './discrepancy-store.ts';
import { loadReceiptFacts, type FactsDeps, type LoadedReceipt } from './load-facts.ts';
import { firstOf } from './receipt-events.ts';
import { supplierKey } from './supplier-bill.ts';

export interface CheckDeps extends FactsDeps {
  readonly policy: Pick<FullPolicy, 'rulesAt'>;
  /** ms: what is missing is not told to the supplier before, the rest of the goods may still be scanned */
  readonly graceMs?: number;
}

export interface CheckedReceipt extends LoadedReceipt {
  readonly comparison: ReceiptComparison;
  /** goods that must not go on the shelf; empty where the rules only record */
  readonly held: readonly string[];
  readonly onMismatch: 'block' | 'record';
  readonly emergencyHours: number;
}

interface About { readonly institution: Institution; readonly documentNo: string; readonly nowMs: number }

/** half an hour: a delivery is scanned in one go */
const GRACE_MS = 1_800_000;
/** Differences that scanning on may resolve. */
const MAY_RESOLVE: ReadonlySet<Deviation['kind']> = new Set(['missing', 'quantity', 'no-upstream-bill', 'broken-aggregation']);

/** primary key of receipt */
const SAVE = `INSERT INTO receipt (institution, document_no, state, due_at, first_at, checked_at, body) VALUES (?, ?, ?, NULL, ?, ?, ?)
  ON CONFLICT (institution, document_no) DO UPDATE SET state = excluded.state, due_at = NULL, checked_at = excluded.checked_at, body = excluded.body`;
const CLEAR_HOLDS = 'DELETE FROM receipt_hold WHERE institution = ? AND document_no = ?';
const insertHolds = manyRows('INSERT INTO receipt_hold (institution, code, document_no, kind)', 4, 'ON CONFLICT (institution, code, document_no, kind) DO NOTHING');
/** primary key of receipt_hold */
const selectHolds = byKeys('SELECT code, document_no, kind FROM receipt_hold WHERE institution = ? AND code IN');

/** Compares a receipt as it stands, without writing. @returns undefined when there never was such a receipt */
export async function readReceipt(q: SqlQuery, deps: CheckDeps, about: About): Promise<CheckedReceipt | undefined> {
  const loaded = await loadReceiptFacts(q, deps, about);
  if (loaded === undefined) return undefined;
  const compared = compareReceipt(loaded.facts);
  const deviations = compared.deviations.filter((one) => !wentBack(one, loaded.rows));
  const comparison: ReceiptComparison = { ...compared, deviations, state: deviations.length === 0 && compared.state === 'mismatched' ? (compared.pending.length > 0 ? 'pending' : 'matched') : compared.state };
  const { onMismatch, emergencyHours } = deps.policy.rulesAt(about.institution, firstOf(loaded.events) ?? about.nowMs);
  const held = deviations.filter(({ kind }) => onMismatch === 'block' || DEVIATIONS[kind].alwaysHolds === true).flatMap(({ holds }) => holds);
  return { ...loaded, comparison, onMismatch, emergencyHours, held: [...new Set(held)] };
}

/**
 * Compares a receipt and brings its discrepancies up to date: new ones are opened, those that are gone settle by themselves, those that
 * came back open again; what a person settled stays settled. Inside a transaction of its own. Which came first, bill or goods, does not matter.
 */
export async function checkReceipt(q: SqlQuery, deps: CheckDeps, about: About): Promise<CheckedReceipt | undefined> {
  const { institution: { code: institution }, documentNo, nowMs } = about;
  await passGate(q, institution, `receipt:${documentNo}`);
  const checked = await readReceipt(q, deps, about);
  if (checked === undefined) return undefined;
  const { comparison } = checked;
  await bringUpToDate(q, deps, about, checked);
  await q.run(CLEAR_HOLDS, [institution, documentNo]);
  const holds = comparison.deviations.flatMap((one) => one.holds.filter((code) => checked.held.includes(code)).map((code) => ({ code, kind: one.kind })));
  await insertHolds(q, holds.sort((a, b) => (a.code < b.code ? -1 : 1)).map(({ code, kind }) => [institution, code, documentNo, kind]));
  await markPending(q, institution, closedCartons(checked), nowMs);
  const body = JSON.stringify({ packs: comparison.packs, deviations: comparison.deviations.length, pending: comparison.pending.length, held: checked.held.length });
  await q.run(SAVE, [institution, documentNo, comparison.state, firstOf(checked.events) ?? nowMs, nowMs, body]);
  return checked;
}

/** Goods that went back to the supplier are no discrepancy any more (退货同步更新追溯状态). */
function wentBack({ holds }: Deviation, rows: ReadonlyMap<string, CodeRow>): boolean {
  return holds.length > 0 && holds.every((code) => rows.get(code)?.state === 'returned-to-supplier');
}

async function bringUpToDate(q: SqlQuery, deps: CheckDeps, { institution: { code: institution }, documentNo, nowMs }: About, { comparison, facts, events, rows }: CheckedReceipt): Promise<void> {
  const known = new Map((await discrepanciesOf(q, institution, documentNo)).map((one) => [deviationKey(one), one]));
  const counterparty = events[0]?.event.counterparty;
  const supplierOf = (billNo: string | undefined): string => {
    const bill = facts.bills.find((one) => one.billNo === billNo) ?? facts.bills[0];
    return bill === undefined ? supplierKey({ ...(counterparty?.code === undefined ? {} : { code: counterparty.code }), ...(counterparty?.name === undefined ? {} : { name: counterparty.name }) }) : supplierKey(bill.supplier);
  };
  for (const deviation of comparison.deviations) {
    const one = known.get(deviationKey(deviation));
    known.delete(deviationKey(deviation));
    const fresh = discrepancyOf(deviation, { documentNo, supplier: supplierOf(deviation.billNo), atMs: nowMs, firmAt: nowMs + (MAY_RESOLVE.has(deviation.kind) ? deps.graceMs ?? GRACE_MS : 0) });
    if (one === undefined) await insertDiscrepancy(q, institution, fresh);
    else {
      if (one.state === 'settled' && one.vanished) await moveDiscrepancy(q, institution, one, { state: 'open', by: 'adapter', at: nowMs, note: '差异再次出现' });
      if (saying(one) !== saying(fresh)) await renewDiscrepancy(q, institution, fresh);
    }
  }
  for (const one of known.values()) {
    if (one.state === 'settled') continue;
    const returned = one.codes.length > 0 && one.codes.every((code) => rows.get(code)?.state === 'returned-to-supplier');
    const note = comparison.state === 'voided' ? '入库单已作废' : returned ? '实物已退供应商' : '重新核对后已一致';
    await moveDiscrepancy(q, institution, one, { state: 'settled', by: 'adapter', at: nowMs, note, vanished: true });
  }
}

function saying({ supplier, billNo, lineNo, drug, lot, expected, actual, codes }: Discrepancy): string {
  return JSON.stringify([supplier, billNo, lineNo, drug, lot, expected, actual, codes]);
}

/** Scanned and billed cartons nobody has opened: the shelf is kept in smallest packs. */
function closedCartons({ facts, comparison }: CheckedReceipt): readonly PackageNode[] {
  const named = new Set([...facts.lines.flatMap((line) => line.codes.map(({ code }) => code)), ...comparison.pending]);
  return [...named].filter((code) => facts.tree.expand(code).kind === 'pending').map((code) => facts.tree.node(code) ?? { code });
}

export interface HeldCode { readonly code: string; readonly documentNo: string; readonly kind: Deviation['kind'] }

/**
 * Goods that must not go on the shelf (严禁将追溯信息与实物不相符的药品上架, Hebei plan 二(二)3).
 * @param codes canonical codes with the packages around them
 */
export async function heldCodes(q: SqlQuery, institution: string, codes: readonly string[]): Promise<readonly HeldCode[]> {
  const rows = await selectHolds<{ code: string; document_no: string; kind: Deviation['kind'] }>(q, [institution], codes);
  return rows.map((row) => ({ code: row.code, documentNo: row.document_no, kind: row.kind }));
}
