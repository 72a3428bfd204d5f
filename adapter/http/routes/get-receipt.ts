import { z } from 'zod';
import { chinaIso } from '../../domain/china-time.ts';
import { TraceError } from '../../domain/error.ts';
import { DEVIATION_KINDS } from '../../receiving/deviation.ts';
import { discrepanciesOf, stepsOf } from '../../receiving/discrepancy-store.ts';
import { receivingOf } from '../../receiving/default-receiving.ts';
import { supplierKey } from '../../receiving/supplier-bill.ts';
import { clockOf, verificationOf } from '../../receiving/verification.ts';
import { discrepancyReply, discrepancySchema } from '../discrepancy-reply.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { present } from '../view-members.ts';

const deviationSchema = z.strictObject({
  kind: z.enum(DEVIATION_KINDS).describe('不一致的类别'), subject: z.string().describe('所说的追溯码、药品、批号或单据'), codes: z.array(z.string()), billNo: z.string().optional().describe('上游单据号'), lineNo: z.string().optional(), drug: z.string().optional(), lot: z.string().optional(),
  expected: z.string().optional().describe('上游单据所载'), actual: z.string().optional().describe('实际收到'),
}).meta({ id: 'ReceiptDeviation' });

const receiptSchema = z.strictObject({
  institution: z.string(), documentNo: z.string(),
  state: z.enum(['matched', 'mismatched', 'pending', 'no-bill', 'voided']).describe('matched 一致、mismatched 不一致、pending 有整箱待展开、no-bill 没有上游单据、voided 入库已作废'),
  events: z.array(z.strictObject({ source: z.string(), id: z.string(), occurredAt: z.string() })), bills: z.array(z.strictObject({ billNo: z.string().describe('上游单据号'), supplier: z.string().describe('供应商编码或名称'), cancelled: z.boolean().describe('供应商已作废') })).describe('对应的上游单据'),
  packs: z.strictObject({ billed: z.number().describe('单据上的最小包装数'), scanned: z.number().describe('扫到的最小包装数'), matched: z.number().describe('一致的最小包装数') }).describe('最小包装数：单据、实物、一致'),
  matched: z.array(z.string()).describe('与单据一致的追溯码（按扫描的包装级别）'), missing: z.array(z.string()).describe('单据有、未扫到'), extra: z.array(z.string()).describe('实物有、单据没有'),
  wrongLot: z.array(z.string()).describe('批号不符'), pending: z.array(z.string()).describe('整箱展开前无法判断'), repeated: z.array(z.string()).describe('重复扫描，只计一次'),
  overlaps: z.array(z.strictObject({ code: z.string(), inside: z.string().describe('所在的整箱') })).describe('与所在的整箱同时扫描，只计一次'), cameOtherwise: z.array(z.string()).describe('已在其它入库单中收到'),
  deviations: z.array(deviationSchema).describe('现在的全部不一致，各一次'), onMismatch: z.enum(['block', 'record']).describe('block 不一致的不得上架、record 只记录'), held: z.array(z.string()).describe('不得上架的追溯码'),
  verification: z.strictObject({ checked: z.boolean().describe('是否已与上游单据核对'), passed: z.boolean().describe('核对是否全部一致'), billNos: z.array(z.string()).describe('上游单据号'), refused: z.array(z.string()).describe('未通过核对的追溯码') }).describe('核对结果，随采购入库（102）上报'),
  clock: z.strictObject({ startedAt: z.string().describe('入库发生的时间'), dueAt: z.string().describe('最迟核对的时间'), state: z.enum(['met', 'running', 'overdue']).describe('met 已核对、running 计时中、overdue 已超时'), emergency: z.boolean().describe('是否急抢救先用后补') }).optional().describe('48 小时补核对'),
  discrepancies: z.array(discrepancySchema).describe('不一致记录及其处理经过'),
}).meta({ id: 'Receipt' });

export const getReceipt = defineRoute({
  operation: 'get-receipt',
  method: 'get',
  path: '/api/v1/receipts/{documentNo}',
  roles: ['his', 'pharmacist', 'it', 'auditor'],
  summary: '一张入库单与上游单据的核对：一致、缺少、多出、批号、数量等，及 48 小时时限',
  request: { params: z.strictObject({ documentNo: textField(200) }), query: z.strictObject({ institution: institutionField }) },
  response: { description: '核对结果', schema: receiptSchema },
  errors: ['NOT_FOUND'],
  async handle(context, { params: { documentNo }, query }) {
    const code = institutionOf(context, query.institution);
    const institution = context.deps.institutions.find((one) => one.code === code);
    const checked = institution === undefined ? undefined : await receivingOf(context.deps).read(institution, documentNo);
    if (checked === undefined) throw new TraceError('NOT_FOUND', documentNo);
    const { comparison, facts, events } = checked;
    const [discrepancies, steps] = await context.deps.driver.read(async (q) => [await discrepanciesOf(q, code, documentNo), await stepsOf(q, code, documentNo)] as const);
    const subjects = (kind: (typeof DEVIATION_KINDS)[number]): string[] => comparison.deviations.filter((one) => one.kind === kind).map(({ subject }) => subject);
    const clock = clockOf(checked, { hours: checked.emergencyHours, nowMs: context.deps.clock.now() });
    const { checked: verified, passed, billNos, refused } = verificationOf(checked);
    return {
      status: 200,
      body: {
        institution: code, documentNo, state: comparison.state, events: events.map(({ event }) => ({ source: event.source, id: event.id, occurredAt: event.occurredAt })),
        bills: facts.bills.map(({ billNo, supplier, cancelled }) => ({ billNo, supplier: supplierKey(supplier), cancelled: cancelled === true })), packs: comparison.packs,
        matched: comparison.matched, missing: subjects('missing'), extra: subjects('extra'), wrongLot: subjects('wrong-lot'), pending: comparison.pending, repeated: comparison.repeated, overlaps: comparison.overlaps, cameOtherwise: comparison.cameOtherwise,
        deviations: comparison.deviations.map(({ kind, subject, codes, billNo, lineNo, drug, lot, expected, actual }) => ({ kind, subject, codes, ...present({ billNo, lineNo, drug, lot, expected, actual }) })),
        onMismatch: checked.onMismatch, held: checked.held, verification: { checked: verified, passed, billNos, refused },
        ...(clock === undefined ? {} : { clock: { ...clock, startedAt: chinaIso(clock.startedAt), dueAt: chinaIso(clock.dueAt) } }),
        discrepancies: discrepancies.map((one) => discrepancyReply(one, context.language, steps.get(`${one.kind} ${one.subject}`))),
      },
    };
  },
});
