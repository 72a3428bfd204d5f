import { createHash } from 'node:crypto';
import { saveNodes } from '../packages/tree-store.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import { byKeys, manyRows } from '../store/many-rows.ts';
import { nodesOfBill, supplierKey, type SupplierBill } from './supplier-bill.ts';

interface StoredBill { supplier: string; bill_no: string; revision: number; state: 'current' | 'cancelled'; document_no: string | null; content_sha: string; body: string; created_at: number }

const COLUMNS = 'supplier, bill_no, revision, state, document_no, content_sha, body, created_at';
/** primary key of upstream_bill; PostgreSQL may take upstream_bill_by_no, which is as narrow */
export const SELECT_BILL = `SELECT ${COLUMNS} FROM upstream_bill WHERE institution = ? AND supplier = ? AND bill_no = ?`;
/** index upstream_bill_by_no */
export const SELECT_BILLS_BY_NO = `SELECT ${COLUMNS} FROM upstream_bill WHERE institution = ? AND bill_no = ? ORDER BY supplier LIMIT 20`;
/** index upstream_bill_by_document */
export const SELECT_BILLS_BY_DOCUMENT = `SELECT ${COLUMNS} FROM upstream_bill WHERE institution = ? AND document_no = ? ORDER BY supplier, bill_no LIMIT 20`;
/** index upstream_bill_code_by_code */
const selectBillsOfCodes = byKeys('SELECT supplier, bill_no, code FROM upstream_bill_code WHERE institution = ? AND code IN');
const UPSERT_BILL = `INSERT INTO upstream_bill (institution, ${COLUMNS}, origin, code_count, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (institution, supplier, bill_no) DO UPDATE SET revision = excluded.revision, state = excluded.state, document_no = excluded.document_no, content_sha = excluded.content_sha,
  body = excluded.body, origin = excluded.origin, code_count = excluded.code_count, updated_at = excluded.updated_at`;
const INSERT_VERSION = 'INSERT INTO upstream_bill_version (institution, supplier, bill_no, revision, origin, content_sha, body, at) VALUES (?,?,?,?,?,?,?,?)';
const DELETE_CODES = 'DELETE FROM upstream_bill_code WHERE institution = ? AND supplier = ? AND bill_no = ?';
const insertCodes = manyRows('INSERT INTO upstream_bill_code (institution, supplier, bill_no, code)', 4, 'ON CONFLICT (institution, supplier, bill_no, code) DO NOTHING');

export interface BillSaved {
  readonly result: 'added' | 'revised' | 'cancelled' | 'unchanged';
  readonly revision: number;
  /** as it stands now */
  readonly bill: SupplierBill;
}

/**
 * Keeps a supplier's bill: the same again changes nothing, another content is a new revision and the earlier one stays on file, a
 * cancellation may leave the lines out. First statement of a transaction of its own.
 */
export async function saveBill(q: SqlQuery, institution: string, told: SupplierBill, from: { readonly origin: string; readonly atMs: number }): Promise<BillSaved> {
  const supplier = supplierKey(told.supplier);
  await passGate(q, institution, `bill:${told.billNo}`);
  const stored = await q.get<StoredBill>(SELECT_BILL, [institution, supplier, told.billNo]);
  const earlier = stored === undefined ? undefined : JSON.parse(stored.body) as SupplierBill;
  const bill: SupplierBill = earlier !== undefined && told.cancelled === true && told.lines.length === 0 ? { ...earlier, cancelled: true } : told;
  const body = JSON.stringify(bill);
  const sha = createHash('sha256').update(body).digest('hex');
  if (stored?.content_sha === sha) return { result: 'unchanged', revision: stored.revision, bill };
  const revision = (stored?.revision ?? 0) + 1;
  const codes = [...new Set(bill.lines.flatMap((line) => line.codes.map(({ code }) => code)))].sort();
  await q.run(UPSERT_BILL, [institution, supplier, bill.billNo, revision, bill.cancelled === true ? 'cancelled' : 'current', bill.documentNo ?? null, sha, body, stored?.created_at ?? from.atMs, from.origin, codes.length, from.atMs]);
  await q.run(INSERT_VERSION, [institution, supplier, bill.billNo, revision, from.origin, sha, body, from.atMs]);
  await q.run(DELETE_CODES, [institution, supplier, bill.billNo]);
  await insertCodes(q, codes.map((code) => [institution, supplier, bill.billNo, code]));
  await saveNodes(q, institution, nodesOfBill(bill), { origin: 'bill', atMs: from.atMs });
  return { result: bill.cancelled === true ? 'cancelled' : stored === undefined ? 'added' : 'revised', revision, bill };
}

export interface BillWithCodes { readonly supplier: string; readonly billNo: string; readonly codes: readonly string[] }

/** @returns the bills that name any of the codes, with those they name */
export async function billsOfCodes(q: SqlQuery, institution: string, codes: readonly string[]): Promise<readonly BillWithCodes[]> {
  const found = new Map<string, { supplier: string; billNo: string; codes: string[] }>();
  for (const row of await selectBillsOfCodes<{ supplier: string; bill_no: string; code: string }>(q, [institution], codes)) {
    const key = `${row.supplier} ${row.bill_no}`;
    const bill = found.get(key) ?? { supplier: row.supplier, billNo: row.bill_no, codes: [] };
    bill.codes.push(row.code);
    found.set(key, bill);
  }
  return [...found.values()];
}

export async function loadBill(q: SqlQuery, institution: string, named: { readonly supplier: string; readonly billNo: string }): Promise<SupplierBill | undefined> {
  const row = await q.get<StoredBill>(SELECT_BILL, [institution, named.supplier, named.billNo]);
  return row === undefined ? undefined : JSON.parse(row.body) as SupplierBill;
}

/** @returns bills under one of the numbers, or made for the document */
export async function billsNamed(q: SqlQuery, institution: string, named: { readonly numbers: readonly string[]; readonly documentNo: string }): Promise<readonly SupplierBill[]> {
  const rows = await q.all<StoredBill>(SELECT_BILLS_BY_DOCUMENT, [institution, named.documentNo]);
  for (const number of named.numbers) rows.push(...await q.all<StoredBill>(SELECT_BILLS_BY_NO, [institution, number]));
  return [...new Map(rows.map((row) => [`${row.supplier} ${row.bill_no}`, JSON.parse(row.body) as SupplierBill])).values()];
}
