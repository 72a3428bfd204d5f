import { z } from 'zod';
import { chinaDate, chinaIso, isCalendarDate } from '../../domain/china-time.ts';
import { DIFFERENCE_KINDS, readReconciliations } from '../../reconcile/reconciliation-store.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

const itemSchema = z.strictObject({
  kind: z.enum(DIFFERENCE_KINDS).describe('missing 平台查不到、unknown-here 本机没有（另有系统上报）、different 数量或追溯码不同、not-accepted-here 平台已有而本机未接受、late 晚于业务日上报'),
  operation: z.string(), key: z.string(), drug: z.string(), deliveryNo: z.number().optional(), detail: z.string().optional(),
}).meta({ id: 'ReconciliationItem' });

const resultSchema = z.strictObject({
  destination: z.string(), ranAt: z.string().describe('对账的时间'), complete: z.boolean().describe('平台的记录是否全部读到'),
  ours: z.number().describe('当日平台接受的上报数'), matched: z.number().describe('平台记录一致的条数'), missing: z.number().describe('平台查不到的条数'), unknownHere: z.number().describe('平台有而本机没有的条数'),
  different: z.number().describe('内容不同的条数'), late: z.number().describe('晚于业务日上报的条数'), unread: z.number().describe('未能核对的条数'), items: z.array(itemSchema).describe('差异明细，至多 500 条'),
}).meta({ id: 'Reconciliation' });

export const getReconciliation = defineRoute({
  operation: 'get-reconciliation',
  method: 'get',
  path: '/api/v1/reconciliation',
  roles: ['pharmacist', 'it', 'auditor', 'hub'],
  summary: '一日的对账结果：本机已上报的与平台记录逐条比较（夜间自动，或 his-trace reconcile）',
  request: { query: z.strictObject({ institution: institutionField, date: z.string().refine(isCalendarDate, 'yyyy-MM-dd').optional().describe('平台接受的日期，默认昨天（中国时间）') }) },
  response: { description: '各目标的对账结果；还没有对过的目标不列出', schema: z.strictObject({ institution: z.string(), date: z.string(), destinations: z.array(resultSchema) }) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const date = query.date ?? chinaDate(context.deps.clock.now() - 86_400_000);
    const found = await context.deps.driver.read((q) => readReconciliations(q, institution, { from: date, to: date }));
    const destinations = found.map(({ institution: _, day: __, ranAt, ...one }) => ({ ...one, ranAt: chinaIso(ranAt) }));
    return { status: 200, body: { institution, date, destinations } };
  },
});
