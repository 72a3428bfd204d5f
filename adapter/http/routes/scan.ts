import { z } from 'zod';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { answerScans, asString, orWrapped, scanAnswerSchema, scanFields, shapeField, unwrapped } from '../scan-request.ts';
import { institutionOf } from '../scope.ts';

const scanSchema = z.strictObject({ institution: institutionField, ...scanFields }).meta({ id: 'ScanRequest' });

export const scan = defineRoute({
  operation: 'scan',
  method: 'post',
  path: '/api/v1/scan',
  roles: ['his', 'pharmacist', 'it'],
  summary: '扫码核对一个追溯码：可以、请确认或不要继续，附原因；只读本机，不改动、不上网',
  request: { query: z.strictObject({ shape: shapeField, token: z.string().max(200).optional().describe('无法设置请求头时的令牌，须由配置允许') }), body: orWrapped(scanSchema) },
  response: { description: '核对结果', schema: scanAnswerSchema },
  tokenInQuery: (deps) => deps.scan?.tokenInQuery === true,
  async handle(context, { query, body }) {
    const { institution: named, ...request } = unwrapped(body, scanSchema);
    const institution = institutionOf(context, named);
    const answers = await answerScans(context, institution, [request]);
    const [answer] = answers;
    return { status: 200, body: query.shape === 'string' ? asString(answers, answer) : answer };
  },
});
