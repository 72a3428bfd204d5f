import type { AskResult } from '../../adapter/domain/outcome.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { ReadBack } from './read-back.ts';
import type { SendMemory } from './send-memory.ts';

export interface AskDeps {
  readonly readBack: ReadBack;
  readonly memory: SendMemory;
  readonly clock: Clock;
  /** ms after sending within which "not found" does not yet mean absent */
  readonly askAfter: number;
}

/**
 * Query before resend (section 9). A call that timed out may still be in process at the platform, so shortly after sending an empty
 * answer is no answer. After the first question that fails the others are not asked.
 * @returns one result per report, in order
 */
export async function askReports(reports: readonly Report[], signal: AbortSignal, deps: AskDeps): Promise<readonly AskResult[]> {
  const results: AskResult[] = [];
  let failed: AskResult | undefined;
  for (const report of reports) {
    if (signal.aborted) failed ??= { kind: 'no-answer', reason: 'SERVICE_DOWN', peerText: '正在停止，未查询' };
    const result = failed ?? settleEarly(report, await deps.readBack(report, signal), deps);
    if (result.kind === 'no-answer' && result.reason !== 'UNKNOWN_TEXT' && !isEarly(result)) failed = result;
    results.push(result);
  }
  return results;
}

const EARLY = '刚发送不久，平台可能仍在处理，稍后再查';

function settleEarly(report: Report, result: AskResult, deps: AskDeps): AskResult {
  const sentAt = deps.memory.sentAt(report.key) ?? report.firstSentAt;
  const waited = sentAt === undefined ? Infinity : deps.clock.now() - sentAt;
  return result.kind === 'absent' && waited >= 0 && waited < deps.askAfter ? { kind: 'no-answer', reason: 'TIMEOUT', peerText: EARLY } : result;
}

function isEarly(result: AskResult): boolean {
  return result.kind === 'no-answer' && result.peerText === EARLY;
}
