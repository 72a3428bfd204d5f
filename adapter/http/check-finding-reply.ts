import { z } from 'zod';
import type { FindingRow } from '../checks/findings/finding-store.ts';
import { isoOrNone, present } from './view-members.ts';

export const checkFindingSchema = z.strictObject({
  findingNo: z.number().describe('提示的编号'), check: z.string().describe('核查的名称'), subject: z.string().describe('所指的对象'), severity: z.enum(['info', 'warn', 'block']).describe('info 供参考、warn 请处理、block 已违反规定，立即处理'),
  title: z.string().describe('一句话说明'), detail: z.string(), owner: z.string().describe('由谁处理'), nextStep: z.string().describe('下一步做什么'),
  openedAt: z.string().describe('首次发现的时间'), lastSeenAt: z.string().describe('最近一次仍发现的时间'), ageHours: z.number().describe('从首次发现到现在（或关闭）的小时数'),
  state: z.enum(['open', 'closed']).describe('open 未关闭、closed 已关闭'), closedAt: z.string().optional().describe('关闭的时间'), closedBy: z.string().optional().describe('由谁关闭；check 表示核查不再发现'), closeReason: z.string().optional().describe('关闭的原因'),
}).meta({ id: 'CheckFinding' });

/** @returns a finding of a scheduled check as the API shows it */
export function checkFindingReply(row: FindingRow, nowMs: number): z.input<typeof checkFindingSchema> {
  return {
    findingNo: row.finding_no, check: row.check_name, subject: row.subject, severity: row.severity === 'block' || row.severity === 'info' ? row.severity : 'warn', title: row.title, detail: row.detail, owner: row.owner, nextStep: row.next_step,
    openedAt: isoOrNone(row.opened_at) ?? '', lastSeenAt: isoOrNone(row.last_seen_at) ?? '', ageHours: Math.max(0, Math.floor(((row.closed_at ?? nowMs) - row.opened_at) / 360_000) / 10), state: row.state,
    ...present({ closedAt: isoOrNone(row.closed_at), closedBy: row.closed_by, closeReason: row.close_reason }),
  };
}
