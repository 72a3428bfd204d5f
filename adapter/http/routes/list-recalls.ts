import { z } from 'zod';
import type { SqlQuery } from '../../ports/sql-driver.ts';
import { EVERY_LOT } from '../../recall/recalled-lots.ts';
import { RECALL_STATES } from '../../recall/recall-state.ts';
import { listRecalls as readRecalls } from '../../recall/recall-store.ts';
import { countPlaces, listCodes, listVisits, placesOf, type TracedCode } from '../../recall/trace-lots.ts';
import { countsReply, recallCountsSchema, recalledCodeReply, recalledCodeSchema, recallReply, recallSchema, recallVisitReply, recallVisitSchema } from '../recall-reply.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute, type RequestContext } from '../route.ts';
import { institutionOf } from '../scope.ts';

/** Dispenses listed at most; the report has more. */
const MAX_VISITS = 2_000;

/** Cursor: the last code shown, with its drug and lot. Opaque to the caller. */
function writeCursor({ drug, lot, code }: TracedCode): string {
  return Buffer.from(JSON.stringify([drug, lot, code])).toString('base64url');
}

function readCursor(cursor: string | undefined): TracedCode | undefined {
  if (cursor === undefined) return undefined;
  try {
    const [drug, lot, code] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    return typeof drug === 'string' && typeof lot === 'string' && typeof code === 'string' ? { drug, lot, code, state: '', location: undefined, unitsLeft: undefined } : undefined;
  } catch {
    return undefined;
  }
}

interface Wanted { readonly lot?: string | undefined; readonly approvalNo?: string | undefined; readonly cursor?: string | undefined; readonly limit: number }

/** Where the packs are, whether or not a notice names them yet. */
async function traceOf(q: SqlQuery, context: RequestContext, institution: string, { lot, approvalNo, cursor, limit }: Wanted): Promise<object> {
  const found = await placesOf(q, institution, { approvalNo, lots: [lot ?? EVERY_LOT] });
  const codes = await listCodes(q, institution, found.places, { after: readCursor(cursor), limit });
  const { visits, truncated } = await listVisits(q, institution, found.places, MAX_VISITS);
  const last = codes.length === limit ? codes.at(-1) : undefined;
  return {
    counts: countsReply(await countPlaces(q, institution, found, approvalNo !== undefined)), codes: codes.map(recalledCodeReply),
    visits: visits.map((visit) => recallVisitReply(visit, context.identity.role)), visitsTruncated: truncated, ...(last === undefined ? {} : { nextCursor: writeCursor(last) }),
  };
}

export const listRecalls = defineRoute({
  operation: 'list-recalls',
  method: 'get',
  path: '/api/v1/recalls',
  roles: ['pharmacist', 'it', 'auditor'],
  summary: '召回：通知与进度；给出 lot 或 approvalNo 时列出每一盒在何处、发给了哪些就诊（不含患者姓名）',
  request: {
    query: z.strictObject({
      institution: institutionField, lot: textField(128).optional(), approvalNo: textField(128).optional().describe('批准文号，可不带“国药准字”'), state: z.enum(RECALL_STATES).optional().describe('只列该状态的通知'),
      cursor: z.string().max(2_000).refine((value) => readCursor(value) !== undefined, 'cursor').optional().describe('上一页的 nextCursor'), limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('本页最多列出的追溯码数，1 至 1000'),
    }),
  },
  response: {
    description: '召回',
    schema: z.strictObject({
      notices: z.array(recallSchema).describe('有关的召回通知，新的在前'), counts: recallCountsSchema.optional(), codes: z.array(recalledCodeSchema).describe('追溯码在何处'),
      visits: z.array(recallVisitSchema).describe('发出记录'), visitsTruncated: z.boolean().describe(`发出记录超过 ${String(MAX_VISITS)} 条时只列一部分，全部见反馈报告`), nextCursor: z.string().optional().describe('有下一页时给出'),
    }).meta({ id: 'RecallTrace' }),
  },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const body = await context.deps.driver.read(async (q) => {
      const notices = (await readRecalls(q, institution, query)).map((recall) => recallReply(recall, context.language));
      if (query.lot === undefined && query.approvalNo === undefined) return { notices, codes: [], visits: [], visitsTruncated: false };
      return { notices, ...await traceOf(q, context, institution, query) };
    });
    return { status: 200, body };
  },
});
