import { z } from 'zod';
import { closeByPerson } from '../../checks/findings/close-by-person.ts';
import { TraceError } from '../../domain/error.ts';
import { checkFindingReply, checkFindingSchema } from '../check-finding-reply.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const closeFinding = defineRoute({
  operation: 'close-finding',
  method: 'post',
  path: '/api/v1/findings/{no}/close',
  roles: ['pharmacist', 'it'],
  summary: '写明原因，关闭一条核查提示；已关闭的不改动，先前的原因仍有效；急抢救逾期的提示关闭后，其计时也了结',
  request: {
    params: z.strictObject({ no: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).describe('提示的编号') }),
    body: z.strictObject({ institution: institutionField, reason: textField(200).trim().min(1).describe('关闭的原因，会留存；不要写患者信息') }),
  },
  response: { description: '现在的提示', schema: z.strictObject({ changed: z.boolean().describe('本次调用关闭的'), finding: checkFindingSchema.describe('现在的提示') }) },
  errors: ['NOT_FOUND'],
  async handle(context, { params, body }) {
    const institution = institutionOf(context, body.institution);
    const { driver, clock, log } = context.deps;
    const atMs = clock.now();
    const done = await closeByPerson(driver, { institution, findingNo: params.no, by: context.identity.name, reason: body.reason, atMs });
    if (done === undefined) throw new TraceError('NOT_FOUND', `finding ${String(params.no)}`);
    if (done.changed) log.info('finding closed', { institution, findingNo: params.no, check: done.finding.check_name, by: context.identity.name, requestId: context.requestId });
    return { status: 200, body: { changed: done.changed, finding: checkFindingReply(done.finding, atMs) } };
  },
});
