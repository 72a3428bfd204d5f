import { z } from 'zod';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { deskOf, scopeField, visitParams } from '../settlement-visit.ts';

const MAX_FEE_LINES = 5_000;

const feeLineSchema = z.strictObject({
  source: textField(128).optional().describe('来源；事件编号在各来源中不重复时可省略'), id: textField(128).describe('发药事件编号'), lineNo: textField(64).describe('发药事件的行号'),
  feeLine: textField(64).describe('这一行对应的费用明细流水号 feedetl_sn'),
});

const replySchema = z.strictObject({
  institution: z.string(), visitNo: z.string(),
  node: z.strictObject({
    transaction: z.string().describe('放进哪个交易，例如 2207'), name: z.string().describe('节点名，与 data 并列，例如 drug_trac_info'),
    rows: z.array(z.record(z.string(), z.string())).describe('每个追溯码一行，字段名与取值照原样放入'), missing: z.array(z.string()).describe('不能放入节点的明细行与原因；为空才可结算'),
  }).nullable().describe('本地区的结算交易不带追溯码明细时为 null，用 trace-count'),
});

/** The node of the region's settlement (Hubei 2207 drug_trac_info), joined to the fee lines the HIS names. */
export const settlementTraceNode = defineRoute({
  operation: 'settlement-trace-node',
  method: 'post',
  path: '/api/v1/settlements/{visitNo}/trace-node',
  roles: ['his', 'pharmacist', 'it'],
  summary: '结算前取放进结算交易的追溯码节点（湖北 2207），不改动任何数据',
  request: {
    params: visitParams,
    body: z.strictObject({ institution: institutionField, scope: scopeField, feeLines: z.array(feeLineSchema).max(MAX_FEE_LINES).describe('发药明细行与费用明细的对应') }),
  },
  response: { description: '结算交易的追溯码节点', schema: replySchema },
  errors: ['NOT_FOUND', 'DESTINATION_UNKNOWN'],
  maxBodyBytes: 2 * 1024 * 1024,
  async handle(context, { params, body }) {
    const institution = institutionOf(context, body.institution);
    const exact = new Map(body.feeLines.filter((one) => one.source !== undefined).map((one) => [JSON.stringify([one.source, one.id, one.lineNo]), one.feeLine]));
    const anySource = new Map(body.feeLines.filter((one) => one.source === undefined).map((one) => [JSON.stringify([one.id, one.lineNo]), one.feeLine]));
    const found = await deskOf(context.deps).traceNode({ institution, visitNo: params.visitNo, unsettledOnly: body.scope === 'unsettled' },
      ({ source, eventId, lineNo }) => exact.get(JSON.stringify([source, eventId, lineNo])) ?? anySource.get(JSON.stringify([eventId, lineNo])));
    const node = found === undefined ? null : { transaction: found.transaction, name: found.node, rows: found.rows, missing: found.missing };
    return { status: 200, body: { institution, visitNo: params.visitNo, node } };
  },
});
