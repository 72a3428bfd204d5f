import { z } from 'zod';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { switchDestination, switchSchema } from '../switch-destination.ts';

export const resumeDestination = defineRoute({
  operation: 'resume-destination',
  method: 'post',
  path: '/api/v1/destinations/{name}/resume',
  roles: ['it'],
  summary: '恢复一个上报目标',
  request: {
    params: z.strictObject({ name: textField(64) }),
    body: z.strictObject({ institution: institutionField, reason: z.string().trim().max(200).default('').describe('原因，写入记录') }),
  },
  response: { description: '现在的状态', schema: switchSchema },
  errors: ['DESTINATION_UNKNOWN'],
  handle: (context, { params, body }) => switchDestination(context, { name: params.name, institution: body.institution, reason: body.reason, stopped: false }),
});
