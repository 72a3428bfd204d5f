import { createHash } from 'node:crypto';
import { chinaDateTime } from '../domain/china-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { DEVIATIONS } from './deviation.ts';
import { listDiscrepancies, moveDiscrepancy, type Discrepancy } from './discrepancy-store.ts';

/** What one supplier is told about one receipt. */
export interface SupplierFeedback {
  /** the same discrepancies have the same number: telling them twice is harmless */
  readonly feedbackNo: string;
  readonly institution: string;
  readonly supplier: string;
  readonly documentNo: string;
  readonly items: readonly Discrepancy[];
}

/** A way to tell suppliers (REST, SOAP, mail …). Throwing counts as `unknown`: it is told again later. */
export interface SupplierChannel {
  readonly name: string;
  send(feedback: SupplierFeedback, options: { readonly signal: AbortSignal }): Promise<{ readonly result: 'accepted' | 'unavailable' | 'unknown' | 'rejected'; readonly says?: string }>;
}

const MAX_ITEMS = 2_000;
const SEND_MS = 30_000;

/** @returns the firm, supplier-owned discrepancies, one feedback per supplier and receipt */
export function feedbacksOf(institution: string, discrepancies: readonly Discrepancy[], nowMs: number): readonly SupplierFeedback[] {
  const groups = new Map<string, Discrepancy[]>();
  for (const one of discrepancies) {
    if (one.state !== 'open' || one.owner !== 'supplier' || one.firmAt > nowMs || one.supplier === undefined) continue;
    const key = JSON.stringify([one.supplier, one.documentNo]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((items) => {
    const [first] = items;
    if (first?.supplier === undefined) return [];
    const content = JSON.stringify([institution, items.map(({ documentNo, kind, subject, createdAt }) => [documentNo, kind, subject, createdAt])]);
    return [{ feedbackNo: createHash('sha256').update(content).digest('hex').slice(0, 24), institution, supplier: first.supplier, documentNo: first.documentNo, items }];
  });
}

/**
 * Tells the suppliers what does not agree (将不一致信息反馈给上游企业, 闽药监规〔2026〕5号 二(三)2) and moves it to `fed-back` where they took it.
 * @returns how many discrepancies were taken
 */
export async function feedBack(deps: { readonly driver: SqlDriver; readonly clock: Clock; readonly log: Log; readonly channel: SupplierChannel }, institution: string, signal: AbortSignal): Promise<number> {
  const { driver, clock, log, channel } = deps;
  const open = await driver.read((q) => listDiscrepancies(q, { institution, states: ['open'], limit: MAX_ITEMS }));
  let told = 0;
  for (const feedback of feedbacksOf(institution, open, clock.now())) {
    if (signal.aborted) break;
    const answer = await channel.send(feedback, { signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]) }).catch(() => ({ result: 'unknown' as const }));
    log.info('supplier told of discrepancies', { institution, documentNo: feedback.documentNo, channel: channel.name, items: feedback.items.length, result: answer.result });
    if (answer.result !== 'accepted') continue;
    const at = clock.now();
    await driver.write(async (q) => {
      for (const one of feedback.items) await moveDiscrepancy(q, institution, one, { state: 'fed-back', by: channel.name, at, note: `反馈编号 ${feedback.feedbackNo}` });
    });
    told += feedback.items.length;
  }
  return told;
}

const HEADS = ['单据号', '上游单据', '供应商', '类别', '说明', '药品编码', '批号', '应为', '实际', '追溯码', '状态', '责任方', '下一步', '原因', '发现时间'] as const;
const STATE_ZH = { 'open': '待反馈', 'fed-back': '已反馈', 'answered': '已答复', 'settled': '已了结' } as const;

/** @returns the discrepancies as csv for a supplier or an inspector: UTF-8 with a byte order mark, codes as text a spreadsheet does not round */
export function discrepanciesCsv(discrepancies: readonly Discrepancy[]): string {
  const rows = discrepancies.map((one) => [
    one.documentNo, one.billNo ?? '', one.supplier ?? '', one.kind, DEVIATIONS[one.kind].zh, one.drug ?? '', one.lot ?? '', one.expected ?? '', one.actual ?? '', one.codes.join(' '), STATE_ZH[one.state],
    one.owner === 'supplier' ? '供应商' : one.owner === 'receiver' ? '本机构' : one.owner, DEVIATIONS[one.kind].nextStep, one.reason ?? '', chinaDateTime(one.createdAt),
  ]);
  return `\uFEFF${[HEADS, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A spreadsheet makes a number of 20 digits, and a formula of what begins with = + - @. */
function cell(text: string): string {
  const safe = /^\d{12,}$/.test(text) ? `\t${text}` : /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
