import type { Language } from '../domain/error.ts';
import { findingText } from '../domain/finding-text.ts';
import { FINDING_CODES } from '../domain/finding.ts';
import type { Finding, FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FindingRow } from '../store/queries/events-view.ts';
import { detailInEnglish } from './detail-english.ts';
import { describeRefusal } from './error-reply.ts';
import { present } from './view-members.ts';

export interface FindingReply {
  readonly code: string;
  readonly severity: 'info' | 'warn' | 'block';
  readonly message: string;
  readonly action: string;
  readonly lineNo?: string;
  readonly traceCode?: string;
  readonly field?: string;
}

/** @returns whether the code's own text says already all that the detail says: 该追溯码没有入库记录 / 该码没有入库记录 */
function says(message: string, detail: string): boolean {
  const plain = (text: string): string => text.replaceAll('追溯码', '码').replace(/[。；，\s]/g, '');
  return plain(message).includes(plain(detail));
}

/** @returns a finding in words, with its detail appended; the line where it concerns one */
export function findingReply(finding: Finding, language: Language): FindingReply {
  const text = findingText(finding.code, language);
  const detail = finding.detail === undefined || says(findingText(finding.code, 'zh').message, finding.detail) ? undefined : finding.detail;
  const message = detail === undefined ? text.message : language === 'zh' ? `${text.message}：${detail}` : `${text.message}: ${detailInEnglish(detail)}`;
  return {
    code: finding.code, severity: finding.severity, message, action: text.action,
    ...present({ lineNo: finding.lineNo === '' ? undefined : finding.lineNo, traceCode: finding.traceCode }),
  };
}

/** @returns why an event was not taken, in the shape of a finding that blocks */
export function refusalFinding(refusal: Refusal, language: Language): FindingReply {
  return { code: refusal.code, severity: 'block', ...describeRefusal(refusal, language), ...present({ field: refusal.field }) };
}

/** @returns a stored finding in words; a code of another version is shown as it is */
export function storedFindingReply(row: FindingRow, language: Language): FindingReply {
  const severity: FindingSeverity = row.severity === 'block' || row.severity === 'warn' ? row.severity : 'info';
  if (!(FINDING_CODES as readonly string[]).includes(row.code)) return { code: row.code, severity, message: row.detail ?? row.code, action: '' };
  const finding: Finding = { code: row.code as FindingCode, severity, lineNo: row.line_no, ...present({ traceCode: row.trace_code, detail: row.detail }) };
  return findingReply(finding, language);
}
