import { z } from 'zod';
import { chinaIso } from '../../domain/china-time.ts';
import { driftOf } from '../drift-desk.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

const groupSchema = z.strictObject({
  groupNo: z.number().describe('暂缓组的序号'), destination: z.string(), operation: z.string(), product: z.string().describe('HIS 药品编码；* 表示与药品无关的字段'),
  reason: z.string(), sample: z.string().describe('平台的原话，截短'), openedAt: z.string().describe('开始暂缓的时间'), parked: z.number().describe('暂缓中的上报任务数'), probes: z.number().describe('已试发的次数'),
  nextProbeAt: z.string().describe('下次试发的时间'),
}).meta({ id: 'DriftGroup' });

export const listDrift = defineRoute({
  operation: 'list-drift',
  method: 'get',
  path: '/api/v1/drift',
  roles: ['pharmacist', 'it', 'auditor', 'hub'],
  summary: '平台由接受变为拒绝的药品或字段：暂缓了多少上报，何时试发',
  request: { query: z.strictObject({ institution: institutionField }) },
  response: { description: '暂缓组', schema: z.strictObject({ institution: z.string(), items: z.array(groupSchema) }) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const groups = await driftOf(context.deps)?.list(institution) ?? [];
    const items = groups.map(({ groupNo, destination, operation, product, reason, sample, openedAt, parked, probes, probeAt }) => ({ groupNo, destination, operation, product, reason, sample, openedAt: chinaIso(openedAt), parked, probes, nextProbeAt: chinaIso(probeAt) }));
    return { status: 200, body: { institution, items } };
  },
});
