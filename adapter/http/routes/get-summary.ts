import { z } from 'zod';
import { chinaDate, isCalendarDate } from '../../domain/china-time.ts';
import { countQuarantined } from '../../store/queries/quarantine-view.ts';
import { readDayChunk } from '../../store/queries/summary-view.ts';
import { addChunk, emptyTally, LINE_CLASSES } from '../day-summary.ts';
import type { DayTally, DestinationTally, LineClass, SummaryItem } from '../day-summary.ts';
import type { HttpDeps } from '../http-deps.ts';
import { endOf, institutionField, startOf } from '../request-fields.ts';
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

/** Rounded down: 99.999 % is not shown as 100. */
function percentOf(part: number, whole: number): string {
  return whole === 0 ? '100.00' : (Math.floor((part * 10_000) / whole) / 100).toFixed(2);
}

function itemReply(item: SummaryItem): z.input<typeof itemSchema> {
  return {
    source: item.source, id: item.eventId, kind: item.kind, lineNo: item.lineNo, drug: item.drug,
    ...present({ documentNo: item.documentNo, reason: item.reason, deliveryNo: item.deliveryNo }),
  };
}

function classReply(tally: DestinationTally, name: LineClass): z.input<typeof classSchema> {
  const { lines, reasons, items } = tally.classes[name];
  const sorted = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => ({ reason, lines: count }));
  return { lines, reasons: sorted, items: items.map(itemReply) };
}

function destinationReply(tally: DestinationTally): z.input<typeof destinationSchema> {
  const lines = LINE_CLASSES.reduce((sum, name) => sum + tally.classes[name].lines, 0);
  const { reported, excluded, missing } = tally.classes;
  return {
    name: tally.name, lines, complete: missing.lines === 0, completeness: percentOf(lines - missing.lines, lines), reportRate: percentOf(reported.lines, lines - excluded.lines),
    reported: reported.lines, excluded: classReply(tally, 'excluded'), pending: classReply(tally, 'pending'), attention: classReply(tally, 'attention'),
    missing: classReply(tally, 'missing'), reversals: tally.reversals,
  };
}

async function readDay(deps: HttpDeps, institution: string, date: string, maxItems: number): Promise<DayTally> {
  const day = emptyTally(deps.destinations);
  let after = 0;
  for (;;) {
    const chunk = await deps.driver.read((q) => readDayChunk(q, institution, date, after));
    addChunk(day, chunk, maxItems);
    if (chunk.lastEventNo === undefined) return day;
    after = chunk.lastEventNo;
  }
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
    const day = await readDay(context.deps, institution, date, query.items);
    const quarantined = await context.deps.driver.read((q) => countQuarantined(q, institution, startOf(date) ?? 0, endOf(date) ?? 0));
    const destinations = day.destinations.map(destinationReply);
    const owed = destinations.reduce((sum, destination) => sum + destination.lines, 0);
    const missing = destinations.reduce((sum, destination) => sum + destination.missing.lines, 0);
    return {
      status: 200,
      body: {
        date, institution, events: day.events, lines: day.lines, complete: missing === 0 && quarantined === 0,
        completeness: percentOf(owed - missing, owed), quarantined, destinations,
      },
    };
  },
});
