import { z } from 'zod';
import { chinaDate, isCalendarDate } from '../../domain/china-time.ts';
import { readDaySummary, type LineClassSummary } from '../../checks/day-summary.ts';
import type { SummaryItem } from '../../checks/line-fates.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { present } from '../view-members.ts';

const percent = z.string().describe('百分比，两位小数；没有明细时为 "100.00"');

const itemSchema = z.strictObject({
  source: z.string(), id: z.string(), kind: z.string(), documentNo: z.string().optional(), lineNo: z.string(), drug: z.string(),
  reason: z.string().optional(), deliveryNo: z.number().optional(),
}).meta({ id: 'SummaryItem' });

const classSchema = z.strictObject({
  lines: z.number(), reasons: z.array(z.strictObject({ reason: z.string(), lines: z.number() })), items: z.array(itemSchema),
});

const destinationSchema = z.strictObject({
  name: z.string(), lines: z.number(), complete: z.boolean(), completeness: percent.describe('有着落的行 ÷ 全部行'), reportRate: percent.describe('已上报 ÷ 应上报'),
  reported: z.number(), excluded: classSchema, pending: classSchema, attention: classSchema, missing: classSchema,
  reversals: z.strictObject({ reported: z.number(), pending: z.number(), attention: z.number() }).describe('当日作废所产生的撤销上报'),
}).meta({ id: 'DestinationSummary' });

const summarySchema = z.strictObject({
  date: z.string(), institution: z.string(), events: z.number(), lines: z.number(), complete: z.boolean().describe('每一行在每个目标都有着落，且没有待处理记录'),
  completeness: percent, quarantined: z.number().describe('当日收到、仍在待处理的记录数'), destinations: z.array(destinationSchema),
}).meta({ id: 'Summary' });

function itemReply(item: SummaryItem): z.input<typeof itemSchema> {
  return {
    source: item.source, id: item.eventId, kind: item.kind, lineNo: item.lineNo, drug: item.drug,
    ...present({ documentNo: item.documentNo, reason: item.reason, deliveryNo: item.deliveryNo }),
  };
}

function classReply({ lines, reasons, items }: LineClassSummary): z.input<typeof classSchema> {
  return { lines, reasons: [...reasons], items: items.map(itemReply) };
}

export const getSummary = defineRoute({
  operation: 'get-summary',
  method: 'get',
  path: '/api/v1/summary',
  roles: ['his', 'pharmacist', 'it', 'auditor', 'hub'],
  summary: '一日完整率：每一条 HIS 明细在每个目标已上报、除外（有原因）、在途、待人工处理，或缺失',
  request: {
    query: z.strictObject({
      institution: institutionField,
      date: z.string().refine(isCalendarDate, 'yyyy-MM-dd').optional().describe('业务日期，默认今天（中国时间）'),
      items: z.coerce.number().int().min(0).max(1_000).default(50).describe('每类列出的明细条数'),
    }),
  },
  response: { description: '完整率', schema: summarySchema },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const date = query.date ?? chinaDate(context.deps.clock.now());
    const day = await readDaySummary(context.deps.driver, { institution, date, destinations: context.deps.destinations, maxItems: query.items });
    return {
      status: 200,
      body: {
        ...day,
        destinations: day.destinations.map((destination) => ({
          ...destination, excluded: classReply(destination.excluded), pending: classReply(destination.pending), attention: classReply(destination.attention), missing: classReply(destination.missing),
        })),
      },
    };
  },
});
