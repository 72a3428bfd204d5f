import { z } from 'zod';
import { operationCountSchema } from '../reply-schemas.ts';
import { endOf, institutionField, startOf, textField, timeFields } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const retryQuarantine = defineRoute({
  operation: 'retry-quarantine',
  method: 'post',
  path: '/api/v1/quarantine/retry',
  roles: ['pharmacist', 'it'],
  summary: '按条件重新解读待处理记录；dryRun 先计数',
  request: {
    body: z.strictObject({
      institution: institutionField, recordNos: z.array(z.number().int().min(1)).min(1).max(500).optional(), source: textField(64).optional(),
      controlId: textField(128).optional(), code: textField(64).optional(), ...timeFields, dryRun: z.boolean().default(false),
    }),
  },
  response: { description: '计数', schema: operationCountSchema },
  async handle(context, { body }) {
    const institution = institutionOf(context, body.institution);
    const filter = {
      institution, recordNos: body.recordNos, source: body.source, controlId: body.controlId, code: body.code, fromMs: startOf(body.from), toMs: endOf(body.to),
    };
    const count = await context.deps.operations.retryQuarantine(filter, { dryRun: body.dryRun, by: context.identity.name });
    context.deps.log.info('quarantine retry asked', { institution, dryRun: body.dryRun, matched: count.matched, changed: count.changed, by: context.identity.name, requestId: context.requestId });
    return { status: 200, body: { dryRun: body.dryRun, ...count } };
  },
});
