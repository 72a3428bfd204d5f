import { z } from 'zod';
import { chinaIso } from '../domain/china-time.ts';
import { DEVIATION_KINDS, DEVIATIONS } from '../receiving/deviation.ts';
import { DISCREPANCY_STATES, type Discrepancy, type DiscrepancyStep } from '../receiving/discrepancy-store.ts';
import type { Language } from '../domain/error.ts';
import { present } from './view-members.ts';

export const discrepancySchema = z.strictObject({
  documentNo: z.string(), kind: z.enum(DEVIATION_KINDS).describe('不一致的类别'), message: z.string(), subject: z.string().describe('所说的追溯码、药品、批号或单据'), codes: z.array(z.string()),
  billNo: z.string().optional().describe('上游单据号'), supplier: z.string().optional().describe('供应商编码或名称'), lineNo: z.string().optional(), drug: z.string().optional(), lot: z.string().optional(),
  expected: z.string().optional().describe('上游单据所载'), actual: z.string().optional().describe('实际收到'), state: z.enum(DISCREPANCY_STATES).describe('open 待反馈、fed-back 已反馈、answered 已答复、settled 已了结'),
  owner: z.string().describe('责任方：supplier 供应商、receiver 本机构，或经办人'), nextStep: z.string().describe('下一步'), reason: z.string().optional(), firmAt: z.string().describe('此前不自动反馈供应商：可能还有货未扫'), createdAt: z.string(), updatedAt: z.string(),
  steps: z.array(z.strictObject({ at: z.string(), by: z.string().describe('经办'), from: z.string(), to: z.string(), note: z.string().optional().describe('反馈、答复的内容或了结的原因') })).optional().describe('经过'),
}).meta({ id: 'Discrepancy' });

export function discrepancyReply(one: Discrepancy, language: Language, steps?: readonly DiscrepancyStep[]): z.input<typeof discrepancySchema> {
  const text = DEVIATIONS[one.kind];
  return {
    documentNo: one.documentNo, kind: one.kind, message: language === 'zh' ? text.zh : text.en, subject: one.subject, codes: [...one.codes],
    ...present({ billNo: one.billNo, supplier: one.supplier, lineNo: one.lineNo, drug: one.drug, lot: one.lot, expected: one.expected, actual: one.actual, reason: one.reason }),
    state: one.state, owner: one.owner, nextStep: text.nextStep, firmAt: chinaIso(one.firmAt), createdAt: chinaIso(one.createdAt), updatedAt: chinaIso(one.updatedAt),
    ...(steps === undefined ? {} : { steps: steps.map(({ at, by, from, to, note }) => ({ at: chinaIso(at), by, from, to, ...present({ note }) })) }),
  };
}
