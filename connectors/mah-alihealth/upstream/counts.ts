import { chinaDate, isCalendarDate } from '../../../adapter/domain/china-time.ts';
import type { BillCount, UpstreamAccess } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { asObject, rowsOf, textOf } from '../reply-tree.ts';
import { found, unreadable, type Asking, type Given } from './asking.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;

/** query.billcount, query.upoutbillcount: one call a day, because the answer counts by type over the whole range. */
export async function askBillCounts(wanted: Parameters<UpstreamAccess['billCounts']>[0], asking: Asking): Promise<Given<readonly BillCount[]>> {
  const [first, last] = [wanted.from, wanted.to].map((day) => Date.parse(`${day}T00:00:00+08:00`));
  if (!isCalendarDate(wanted.from) || !isCalendarDate(wanted.to) || first === undefined || last === undefined || last < first || (last - first) / DAY_MS >= MAX_DAYS) {
    return { kind: 'refused', reason: 'CONFIGURATION', peerText: `单据计数一次可查 1 至 ${String(MAX_DAYS)} 天，日期为 yyyy-MM-dd` };
  }
  const method = wanted.side === 'own' ? METHODS.ownCounts : METHODS.upstreamCounts;
  const counts: BillCount[] = [];
  for (let at = first; at <= last; at += DAY_MS) {
    const date = chinaDate(at);
    const asked = await asking.call(method, { begin_date: date, end_date: date });
    if (asked.kind === 'none') continue;
    if (asked.kind !== 'answer') return asked;
    for (const row of rowsOf(asked.reply.payload)) {
      const count = textOf(row['count']);
      if (!/^\d{1,9}$/.test(count)) return unreadable('单据计数不是数字');
      counts.push({ date, billType: textOf(row['bill_type']), billTypeName: textOf(row['bill_type_name']), count: Number(count) });
    }
  }
  return found(counts);
}

/** service.getenddate: business 1 = drugs, service 11 = basic pack (Annex A). */
export async function askServiceEnd(asking: Asking): Promise<Given<string>> {
  const asked = await asking.call(METHODS.serviceEnd, { business: '1', service: '11' });
  if (asked.kind !== 'answer') return asked;
  const { reply } = asked;
  const text = textOf(reply.member('end_date')) || textOf(asObject(reply.payload)?.['end_date']) || textOf(reply.payload);
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  return day === undefined ? { kind: 'none' } : found(day);
}
