import { z } from 'zod';
import { DEVIATION_KINDS, type DeviationKind } from '../../receiving/deviation.ts';
import { DISCREPANCY_STATES, listDiscrepancies, type DiscrepancyKey } from '../../receiving/discrepancy-store.ts';
import { discrepanciesCsv } from '../../receiving/feed-back.ts';
import { discrepancyReply, discrepancySchema } from '../discrepancy-reply.ts';
import { pageOf } from '../reply-schemas.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

function readKey(cursor: string | undefined): DiscrepancyKey | undefined {
  if (cursor === undefined) return undefined;
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split('\n');
  const [documentNo, kind, subject] = parts;
  if (documentNo === undefined || subject === undefined || parts.length !== 3 || !(DEVIATION_KINDS as readonly string[]).includes(kind ?? '')) return undefined;
  return { documentNo, kind: kind as DeviationKind, subject };
}

function writeKey({ documentNo, kind, subject }: DiscrepancyKey): string {
  return Buffer.from([documentNo, kind, subject].join('\n')).toString('base64url');
}

export const listDiscrepanciesPage = defineRoute({
  operation: 'list-discrepancies',
  method: 'get',
  path: '/api/v1/discrepancies',
  roles: ['his', 'pharmacist', 'it', 'auditor'],
  summary: '验收不一致记录；format=csv 导出给供应商',
  request: {
    query: z.strictObject({
      institution: institutionField, document: textField(200).optional().describe('入库单号'), supplier: textField(200).optional().describe('供应商编码或名称'), kind: z.enum(DEVIATION_KINDS).optional().describe('不一致的类别'),
      state: z.enum(DISCREPANCY_STATES).optional().describe('状态，默认列出未了结的'), format: z.enum(['json', 'csv']).default('json').describe('json 或 csv'),
      cursor: z.string().max(1_000).refine((value) => readKey(value) !== undefined, 'cursor').optional().describe('上一页的 nextCursor'), limit: z.coerce.number().int().min(1).max(5_000).default(200).describe('本页最多条数，1 至 5000，默认 200'),
    }),
  },
  response: { description: '不一致记录，按单据、类别排列', schema: pageOf(discrepancySchema) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const states = query.state === undefined ? DISCREPANCY_STATES.filter((state) => state !== 'settled') : [query.state];
    const found = await context.deps.driver.read((q) => listDiscrepancies(q, { institution, documentNo: query.document, supplier: query.supplier, kind: query.kind, states, after: readKey(query.cursor), limit: query.limit + 1 }));
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const next = found.length > page.length && last !== undefined ? writeKey(last) : undefined;
    if (query.format === 'csv') {
      return { status: 200, text: discrepanciesCsv(page), contentType: 'text/csv; charset=utf-8', headers: { 'content-disposition': 'attachment; filename="discrepancies.csv"', ...(next === undefined ? {} : { 'x-next-cursor': next }) } };
    }
    return { status: 200, body: { items: page.map((one) => discrepancyReply(one, context.language)), ...(next === undefined ? {} : { nextCursor: next }) } };
  },
});
