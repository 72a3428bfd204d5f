import { chinaDate, isCalendarDate } from '../../../adapter/domain/china-time.ts';
import type { BillSearch, Paged, UpstreamBillHead, UpstreamBillSummary, UpstreamDrugLine, UpstreamParty } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, readPages, unreadable, type Asking, type Given, type Missed } from './asking.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 92;
const PAGES_AT_ONCE = 20;

/** listupout: suppliers' bills to us; its rows are drug lines. Long ranges are asked in parts of `windowDays`. */
export async function askBills(search: BillSearch, asking: Asking, windowDays: number): Promise<Given<Paged<UpstreamBillSummary>>> {
  const starts = windowsOf(search, windowDays);
  if (!Array.isArray(starts)) return starts;
  let at = positionOf(search.cursor, starts);
  let left = PAGES_AT_ONCE;
  const rows: TreeObject[] = [];
  while (at.window < starts.length && left > 0) {
    const begin = starts[at.window] ?? search.from;
    const read = await readPages(asking, { method: METHODS.upstreamLines, parameters: parametersOf(search, begin, endOf(begin, search.to, windowDays)), page: at.page, maxPages: left });
    if (read.kind !== 'rows') return read;
    rows.push(...read.rows);
    left -= Math.max(1, Math.ceil(read.rows.length / 100));
    at = read.nextPage === undefined ? { window: at.window + 1, page: 1 } : { window: at.window, page: read.nextPage };
  }
  if (rows.length > 0 && !rows.some((row) => textOf(row['bill_code']) !== '')) return unreadable('上游单据列表的行没有单据编号');
  const next = starts[at.window];
  return found({ rows: billsIn(rows), ...(next === undefined ? {} : { next: `${next}/${String(at.page)}` }) });
}

function windowsOf({ from, to }: BillSearch, windowDays: number): string[] | Missed {
  const [first, last] = [dayMs(from), dayMs(to)];
  if (!isCalendarDate(from) || !isCalendarDate(to) || last < first) return { kind: 'refused', reason: 'CONFIGURATION', peerText: '查询日期应为 yyyy-MM-dd，且起始不晚于结束' };
  if ((last - first) / DAY_MS >= MAX_DAYS) return { kind: 'refused', reason: 'CONFIGURATION', peerText: `一次最多查询 ${String(MAX_DAYS)} 天的上游单据` };
  return Array.from({ length: Math.floor((last - first) / DAY_MS / windowDays) + 1 }, (_, at) => chinaDate(first + at * windowDays * DAY_MS));
}

function endOf(begin: string, to: string, windowDays: number): string {
  const end = chinaDate(dayMs(begin) + (windowDays - 1) * DAY_MS);
  return end < to ? end : to;
}

function dayMs(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`);
}

function positionOf(cursor: string | undefined, starts: readonly string[]): { readonly window: number; readonly page: number } {
  const [, start = '', page = '1'] = /^(\d{4}-\d{2}-\d{2})\/([1-9]\d{0,5})$/.exec(cursor ?? '') ?? [];
  const window = starts.indexOf(start);
  return window < 0 ? { window: 0, page: 1 } : { window, page: Number(page) };
}

function parametersOf(search: BillSearch, begin: string, end: string): Readonly<Record<string, string>> {
  const optional = { bill_code: search.billNo, from_user_id: search.supplierEntId, produce_batch_no: search.lot, status: search.onlyOpen === true ? '1' : undefined };
  return { begin_date: begin, end_date: end, ...Object.fromEntries(Object.entries(optional).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))) };
}

/** Rows of one bill stand together under its number and sender. */
function billsIn(rows: readonly TreeObject[]): UpstreamBillSummary[] {
  const bills = new Map<string, { head: UpstreamBillHead; lines: UpstreamDrugLine[] }>();
  for (const row of rows) {
    const head = headOf(row);
    if (head.billNo === '') continue;
    const key = `${head.billNo}\u0000${head.from.refEntId}\u0000${head.from.entId}`;
    const bill = bills.get(key) ?? { head, lines: [] };
    bill.lines.push(lineOf(row));
    bills.set(key, bill);
  }
  return [...bills.values()].map(({ head, lines }) => ({ ...head, lines }));
}

/** Head of a row of listupout or query.upbillcode. The ids are trusted, not the names: their labels are swapped in the hospital text (mah.md 5.1). */
export function headOf(row: TreeObject): UpstreamBillHead {
  const of = (name: string): string => textOf(row[name]);
  const status = of('status');
  const platformRef = of('bill_out_id');
  const onBehalfOf: UpstreamParty = { name: of('ass_ent_name'), entId: of('ass_ent_id'), refEntId: of('ass_ref_ent_id') };
  return {
    billNo: of('bill_code'), billType: of('bill_type'), billAt: of('bill_time_format') || of('bill_time'),
    from: { name: of('from_ent_name') || of('from_user_name'), entId: of('from_user_id'), refEntId: of('from_ref_user_id') },
    to: { name: of('to_user_name'), entId: of('to_user_id'), refEntId: of('to_ref_user_id') },
    ...(onBehalfOf.refEntId === '' && onBehalfOf.entId === '' ? {} : { onBehalfOf }),
    ...(status === '' ? {} : { confirmed: status === '2' }), ...(platformRef === '' ? {} : { platformRef }),
  };
}

function lineOf(row: TreeObject): UpstreamDrugLine {
  const of = (name: string): string => textOf(row[name]);
  return {
    drugName: of('physic_name') || of('physic_info'), spec: of('prepn_spec'), packSpec: of('pkg_spec'), maker: of('produce_ent_name'), approvalNo: '', lot: of('produce_batch_no'),
    producedOn: of('produce_date_format') || of('produce_date'), expiresOn: of('exprie_date_format') || of('exprie_date'), packs: of('code_count'), units: of('prepn_count'),
  };
}

/** query.upbillcode: the bills a code is in; an empty list when no supplier told of it. */
export async function askBillsOfCode(code: string, asking: Asking): Promise<Given<readonly UpstreamBillHead[]>> {
  const asked = await asking.call(METHODS.billOfCode, { code });
  if (asked.kind !== 'answer') return asked;
  const heads = rowsOf(asked.reply.payload).map(headOf).filter(({ billNo }) => billNo !== '');
  return heads.length === 0 ? { kind: 'none' } : found(heads);
}
