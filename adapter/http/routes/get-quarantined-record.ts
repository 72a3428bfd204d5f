import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { readRecord } from '../../store/queries/quarantine-view.ts';
import { recordReply } from '../record-reply.ts';
import { recordSchema } from '../reply-schemas.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

/** Only `it` mends mappings and so needs the record as it came; it holds patients, and each look at one is on file. */
const RAW_ROLE = 'it';

function decode(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export const getQuarantinedRecord = defineRoute({
  operation: 'get-quarantined-record',
  method: 'get',
  path: '/api/v1/quarantine/{recordNo}',
  roles: ['pharmacist', 'it', 'auditor'],
  summary: '一条记录及其状态（state、open：是否还待处理，已接收的也能查到）；原始内容只给 it 角色，查看留痕',
  request: {
    params: z.strictObject({ recordNo: z.coerce.number().int().min(1) }),
    query: z.strictObject({ institution: institutionField }),
  },
  response: {
    description: '记录',
    schema: z.strictObject({
      record: recordSchema,
      raw: z.strictObject({ base64: z.string(), text: z.string().optional().describe('按记录的字符集解码；解不开时没有') }).optional(),
    }),
  },
  errors: ['NOT_FOUND'],
  async handle(context, { params, query }) {
    const institution = institutionOf(context, query.institution);
    const row = await context.deps.driver.read((q) => readRecord(q, institution, params.recordNo));
    if (row === undefined) throw new TraceError('NOT_FOUND');
    const record = recordReply(institution, row, context.language);
    if (context.identity.role !== RAW_ROLE || row.body.byteLength === 0) return { status: 200, body: { record } };
    context.deps.log.info('raw record viewed', { institution, recordNo: params.recordNo, tokenId: context.identity.tokenId, requestId: context.requestId });
    const text = decode(row.body, row.charset);
    return { status: 200, body: { record, raw: { base64: Buffer.from(row.body).toString('base64'), ...(text === undefined ? {} : { text }) } } };
  },
});
