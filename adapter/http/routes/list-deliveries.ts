import { z } from 'zod';
import { listDeliveries as readDeliveries } from '../../store/queries/deliveries-view.ts';
import { deliveryReply } from '../delivery-reply.ts';
import { deliverySchema, pageOf } from '../reply-schemas.ts';
import { businessFields, endOf, institutionField, pageFields, readCursor, startOf, stateListField, statesOf, textField, timeFields, writeCursor } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const listDeliveries = defineRoute({
  operation: 'list-deliveries',
  method: 'get',
  path: '/api/v1/deliveries',
  roles: ['his', 'pharmacist', 'it', 'auditor', 'hub'],
  summary: '浏览上报任务，新的在前；时间按事件发生时间',
  request: {
    query: z.strictObject({
      institution: institutionField, ...businessFields, operation: textField(64).optional(), reason: textField(200).optional(),
      state: stateListField, ...timeFields, ...pageFields,
    }),
  },
  response: { description: '一页上报任务', schema: pageOf(deliverySchema) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const filter = {
      institution, source: query.source, kind: query.kind, drug: query.drug, lot: query.lot, documentNo: query.document, visitNo: query.visit,
      destination: query.destination, operation: query.operation, reason: query.reason, states: statesOf(query.state), fromMs: startOf(query.from), toMs: endOf(query.to),
    };
    const page = { before: readCursor(query.cursor), limit: query.limit };
    const rows = await context.deps.driver.read((q) => readDeliveries(q, filter, page));
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    return {
      status: 200,
      body: { items: rows.map((row) => deliveryReply(institution, row)), ...(last === undefined ? {} : { nextCursor: writeCursor(last.delivery_no) }) },
    };
  },
});
