import { z } from 'zod';
import { DEVIATION_KINDS } from '../../receiving/deviation.ts';
import { DISCREPANCY_STATES } from '../../receiving/discrepancy-store.ts';
import { moveDiscrepancies } from '../../receiving/move-discrepancies.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const moveDiscrepanciesRoute = defineRoute({
  operation: 'move-discrepancies',
  method: 'post',
  path: '/api/v1/discrepancies/move',
  roles: ['pharmacist', 'it'],
  summary: '登记不一致的处理：已反馈供应商、供应商已答复、了结；必须写明内容或原因',
  request: {
    body: z.strictObject({
      institution: institutionField, document: textField(200).describe('入库单号'), kind: z.enum(DEVIATION_KINDS).optional().describe('不一致的类别'), subject: textField(200).optional().describe('所说的追溯码、药品、批号或单据'),
      to: z.enum(DISCREPANCY_STATES).describe('fed-back 已反馈、answered 已答复、settled 已了结、open 重新打开'), note: textField(500).describe('反馈、答复的内容或了结的原因'), owner: textField(100).optional().describe('责任人'),
    }),
  },
  response: { description: '计数', schema: z.strictObject({ matched: z.number(), changed: z.number() }) },
  async handle(context, { body }) {
    const institution = institutionOf(context, body.institution);
    const { matched, changed } = await context.deps.driver.write((q) => moveDiscrepancies(
      q, { institution, documentNo: body.document, kind: body.kind, subject: body.subject, states: body.to === 'open' ? ['settled'] : DISCREPANCY_STATES.filter((state) => state !== 'settled') },
      { to: body.to, note: body.note, by: context.identity.name, atMs: context.deps.clock.now(), owner: body.owner },
    ));
    context.deps.log.info('discrepancies moved', { institution, documentNo: body.document, to: body.to, matched, changed, by: context.identity.name, requestId: context.requestId });
    return { status: 200, body: { matched, changed } };
  },
});
