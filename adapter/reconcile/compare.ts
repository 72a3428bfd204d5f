import { scannedForm } from '../domain/trace-code.ts';
import type { ReadBackEntry } from '../ports/destination.ts';
import type { OurReport } from './our-reports.ts';
import { quantityMatches } from './quantity-match.ts';

/** `missing` and `unread` are settled later, by asking. */
export type ReportFate = 'matched' | 'late' | 'different' | 'not-found' | 'unread';

export interface Compared {
  readonly report: OurReport;
  readonly fate: ReportFate;
  /** Chinese, what differs */
  readonly detail?: string;
}

export interface Platform {
  /** by key; one key may stand under several transactions */
  readonly entries: ReadonlyMap<string, readonly ReadBackEntry[]>;
  /** list ids of drugs whose records could not be read */
  readonly unread: ReadonlySet<string>;
}

/**
 * Pure: what became of each report of the day at the platform, as far as its lists tell.
 * @param day yyyy-MM-dd, the day on which they were accepted
 */
export function compareReports(reports: readonly OurReport[], platform: Platform, day: string): readonly Compared[] {
  const wrong = wrongQuantities(reports, platform);
  return reports.map((report) => {
    const entry = entryOf(report, platform);
    if (entry === undefined) return { report, fate: report.lines.some((line) => platform.unread.has(line.listId)) ? 'unread' : 'not-found' };
    const detail = codesDiffer(report, entry) ?? wrong.get(report.deliveryNo);
    if (detail !== undefined) return { report, fate: 'different', detail };
    return report.occurredOn < day ? { report, fate: 'late', detail: `业务日期 ${report.occurredOn}` } : { report, fate: 'matched' };
  });
}

function entryOf(report: OurReport, platform: Platform): ReadBackEntry | undefined {
  const found = platform.entries.get(report.key) ?? [];
  return found.find((entry) => report.operation === entry.operation || report.operation.startsWith(`${entry.operation}:`) || entry.operation.startsWith(`${report.operation}:`)) ?? found[0];
}

/** A list that names no codes says nothing of them (3509, 3511). */
function codesDiffer(report: OurReport, entry: ReadBackEntry): string | undefined {
  if (entry.codes.length === 0 || report.codes.length === 0) return undefined;
  const there = new Set(entry.codes);
  const ours = new Set(report.codes.map(scannedForm));
  const lacking = [...ours].filter((code) => !there.has(code)).length;
  const more = [...there].filter((code) => !ours.has(code)).length;
  return lacking + more === 0 ? undefined : `追溯码不一致：平台少 ${String(lacking)} 个，多 ${String(more)} 个`;
}

/** @returns by delivery what is wrong with the quantity of its line; lines of which the platform shows only a part are left out */
function wrongQuantities(reports: readonly OurReport[], platform: Platform): ReadonlyMap<number, string> {
  const lines = new Map<string, OurReport[]>();
  for (const report of reports) {
    const [line, ...others] = report.lines;
    if (line === undefined || others.length > 0 || report.reverses !== undefined) continue;
    const name = JSON.stringify([report.subjectNo, report.operation, line.lineNo]);
    lines.set(name, [...(lines.get(name) ?? []), report]);
  }
  const wrong = new Map<number, string>();
  for (const group of lines.values()) {
    const line = group[0]?.lines[0];
    const there = group.map((report) => entryOf(report, platform)?.quantity);
    if (line === undefined || there.some((quantity) => quantity === undefined)) continue;
    const shown = there.filter((quantity) => quantity !== undefined);
    if (quantityMatches(shown, line) !== false) continue;
    for (const report of group) wrong.set(report.deliveryNo, `数量不一致：平台 ${shown.join(' + ')}，本机 ${line.quantity}`);
  }
  return wrong;
}
