import { z } from 'zod';
import { openApiOf } from '../openapi.ts';
import { ROLES } from '../roles.ts';
import { defineRoute } from '../route.ts';

export const getOpenApi = defineRoute({
  operation: 'get-openapi',
  method: 'get',
  path: '/openapi.json',
  roles: ROLES,
  summary: '本接口的 OpenAPI 3.1 说明',
  request: { query: z.looseObject({}) },
  response: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) },
  handle: (context) => Promise.resolve({ status: 200, body: openApiOf(context.routes, context.deps.version) }),
});
