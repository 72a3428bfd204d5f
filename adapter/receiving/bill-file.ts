import type { PackageLevel } from '../domain/drug.ts';
import type { Table, TableRow } from '../ports/table-reader.ts';
import { readBill } from './read-bill.ts';
import type { BilledCode, BillLine, SupplierBill } from './supplier-bill.ts';

export interface BillFile {
  readonly bills: readonly SupplierBill[];
  readonly problems: readonly { readonly row: number; readonly value: string; readonly reason: string }[];
}

const HEADS = {
  billNo: ['单据号', '出库单号', '随货同行单号', 'billno', 'billcode'], supplierCode: ['供应商编码', 'suppliercode'], supplierName: ['供应商', '供应商名称', '发货单位', 'supplier'],
  addressee: ['收货单位', '收货方', 'addressee'], documentNo: ['入库单号', 'documentno'], drug: ['药品编码', 'drug'], drugName: ['药品名称', '通用名', 'drugname'], approvalNo: ['批准文号', 'approvalno'],
  lot: ['批号', '生产批号', 'lot'], expiresOn: ['有效期', '有效期至', 'expireson'], producedOn: ['生产日期', 'producedon'], quantity: ['数量', '出库数量', 'quantity'],
  code: ['追溯码', '药品追溯码', 'code'], level: ['级别', '包装级别', 'level'], parent: ['上级码', '父码', 'parent'], packs: ['包装数量', '内含小包装数', 'packs'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Column = keyof typeof HEADS;

const LEVELS: Readonly<Record<string, PackageLevel>> = { '1': 1, '2': 2, '3': 3, '小包装': 1, '中包装': 2, '大包装': 3 };
const ROWS_LOOKED_AT = 20;

interface Heads { readonly row: number; readonly columns: ReadonlyMap<Column, number> }
interface DraftLine { readonly line: Omit<BillLine, 'codes' | 'packs'>; packs: number | undefined; readonly codes: BilledCode[] }
interface Draft { readonly row: number; readonly head: Omit<SupplierBill, 'lines'>; readonly lines: Map<string, DraftLine> }

/**
 * Reads suppliers' bills from a table, one row a code (or a drug, where it has no codes); rows of one bill and drug line belong together.
 * A bill with a row that cannot be read is left out whole: half a bill would make the other half extra. Pure; never throws.
 */
export function readBillFile(tables: readonly Table[]): BillFile {
  for (const table of tables) {
    const heads = table.rows.slice(0, ROWS_LOOKED_AT).map(headsOf).find(({ columns }) => columns.has('billNo') && (columns.has('code') || columns.has('quantity')));
    if (heads !== undefined) return readRows(table.rows.filter((row) => row.number > heads.row), heads);
  }
  return { bills: [], problems: [{ row: 0, value: '', reason: '没有找到表头“单据号”和“追溯码”' }] };
}

function headsOf(row: TableRow): Heads {
  const columns = new Map<Column, number>();
  for (const [at, cell] of row.cells) {
    const named = cell.text.normalize('NFKC').replace(/[\s_]/gu, '').toLowerCase();
    const column = (Object.keys(HEADS) as Column[]).find((name) => (HEADS[name] as readonly string[]).includes(named));
    if (column !== undefined && !columns.has(column)) columns.set(column, at);
  }
  return { row: row.number, columns };
}

function readRows(rows: readonly TableRow[], { columns }: Heads): BillFile {
  const drafts = new Map<string, Draft>();
  const problems: { readonly row: number; readonly value: string; readonly reason: string }[] = [];
  const spoilt = new Set<string>();
  for (const row of rows) {
    const text = (column: Column): string => row.cells.get(columns.get(column) ?? -1)?.text ?? '';
    const key = JSON.stringify([text('supplierCode'), text('supplierName'), text('billNo')]);
    const wrong = addRow(drafts, key, { row: row.number, text });
    if (wrong === undefined) continue;
    problems.push({ row: row.number, ...wrong });
    spoilt.add(key);
  }
  const bills: SupplierBill[] = [];
  for (const [key, draft] of drafts) {
    if (spoilt.has(key)) continue;
    const read = readBill({ ...draft.head, lines: [...draft.lines.values()].map(({ line, packs, codes }) => ({ ...line, ...(packs === undefined ? {} : { packs }), codes })) });
    if ('bill' in read) bills.push(read.bill);
    else problems.push({ row: draft.row, value: read.refusal.value ?? '', reason: read.refusal.detail ?? '追溯码不可用' });
  }
  return { bills, problems };
}

function addRow(drafts: Map<string, Draft>, key: string, { row, text }: { readonly row: number; readonly text: (column: Column) => string }): { readonly value: string; readonly reason: string } | undefined {
  const billNo = text('billNo');
  if (billNo === '') return { value: '', reason: '单据号为空' };
  if (text('supplierCode') === '' && text('supplierName') === '') return { value: billNo, reason: '供应商为空' };
  const level = LEVELS[text('level')];
  if (text('level') !== '' && level === undefined) return { value: text('level'), reason: '包装级别应为 1、2、3' };
  for (const column of ['quantity', 'packs'] as const) if (text(column) !== '' && !/^\d{1,7}(?:\.0+)?$/.test(text(column))) return { value: text(column), reason: '数量应为整数' };
  const draft: Draft = drafts.get(key) ?? { row, head: headOf(text), lines: new Map() };
  drafts.set(key, draft);
  const line = { ...said({ drug: text('drug'), drugName: text('drugName'), approvalNo: text('approvalNo'), lot: text('lot'), expiresOn: text('expiresOn'), producedOn: text('producedOn') }) };
  const lineKey = JSON.stringify(line);
  const kept: DraftLine = draft.lines.get(lineKey) ?? { line: { lineNo: String(draft.lines.size + 1), ...line }, packs: undefined, codes: [] };
  draft.lines.set(lineKey, kept);
  // the quantity stands on every row of the line, or only on its first
  if (text('quantity') !== '' && (kept.packs === undefined || text('code') === '')) kept.packs = (text('code') === '' ? kept.packs ?? 0 : 0) + Number(text('quantity'));
  if (text('code') !== '') kept.codes.push({ code: text('code'), ...(level === undefined ? {} : { level }), ...(text('parent') === '' ? {} : { parent: text('parent') }), ...(text('packs') === '' ? {} : { packs: Number(text('packs')) }) });
  return undefined;
}

function headOf(text: (column: Column) => string): Omit<SupplierBill, 'lines'> {
  return {
    billNo: text('billNo'), supplier: { ...said({ code: text('supplierCode'), name: text('supplierName') }) }, ...said({ documentNo: text('documentNo') }),
    ...(text('addressee') === '' ? {} : { addressee: { name: text('addressee') } }),
  };
}

function said<Members extends Readonly<Record<string, string>>>(members: Members): Partial<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== '')) as Partial<Members>;
}
