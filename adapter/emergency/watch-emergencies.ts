import { chinaDateTime } from '../domain/china-time.ts';
import type { FindingSeverity } from '../domain/finding.ts';
import type { Alert, Alerts } from '../ports/alert.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { bandsToTell, hoursPassed, type Band } from './bands.ts';
import { markTold, readCodes, readOpen, readTold, type EmergencyRow, type OpenAfter } from './emergency-store.ts';
import { settleCaughtUp } from './settle-emergencies.ts';

export interface WatchDeps {
  readonly driver: SqlDriver;
  readonly institutions: readonly string[];
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly log: Log;
}

const AT_ONCE = 100;
const MAX_ROUNDS = 200;
const SEVERITY: Readonly<Record<Band, FindingSeverity>> = { 24: 'info', 8: 'warn', 1: 'warn', 0: 'block' };

/**
 * One look at the emergency clocks: settles what was caught up, then gives every warning that is due and was not given. Told is
 * a row beside the alert, written with it, so that neither a restart, nor a second process, nor a clock that jumps makes it twice
 * or loses it (anchors N2). For adapter/ops/schedule.ts, every few minutes.
 * @returns how many warnings were given
 */
export async function watchEmergencies(deps: WatchDeps, signal?: AbortSignal): Promise<number> {
  let told = 0;
  for (const institution of deps.institutions) {
    await settleCaughtUp(deps.driver, institution, signal);
    const given = await warn(deps, institution, signal);
    if (given > 0) deps.log.warn('emergency use not yet verified', { institution, warnings: given });
    told += given;
  }
  return told;
}

async function warn({ driver, alerts, clock }: WatchDeps, institution: string, signal: AbortSignal | undefined): Promise<number> {
  let told = 0;
  let after: OpenAfter | undefined;
  const nowMs = clock.now();
  for (let round = 0; round < MAX_ROUNDS && signal?.aborted !== true; round += 1) {
    const from = after;
    const done = await driver.write(async (q) => {
      const open = await readOpen(q, institution, from, AT_ONCE);
      let count = 0;
      for (const emergency of open) count += await warnOne(q, { institution, emergency, alerts, nowMs });
      return { count, last: open.length === AT_ONCE ? open.at(-1) : undefined };
    });
    told += done.count;
    if (done.last === undefined) return told;
    after = { dueAt: done.last.due_at, eventNo: done.last.event_no };
  }
  return told;
}

async function warnOne(q: SqlQuery, { institution, emergency, alerts, nowMs }: { readonly institution: string; readonly emergency: EmergencyRow; readonly alerts: Alerts; readonly nowMs: number }): Promise<number> {
  const clock = { startedAt: emergency.started_at, hours: emergency.hours };
  const due = bandsToTell(clock, await readTold(q, institution, emergency.event_no), nowMs);
  if (due.length === 0) return 0;
  const missing = (await readCodes(q, institution, emergency.event_no)).filter(({ caughtUpAt }) => caughtUpAt === undefined).length;
  let told = 0;
  for (const band of due) {
    if (!await markTold(q, institution, emergency.event_no, band, nowMs)) continue;
    await alerts.raise(alertOf(institution, emergency, { band, missing, late: band !== due[0] }), q);
    told += 1;
  }
  return told;
}

function alertOf(institution: string, emergency: EmergencyRow, what: { readonly band: Band; readonly missing: number; readonly late: boolean }): Alert {
  const { band, missing, late } = what;
  const passed = String(hoursPassed({ startedAt: emergency.started_at, hours: emergency.hours }, band));
  const title = band === 0 ? `急抢救用药超过 ${passed} 小时未补核对` : `急抢救用药已 ${passed} 小时，还剩 ${String(band)} 小时须补核对`;
  const where = [`单据 ${emergency.document_no ?? emergency.event_id}`, ...(emergency.location === null ? [] : [emergency.location])].join('，');
  const owed = [...(missing === 0 ? [] : [`${String(missing)} 个追溯码没有入库核对`]), ...(emergency.uncoded_lines === 0 ? [] : [`${String(emergency.uncoded_lines)} 行没有追溯码`])].join('，');
  return {
    institution, key: `emergency:${String(emergency.event_no)}:${String(band)}`, severity: SEVERITY[band], title,
    // a clock that jumped reaches several bands at once: each is said, and said to be late
    detail: `${where}：${owed}；应于 ${chinaDateTime(emergency.due_at)} 前完成${late ? '（此档提示迟到，已到更紧的一档）' : ''}`,
    nextStep: '向供应商取得上游追溯信息，核对后录入入库（receipt）；没有追溯码的，核对后以关闭原因了结',
  };
}
