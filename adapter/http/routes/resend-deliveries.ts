import { z } from 'zod';
import { ATTENTION_STATES } from '../../delivery/states.ts';
import { operationCountSchema } from '../reply-schemas.ts';
import { businessFields, endOf, institutionField, reasonField, startOf, stateListField, statesOf, textField, timeFields } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const resendDeliveries = defineRoute({
  operation: 'resend-deliveries',
  method: 'post',
  path: '/api/v1/deliveries/resend',
  roles: ['pharmacist', 'it'],
  summary: '按条件重新上报需人工处理的任务；dryRun 先计数',
  request: {
    body: z.strictObject({
      institution: institutionField, ...businessFields, deliveryNos: z.array(z.number().int().min(1)).min(1).max(500).optional(),
      operation: textField(64).optional(), reason: reasonField,
      state: stateListField, ...timeFields, dryRun: z.boolean().default(false),
    }),
  },
  response: { description: '计数', schema: operationCountSchema },
  async handle(context, { body }) {
    const institution = institutionOf(context, body.institution);
    const filter = {
      institution, source: body.source, kind: body.kind, drug: body.drug, lot: body.lot, documentNo: body.document, visitNo: body.visit,
      destination: body.destination, operation: body.operation, reason: body.reason, deliveryNos: body.deliveryNos,
      states: statesOf(body.state) ?? ATTENTION_STATES, fromMs: startOf(body.from), toMs: endOf(body.to),
    };
    const count = await context.deps.operations.resend(filter, { dryRun: body.dryRun, by: context.identity.name });
    context.deps.log.info('resend asked', { institution, dryRun: body.dryRun, matched: count.matched, changed: count.changed, by: context.identity.name, requestId: context.requestId });
    return { status: 200, body: { dryRun: body.dryRun, ...count } };
  },
});
