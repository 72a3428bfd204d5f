import { z } from 'zod';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { answerScans, asString, orWrapped, scanAnswerSchema, scanFields, shapeField, unwrapped } from '../scan-request.ts';
import { institutionOf } from '../scope.ts';

const MAX_CODES = 500;

const itemSchema = z.strictObject({ code: scanFields.code, drug: scanFields.drug, lot: scanFields.lot }).meta({ id: 'ScanItem' });
const batchSchema = z.strictObject({
  institution: institutionField, purpose: scanFields.purpose, documentNo: scanFields.documentNo, location: scanFields.location,
  items: z.array(itemSchema).min(1).max(MAX_CODES).describe(`追溯码，至多 ${String(MAX_CODES)} 个`),
}).meta({ id: 'ScanBatchRequest' });

export const scanBatch = defineRoute({
  operation: 'scan-batch',
  method: 'post',
  path: '/api/v1/scan/batch',
  roles: ['his', 'pharmacist', 'it'],
  summary: '扫码核对一批追溯码（至多 500 个），结果顺序与发送一致',
  request: { query: z.strictObject({ shape: shapeField, token: z.string().max(200).optional().describe('无法设置请求头时的令牌，须由配置允许') }), body: orWrapped(batchSchema) },
  response: {
    description: '逐个核对结果',
    schema: z.strictObject({ verdict: z.enum(['ok', 'warn', 'block']).describe('其中最重的'), results: z.array(scanAnswerSchema).describe('逐个结果，顺序与发送一致') }).meta({ id: 'ScanBatchAnswer' }),
  },
  maxBodyBytes: 2 * 1024 * 1024,
  tokenInQuery: (deps) => deps.scan?.tokenInQuery === true,
  async handle(context, { query, body }) {
    const { institution: named, purpose, documentNo, items } = unwrapped(body, batchSchema);
    const institution = institutionOf(context, named);
    const results = await answerScans(context, institution, items.map((item) => ({ ...item, purpose, documentNo })));
    const worst = (['block', 'warn'] as const).find((verdict) => results.some((result) => result.verdict === verdict)) ?? 'ok';
    const answer = { verdict: worst, results };
    return { status: 200, body: query.shape === 'string' ? asString(results, answer) : answer };
  },
});
