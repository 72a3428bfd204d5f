import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { receivingOf } from '../../receiving/default-receiving.ts';
import { readBill } from '../../receiving/read-bill.ts';
import { CODE_STATUSES, type SupplierBill } from '../../receiving/supplier-bill.ts';
import { refusalReply } from '../error-reply.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

const party = z.strictObject({ code: textField(64).optional().describe('编码'), name: textField(200).optional() });
const day = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/);
const level = z.union([z.literal(1), z.literal(2), z.literal(3)]).optional().describe('1 小包装 2 中包装 3 大包装');
const packs = z.number().int().min(0).max(1_000_000).optional().describe('最小包装数');

const billSchema = z.strictObject({
  institution: institutionField, billNo: textField(100).describe('上游单据号'), supplier: party.refine(({ code, name }) => code !== undefined || name !== undefined, 'code | name').describe('供应商'),
  addressee: party.optional().describe('单据上的收货方；不写不核对'), documentNo: textField(128).optional(), cancelled: z.boolean().optional().describe('true 表示供应商已作废；可不带 lines'), billedAt: textField(40).optional().describe('单据时间，原文'),
  lines: z.array(z.strictObject({
    lineNo: textField(40), drug: textField(128).optional(), drugName: textField(200).optional(), approvalNo: textField(100).optional().describe('批准文号'), lot: textField(100).optional(), expiresOn: day.optional(), producedOn: day.optional(), packs,
    codes: z.array(z.strictObject({
      code: textField(200), level, packs, parent: textField(200).optional().describe('外层包装的追溯码'), smallest: z.boolean().optional().describe('true 表示最小赋码包装，无论内含多少'), status: z.enum(CODE_STATUSES).optional().describe('供应商所知的状态'),
    })).max(50_000).default([]),
  })).max(5_000).default([]),
}).meta({ id: 'UpstreamBill' });

/** Members without a value are left out: absent and undefined are the same on the wire. */
function billOf(body: z.output<typeof billSchema>): SupplierBill {
  const { institution: _institution, ...bill } = body;
  return JSON.parse(JSON.stringify(bill)) as SupplierBill;
}

export const submitUpstreamBill = defineRoute({
  operation: 'submit-upstream-bill',
  method: 'post',
  path: '/api/v1/upstream-bills',
  roles: ['his', 'pharmacist', 'it'],
  summary: '接收上游单据（或其更正、作废），与已扫描的入库核对；与入库的先后无关',
  request: { body: billSchema },
  response: {
    description: '单据的版本与所涉及的入库单',
    schema: z.strictObject({
      billNo: z.string().describe('上游单据号'), result: z.enum(['added', 'revised', 'cancelled', 'unchanged']).describe('added 新单据、revised 更正、cancelled 作废、unchanged 与已有的相同'), revision: z.number().describe('第几版'),
      receipts: z.array(z.string()).describe('重新核对了的入库单号'),
    }),
  },
  errors: ['CODE_UNUSABLE', 'EVENT_TOO_MANY_CODES', 'STORE_UNAVAILABLE'],
  maxBodyBytes: 16 * 1024 * 1024,
  async handle(context, { body }) {
    const code = institutionOf(context, body.institution);
    const institution = context.deps.institutions.find((one) => one.code === code);
    if (institution === undefined) throw new TraceError('FORBIDDEN', 'institution');
    const read = readBill(billOf(body));
    if ('refusal' in read) return refusalReply(read.refusal, context);
    const { result, revision, receipts } = await receivingOf(context.deps).submitBill(institution, read.bill, 'rest');
    return { status: 200, body: { billNo: body.billNo, result, revision, receipts: [...receipts] } };
  },
});
