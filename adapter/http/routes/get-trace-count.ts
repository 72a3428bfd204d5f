import { z } from 'zod';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { countsSchema, deskOf, scopeField, visitParams } from '../settlement-visit.ts';

const lineSchema = z.strictObject({
  source: z.string(), id: z.string(), lineNo: z.string(), counts: countsSchema,
}).meta({ id: 'LineTraceCount' });

const replySchema = z.strictObject({
  institution: z.string(), visitNo: z.string(), destination: z.string(), events: z.number().describe('计入的发药与退药事件数；0 表示没有'), counts: countsSchema,
  lines: z.array(lineSchema).optional().describe('各明细行的数目；只在 lines=true 时给出'),
});

/** Numbers for 2207 and 2304 (V1.1.83), asked before the HIS settles. */
export const getTraceCount = defineRoute({
  operation: 'get-trace-count',
  method: 'get',
  path: '/api/v1/settlements/{visitNo}/trace-count',
  roles: ['his', 'pharmacist', 'it'],
  summary: '结算前取本次结算应上传的追溯码数目（2207、2304 用），已退的不计',
  request: {
    params: visitParams,
    query: z.strictObject({
      institution: institutionField, scope: scopeField,
      lines: z.enum(['true', 'false']).default('false').describe('true 时同时给出每一明细行的数目'),
    }),
  },
  response: { description: '应上传的追溯码数目', schema: replySchema },
  errors: ['NOT_FOUND', 'DESTINATION_UNKNOWN'],
  async handle(context, { params, query }) {
    const institution = institutionOf(context, query.institution);
    const found = await deskOf(context.deps).traceCounts({ institution, visitNo: params.visitNo, unsettledOnly: query.scope === 'unsettled' });
    const lines = found.lines.map(({ source, eventId, lineNo, counts }) => ({ source, id: eventId, lineNo, counts }));
    return { status: 200, body: { institution, visitNo: params.visitNo, destination: found.destination, events: found.events, counts: found.counts, ...(query.lines === 'true' ? { lines } : {}) } };
  },
});
