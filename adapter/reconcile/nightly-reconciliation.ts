import { chinaDate } from '../domain/china-time.ts';
import type { CheckFinding, ScheduledCheck } from '../ports/check.ts';
import type { Destination } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import { reconcileDay, type ReconcileDeps } from './reconcile-day.ts';
import { readReconciliations, type Reconciliation } from './reconciliation-store.ts';

const DAY_MS = 86_400_000;
/** days that are compared again while one of them could not be read whole, and days that the check shows */
const DAYS = 7;

/**
 * Compares yesterday, and the days of the last week that were never compared whole, with every platform that can be read. For
 * adapter/ops/schedule.ts, in the small hours. A comparison that fails is logged and leaves the others alone.
 */
export async function reconcileNightly(deps: ReconcileDeps, of: { readonly institutions: readonly Institution[]; readonly destinations: readonly Destination[] }, signal: AbortSignal): Promise<void> {
  // a function, because the compiler would take it for constant after the first look
  const isAborted = (): boolean => signal.aborted;
  const days = Array.from({ length: DAYS }, (_, at) => chinaDate(deps.clock.now() - (at + 1) * DAY_MS));
  for (const institution of of.institutions) {
    const done = await deps.driver.read((q) => readReconciliations(q, institution.code, { from: days.at(-1) ?? '', to: days[0] ?? '' }));
    for (const destination of of.destinations) {
      if (destination.readBack === undefined) continue;
      for (const [at, day] of days.entries()) {
        if (isAborted()) return;
        const known = done.find((one) => one.day === day && one.destination === destination.name);
        // a day before the product was there needs no comparison: only yesterday is compared without having been tried before
        if (known?.complete === true || (known === undefined && at > 0)) continue;
        try {
          await reconcileDay(deps, { institution, destination, day }, signal);
        } catch (error) {
          if (!isAborted()) deps.log.error('reconciliation failed', { institution: institution.code, destination: destination.name, day, error });
        }
      }
    }
  }
}

/** Differences of the last week as findings, one for each destination and day. */
export const reconciliationCheck: ScheduledCheck = {
  name: 'reconciliation',
  title: '与平台记录对账的差异',
  look: async ({ driver, institution, nowMs }) => {
    const found = await driver.read((q) => readReconciliations(q, institution, { from: chinaDate(nowMs - DAYS * DAY_MS), to: chinaDate(nowMs) }));
    return found.filter((one) => one.missing + one.unknownHere + one.different > 0).map(findingOf);
  },
};

function findingOf(one: Reconciliation): CheckFinding {
  const counts = [['平台查不到', one.missing], ['本机没有', one.unknownHere], ['内容不同', one.different]] as const;
  return {
    subject: `${one.destination}:${one.day}`, severity: one.missing > 0 ? 'warn' : 'info', owner: '信息科',
    title: `${one.destination} ${one.day} 对账有差异`,
    detail: counts.filter(([, count]) => count > 0).map(([what, count]) => `${what} ${String(count)} 条`).join('、'),
    nextStep: `查看 his-trace reconcile --date ${one.day}；平台查不到的在待处理中核对后重发，本机没有的核对是否另有系统上报`,
  };
}
