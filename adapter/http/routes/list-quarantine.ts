import { z } from 'zod';
import { listRecords, RECORD_STATES } from '../../store/queries/quarantine-view.ts';
import { recordReply } from '../record-reply.ts';
import { pageOf, recordSchema } from '../reply-schemas.ts';
import { endOf, institutionField, pageFields, readCursor, startOf, textField, timeFields, writeCursor } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const listQuarantine = defineRoute({
  operation: 'list-quarantine',
  method: 'get',
  path: '/api/v1/quarantine',
  roles: ['his', 'pharmacist', 'it', 'auditor'],
  summary: '浏览待处理（隔离）记录及原因，默认只列尚未处理的，新的在前；时间按接收时间',
  request: {
    query: z.strictObject({
      institution: institutionField, source: textField(64).optional(), controlId: textField(128).optional(),
      code: textField(64).optional(), state: z.enum(RECORD_STATES).default('quarantined'), ...timeFields, ...pageFields,
    }),
  },
  response: { description: '一页记录', schema: pageOf(recordSchema) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const filter = { institution, source: query.source, controlId: query.controlId, code: query.code, fromMs: startOf(query.from), toMs: endOf(query.to) };
    const page = { before: readCursor(query.cursor), limit: query.limit };
    const rows = await context.deps.driver.read((q) => listRecords(q, filter, query.state, page));
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    return {
      status: 200,
      body: { items: rows.map((row) => recordReply(institution, row, context.language)), ...(last === undefined ? {} : { nextCursor: writeCursor(last.record_no) }) },
    };
  },
});
