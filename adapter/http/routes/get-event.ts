import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { eventSchema } from '../../intake/event-schema.ts';
import { attemptsOf, deliveriesOfEvents } from '../../store/queries/deliveries-view.ts';
import { countStates, readEvent } from '../../store/queries/events-view.ts';
import { withHistory } from '../delivery-reply.ts';
import { eventBodyReply, eventSummaryReply, lineReply } from '../event-reply.ts';
import { storedFindingReply } from '../finding-reply.ts';
import { deliveryWithHistorySchema, eventSummarySchema, findingSchema, lineSchema } from '../reply-schemas.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

/** Line numbers are text; people expect 2 before 10. */
const LINE_ORDER = new Intl.Collator('en', { numeric: true });

export const getEvent = defineRoute({
  operation: 'get-event',
  method: 'get',
  path: '/api/v1/events/{source}/{id}',
  roles: ['his', 'pharmacist', 'it', 'auditor', 'hub'],
  summary: '一个事件：原文（人员信息按角色脱敏）、明细、提示、各目标的上报',
  request: {
    params: z.strictObject({ source: textField(64), id: textField(128) }),
    query: z.strictObject({ institution: institutionField }),
  },
  response: {
    description: '事件',
    schema: z.strictObject({
      summary: eventSummarySchema, recordNo: z.number(), event: eventSchema, lines: z.array(lineSchema), findings: z.array(findingSchema),
      deliveries: z.array(deliveryWithHistorySchema),
    }),
  },
  errors: ['NOT_FOUND'],
  async handle(context, { params, query }) {
    const institution = institutionOf(context, query.institution);
    const found = await context.deps.driver.read(async (q) => {
      const detail = await readEvent(q, institution, params.source, params.id);
      if (detail === undefined) return undefined;
      const eventNo = detail.event.event_no;
      const deliveries = await deliveriesOfEvents(q, institution, [eventNo]);
      const attempts = await attemptsOf(q, institution, deliveries.map((delivery) => delivery.delivery_no));
      return { ...detail, deliveries, attempts, states: await countStates(q, institution, [eventNo]) };
    });
    if (found === undefined) throw new TraceError('NOT_FOUND');
    return {
      status: 200,
      body: {
        summary: eventSummaryReply(institution, found.event, found.states),
        recordNo: found.event.record_no,
        event: eventBodyReply(found.event.body, context.identity.role),
        lines: [...found.lines].sort((a, b) => LINE_ORDER.compare(a.line_no, b.line_no)).map(lineReply),
        findings: found.findings.map((finding) => storedFindingReply(finding, context.language)),
        deliveries: withHistory(institution, found.deliveries, found.attempts),
      },
    };
  },
});
