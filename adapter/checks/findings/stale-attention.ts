import { chinaDateTime } from '../../domain/china-time.ts';
import { ATTENTION_STATES_SQL } from '../../delivery/states.ts';
import type { CheckFinding, ScheduledCheck } from '../../ports/check.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
/** reasons named in a finding; the rest is summed up */
const MOST_REASONS = 5;

/** index delivery_attention: how long it has waited is counted from when it last went out, or was filed */
export const SELECT_STALE = `SELECT COALESCE(reason, '') AS reason, COUNT(*) AS n, MIN(COALESCE(last_sent_at, created_at)) AS oldest
  FROM delivery WHERE institution = ? AND destination = ? AND ${ATTENTION_STATES_SQL} AND COALESCE(last_sent_at, created_at) <= ? GROUP BY reason ORDER BY n DESC, reason`;

/**
 * Deliveries that have waited for a person longer than some hours: one finding per destination, whatever their number.
 * @param options.hours default 24
 */
export function staleAttention(options: { readonly destinations: readonly string[]; readonly hours?: number }): ScheduledCheck {
  const hours = options.hours ?? DEFAULT_HOURS;
  return {
    name: 'stale-attention',
    title: '待人工处理的上报搁置过久',
    look: async ({ driver, institution, nowMs }) => {
      const findings: CheckFinding[] = [];
      for (const destination of options.destinations) {
        const groups = await driver.read((q) => q.all<{ reason: string; n: number; oldest: number }>(SELECT_STALE, [institution, destination, nowMs - hours * HOUR_MS]));
        if (groups.length > 0) findings.push(findingOf(destination, groups, hours));
      }
      return findings;
    },
  };
}

function findingOf(destination: string, groups: readonly { readonly reason: string; readonly n: number; readonly oldest: number }[], hours: number): CheckFinding {
  const total = groups.reduce((sum, { n }) => sum + n, 0);
  const named = groups.slice(0, MOST_REASONS).map(({ reason, n }) => `${reason === '' ? '其他' : reason} ${String(n)} 条`);
  const rest = groups.slice(MOST_REASONS).reduce((sum, { n }) => sum + n, 0);
  const oldest = Math.min(...groups.map((group) => group.oldest));
  return {
    subject: destination, severity: 'warn', owner: '信息科',
    title: `上报目标 ${destination} 有 ${String(total)} 条待人工处理超过 ${String(hours)} 小时`,
    detail: `${[...named, ...(rest === 0 ? [] : [`其余原因 ${String(rest)} 条`])].join('、')}；最早一条 ${chinaDateTime(oldest)}`,
    nextStep: '在待处理中按原因改正后重发（his-trace resend），无法上报的写明原因',
  };
}
