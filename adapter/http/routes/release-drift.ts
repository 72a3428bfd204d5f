import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { driftOf } from '../drift-desk.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const releaseDrift = defineRoute({
  operation: 'release-drift',
  method: 'post',
  path: '/api/v1/drift/{groupNo}/release',
  roles: ['pharmacist', 'it'],
  summary: '人工放行一个暂缓组：其中的上报全部重新排队；平台仍然拒绝的会再次暂缓',
  request: {
    params: z.strictObject({ groupNo: z.coerce.number().int().min(1).describe('暂缓组的序号') }),
    body: z.strictObject({ institution: institutionField }),
  },
  response: { description: '放行的条数', schema: z.strictObject({ institution: z.string(), groupNo: z.number().describe('暂缓组的序号'), released: z.number().describe('放行的条数') }) },
  errors: ['NOT_FOUND'],
  async handle(context, { params, body }) {
    const institution = institutionOf(context, body.institution);
    const released = await driftOf(context.deps)?.release(institution, params.groupNo, context.identity.name);
    if (released === undefined) throw new TraceError('NOT_FOUND', String(params.groupNo));
    return { status: 200, body: { institution, groupNo: params.groupNo, released } };
  },
});
