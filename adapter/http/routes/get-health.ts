import { z } from 'zod';
import { defineRoute } from '../route.ts';

export const getHealth = defineRoute({
  operation: 'get-health',
  method: 'get',
  path: '/healthz',
  roles: 'anyone',
  summary: '进程存活',
  request: { query: z.looseObject({}) },
  response: { description: '存活', schema: z.strictObject({ status: z.literal('ok'), version: z.string() }) },
  handle: (context) => Promise.resolve({ status: 200, body: { status: 'ok', version: context.deps.version } }),
});
