import { z } from 'zod';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { switchDestination, switchSchema } from '../switch-destination.ts';

export const pauseDestination = defineRoute({
  operation: 'pause-destination',
  method: 'post',
  path: '/api/v1/destinations/{name}/pause',
  roles: ['it'],
  summary: '暂停一个上报目标（1 秒内生效），任务留在队列',
  request: {
    params: z.strictObject({ name: textField(64) }),
    body: z.strictObject({ institution: institutionField, reason: textField(200).trim().min(1).describe('原因，写入记录') }),
  },
  response: { description: '现在的状态', schema: switchSchema },
  errors: ['DESTINATION_UNKNOWN'],
  handle: (context, { params, body }) => switchDestination(context, { name: params.name, institution: body.institution, reason: body.reason, stopped: true }),
});
