import { z } from 'zod';
import { isCalendarDate } from '../../domain/china-time.ts';
import { mergeNotices, type ImportedNotice } from '../../recall/notice.ts';
import { importNotice } from '../../recall/recall-store.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

const MAX_NOTICES = 200;
const MAX_LOTS = 1_000;

const noticeSchema = z.strictObject({
  noticeNo: textField(128).describe('召回通知编号；同一编号与批准文号再次发送时只补充新的批号'), approvalNo: textField(128).describe('批准文号'),
  lots: z.array(textField(128)).min(1).max(MAX_LOTS).describe('召回批号；* 表示全部批号'),
  drugName: textField(128).optional().describe('药品名称'), manufacturer: textField(128).optional().describe('生产企业'), level: z.number().int().min(1).max(3).optional().describe('召回级别 1 至 3'),
  reason: textField(1_000).optional().describe('召回原因'), issuer: textField(128).optional().describe('发布单位'),
  issuedOn: z.string().refine(isCalendarDate, 'yyyy-MM-dd').optional().describe('发布日期 yyyy-MM-dd'), owner: textField(128).optional().describe('负责人'),
}).meta({ id: 'RecallNotice' });

export const importRecalls = defineRoute({
  operation: 'import-recalls',
  method: 'post',
  path: '/api/v1/recalls',
  roles: ['pharmacist', 'it'],
  summary: '登记召回通知：批号立即禁止发出，并可查每一盒在何处、发给了哪些就诊',
  request: { body: z.strictObject({ institution: institutionField, notices: z.array(noticeSchema).min(1).max(MAX_NOTICES).describe(`召回通知，至多 ${String(MAX_NOTICES)} 个`) }) },
  response: {
    description: '每个通知的结果',
    schema: z.strictObject({
      results: z.array(z.strictObject({
        recallNo: z.number().describe('本机的召回序号'), noticeNo: z.string().describe('召回通知编号'), approvalNo: z.string().describe('批准文号'),
        result: z.enum(['imported', 'extended', 'duplicate']).describe('imported 新登记、extended 补充了批号、duplicate 已登记'), lotsAdded: z.number().describe('新增的批号数'),
      })).describe('逐个通知的结果，顺序与发送一致'),
    }).meta({ id: 'RecallImport' }),
  },
  maxBodyBytes: 4 * 1024 * 1024,
  async handle(context, { body }) {
    const institution = institutionOf(context, body.institution);
    const { driver, clock } = context.deps;
    const results = await driver.write(async (q) => {
      const done: ImportedNotice[] = [];
      for (const notice of mergeNotices(body.notices)) done.push(await importNotice(q, institution, notice, { name: context.identity.name, atMs: clock.now() }));
      return done;
    });
    return { status: 200, body: { results } };
  },
});
