import { z } from 'zod';
import { listFindings as readFindings } from '../../checks/findings/finding-store.ts';
import { checkFindingReply, checkFindingSchema } from '../check-finding-reply.ts';
import { pageOf } from '../reply-schemas.ts';
import { institutionField, pageFields, readCursor, textField, writeCursor } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const listFindings = defineRoute({
  operation: 'list-findings',
  method: 'get',
  path: '/api/v1/findings',
  roles: ['pharmacist', 'it', 'auditor', 'hub'],
  summary: '定时核查的提示：由谁处理、下一步、已开多久、怎样关闭的；默认只列未关闭的，新的在前',
  request: {
    query: z.strictObject({
      institution: institutionField, state: z.enum(['open', 'closed']).default('open').describe('open 未关闭的，closed 已关闭的'),
      check: textField(64).optional().describe('核查的名称'), owner: textField(64).optional().describe('由谁处理'), ...pageFields,
    }),
  },
  response: { description: '一页提示', schema: pageOf(checkFindingSchema) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const rows = await context.deps.driver.read((q) => readFindings(q, { institution, state: query.state, check: query.check, owner: query.owner }, { before: readCursor(query.cursor), limit: query.limit }));
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    const nowMs = context.deps.clock.now();
    return { status: 200, body: { items: rows.map((row) => checkFindingReply(row, nowMs)), ...(last === undefined ? {} : { nextCursor: writeCursor(last.finding_no) }) } };
  },
});
