import { z } from 'zod';
import { bandsReached } from '../../emergency/bands.ts';
import { countOpen, readCodes, readOpen, readSettled, SETTLED_BY, type EmergencyRow, type OpenAfter } from '../../emergency/emergency-store.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { isoOrNone, present } from '../view-members.ts';

const emergencySchema = z.strictObject({
  eventNo: z.number(), source: z.string(), id: z.string(), documentNo: z.string().optional(), location: z.string().optional(),
  startedAt: z.string().describe('计时起点：业务发生的时间'), hours: z.number().describe('时限，小时'), dueAt: z.string().describe('应在此之前完成补核对'),
  state: z.enum(['open', 'overdue', 'settled']).describe('open 计时中、overdue 已逾期、settled 已了结'),
  hoursLeft: z.number().optional().describe('剩余小时数，逾期为负；了结后不给出'), warning: z.number().optional().describe('已到的提示档：还剩 24、8、1 小时或 0（逾期）'),
  uncodedLines: z.number().describe('没有追溯码的行数，入库不能自动了结'), missingCodes: z.array(z.string()).describe('尚无入库核对的追溯码'),
  settledAt: z.string().optional(), settledBy: z.enum(SETTLED_BY).optional().describe('receipt 补录入库、verification 上游核对、void 原单作废、person 人工关闭'), note: z.string().optional().describe('人工关闭的原因'),
}).meta({ id: 'Emergency' });

/** Cursor of the open list: they are read in the order they fall due. */
const CURSOR = /^e(-?\d{1,15})\.(\d{1,15})$/;

function readAfter(cursor: string | undefined): OpenAfter | undefined {
  const found = CURSOR.exec(Buffer.from(cursor ?? '', 'base64url').toString('latin1'));
  return found === null ? undefined : { dueAt: Number(found[1]), eventNo: Number(found[2]) };
}

function writeAfter(row: EmergencyRow): string {
  return Buffer.from(`e${String(row.due_at)}.${String(row.event_no)}`).toString('base64url');
}

function emergencyReply(row: EmergencyRow, missingCodes: readonly string[], nowMs: number): z.input<typeof emergencySchema> {
  const settled = row.state === 'settled';
  const [warning] = bandsReached({ startedAt: row.started_at, hours: row.hours }, nowMs);
  return {
    eventNo: row.event_no, source: row.source, id: row.event_id, ...present({ documentNo: row.document_no, location: row.location }),
    startedAt: isoOrNone(row.started_at) ?? '', hours: row.hours, dueAt: isoOrNone(row.due_at) ?? '', state: settled ? 'settled' : row.due_at <= nowMs ? 'overdue' : 'open',
    uncodedLines: row.uncoded_lines, missingCodes: [...missingCodes],
    ...(settled ? present({ settledAt: isoOrNone(row.settled_at), settledBy: row.settled_by, note: row.settled_note })
      : { hoursLeft: Math.floor((row.due_at - nowMs) / 360_000) / 10, ...(warning === undefined ? {} : { warning }) }),
  };
}

export const listEmergencies = defineRoute({
  operation: 'list-emergencies',
  method: 'get',
  path: '/api/v1/emergencies',
  roles: ['pharmacist', 'it', 'auditor', 'hub'],
  summary: '急抢救先用后补：计时中的（最急的在前）或已了结的（新的在前），各缺哪些追溯码',
  request: {
    query: z.strictObject({
      institution: institutionField, state: z.enum(['open', 'settled']).default('open').describe('open 未了结的（含逾期），settled 已了结的'),
      cursor: z.string().max(60).refine((value) => readAfter(value) !== undefined, 'cursor').optional().describe('上一页的 nextCursor'),
      limit: z.coerce.number().int().min(1).max(500).default(50),
    }),
  },
  response: {
    description: '一页，以及未了结与逾期的总数',
    schema: z.strictObject({ open: z.number().describe('未了结的笔数'), overdue: z.number().describe('其中已逾期的笔数'), items: z.array(emergencySchema), nextCursor: z.string().optional().describe('有下一页时给出') }),
  },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const nowMs = context.deps.clock.now();
    const after = readAfter(query.cursor);
    return context.deps.driver.read(async (q) => {
      const rows = query.state === 'open' ? await readOpen(q, institution, after, query.limit) : await readSettled(q, institution, after?.eventNo, query.limit);
      const items: z.input<typeof emergencySchema>[] = [];
      for (const row of rows) {
        const codes = row.state === 'settled' ? [] : await readCodes(q, institution, row.event_no);
        items.push(emergencyReply(row, codes.filter(({ caughtUpAt }) => caughtUpAt === undefined).map(({ code }) => code), nowMs));
      }
      const last = rows.length === query.limit ? rows.at(-1) : undefined;
      return { status: 200, body: { ...await countOpen(q, institution, nowMs), items, ...(last === undefined ? {} : { nextCursor: writeAfter(last) }) } };
    });
  },
});
