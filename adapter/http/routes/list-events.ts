import { z } from 'zod';
import { countStates, listEvents as readEvents } from '../../store/queries/events-view.ts';
import { eventSummaryReply } from '../event-reply.ts';
import { eventSummarySchema, pageOf } from '../reply-schemas.ts';
import { businessFields, endOf, institutionField, pageFields, readCursor, startOf, stateListField, statesOf, timeFields, writeCursor } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const listEvents = defineRoute({
  operation: 'list-events',
  method: 'get',
  path: '/api/v1/events',
  roles: ['his', 'pharmacist', 'it', 'auditor', 'hub'],
  summary: '浏览事件，新的在前；时间按事件发生时间',
  request: { query: z.strictObject({ institution: institutionField, ...businessFields, state: stateListField, ...timeFields, ...pageFields }) },
  response: { description: '一页事件', schema: pageOf(eventSummarySchema) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const filter = {
      institution, source: query.source, kind: query.kind, drug: query.drug, lot: query.lot, documentNo: query.document, visitNo: query.visit,
      destination: query.destination, states: statesOf(query.state), fromMs: startOf(query.from), toMs: endOf(query.to),
    };
    const page = { before: readCursor(query.cursor), limit: query.limit };
    const items = await context.deps.driver.read(async (q) => {
      const rows = await readEvents(q, filter, page);
      const states = await countStates(q, institution, rows.map((row) => row.event_no));
      return rows.map((row) => eventSummaryReply(institution, row, states));
    });
    const last = items.length === query.limit ? items.at(-1) : undefined;
    return { status: 200, body: { items, ...(last === undefined ? {} : { nextCursor: writeCursor(last.eventNo) }) } };
  },
});
