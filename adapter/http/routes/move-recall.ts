import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { RECALL_STATES, whyNotMoved } from '../../recall/recall-state.ts';
import { moveRecall as move, readRecall } from '../../recall/recall-store.ts';
import { countPlaces, placesOf } from '../../recall/trace-lots.ts';
import { recallReply, recallSchema } from '../recall-reply.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const moveRecall = defineRoute({
  operation: 'move-recall',
  method: 'post',
  path: '/api/v1/recalls/{recallNo}/state',
  roles: ['pharmacist', 'it'],
  summary: '推进召回：已登记 → 已隔离 → 已反馈 → 已办结，或撤销；每一步留痕',
  request: {
    params: z.strictObject({ recallNo: z.coerce.number().int().min(1).max(999_999_999).describe('本机的召回序号') }),
    body: z.strictObject({
      institution: institutionField, state: z.enum(RECALL_STATES).describe('要转为的状态'), note: textField(500).optional().describe('说明；办结与撤销必填'), owner: textField(128).optional().describe('负责人；给出时更换'),
    }),
  },
  response: { description: '召回', schema: recallSchema },
  errors: ['NOT_FOUND'],
  async handle(context, { params, body }) {
    const institution = institutionOf(context, body.institution);
    const { driver, clock } = context.deps;
    const moved = await driver.write(async (q) => {
      const recall = await readRecall(q, institution, params.recallNo);
      if (recall === undefined) throw new TraceError('NOT_FOUND');
      const { here } = await countPlaces(q, institution, await placesOf(q, institution, recall), false);
      const refused = whyNotMoved(recall.state, body.state, { note: body.note, here });
      if (refused !== undefined) throw new TraceError('REQUEST_INVALID', refused);
      await move(q, institution, recall, { to: body.state, by: context.identity.name, atMs: clock.now(), note: body.note, owner: body.owner });
      return readRecall(q, institution, params.recallNo);
    });
    if (moved === undefined) throw new TraceError('NOT_FOUND');
    return { status: 200, body: recallReply(moved, context.language) };
  },
});
