import { chinaDateTime } from '../../domain/china-time.ts';
import { readOpen, settle, type EmergencyRow } from '../../emergency/emergency-store.ts';
import type { CheckFinding, ScheduledCheck } from '../../ports/check.ts';

/** Each is a duty of its own with a reason of its own; beyond these one finding says how many more there are. */
const MOST = 200;
const HOUR_MS = 3_600_000;

/**
 * Emergency dispenses whose catch-up is overdue, and those that have a line without a code: no receipt can settle these, a person
 * has to. Closing such a finding with a reason stops its clock. 闽药监规〔2026〕5号 二(三)2.
 */
export const overdueEmergencies: ScheduledCheck = {
  name: 'overdue-emergencies',
  title: '急抢救用药逾期未补核对',
  look: async ({ driver, institution, nowMs }) => {
    const open = await driver.read((q) => readOpen(q, institution, undefined, 10_000));
    const seen = open.filter((row) => row.due_at <= nowMs || row.uncoded_lines > 0);
    const more = seen.length - MOST;
    return [...seen.slice(0, MOST).map((row) => findingOf(row, nowMs)), ...(more > 0 ? [moreOf(more)] : [])];
  },
  closed: async (q, { institution, subject, by, reason, atMs }) => {
    if (/^\d+$/.test(subject)) await settle(q, institution, Number(subject), { by: 'person', at: atMs, note: `${by}：${reason}` });
  },
};

function findingOf(row: EmergencyRow, nowMs: number): CheckFinding {
  const overdue = row.due_at <= nowMs;
  const hours = String(Math.floor(Math.abs(nowMs - row.due_at) / HOUR_MS));
  const uncoded = row.uncoded_lines === 0 ? '' : `；其中 ${String(row.uncoded_lines)} 行没有追溯码，入库不能自动了结`;
  return {
    subject: String(row.event_no), severity: overdue ? 'block' : 'warn', owner: '药房',
    title: overdue ? `急抢救用药补核对已逾期 ${hours} 小时` : `急抢救用药没有追溯码，还剩 ${hours} 小时须补核对`,
    detail: `单据 ${row.document_no ?? row.event_id}${row.location === null ? '' : `，${row.location}`}，应于 ${chinaDateTime(row.due_at)} 前完成${uncoded}`,
    nextStep: '核对上游追溯信息并录入入库；已在别处核对的，写明原因后关闭本条',
  };
}

function moreOf(count: number): CheckFinding {
  return { subject: 'more', severity: 'block', owner: '药房', title: `另有 ${String(count)} 笔急抢救用药待补核对`, detail: '超过单列的上限，见 GET /api/v1/emergencies', nextStep: '先处理已列出的，其余随后列出' };
}
