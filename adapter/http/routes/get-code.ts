import { z } from 'zod';
import { chinaIso } from '../../domain/china-time.ts';
import { TraceError } from '../../domain/error.ts';
import { formatQuantity } from '../../domain/quantity.ts';
import { readTraceCode } from '../../domain/trace-code.ts';
import type { SqlQuery } from '../../ports/sql-driver.ts';
import { MAX_MOVES, readCodeLife } from '../../store/queries/codes-view.ts';
import type { CodeLifeRow, CodeMoveRow } from '../../store/queries/codes-view.ts';
import { attemptsOf, deliveriesOfEvents } from '../../store/queries/deliveries-view.ts';
import type { AttemptRow, DeliveryRow } from '../../store/queries/deliveries-view.ts';
import { withHistory } from '../delivery-reply.ts';
import { deliveryWithHistorySchema, eventRefSchema } from '../reply-schemas.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { isoOrNone, present } from '../view-members.ts';

const moveSchema = z.strictObject({
  lineNo: z.string(), from: z.string(), to: z.string(), units: z.string().describe('取出的最小单位数；退回为负'), opened: z.boolean().describe('本次拆开了包装'), event: eventRefSchema,
}).meta({ id: 'CodeMove' });

const codeSchema = z.strictObject({
  institution: z.string(), code: z.string(), scheme: z.string(), state: z.string(), level: z.number().describe('1 小包装 2 中包装 3 大包装'),
  drug: z.string().optional(), drugName: z.string().optional(), lot: z.string().optional(), producedOn: z.string().optional(), expiresOn: z.string().optional(),
  location: z.string().optional(), unitsTotal: z.string().optional(), unitsLeft: z.string().optional(), openedAt: z.string().optional(), updatedAt: z.string(),
  events: z.array(moveSchema), truncated: z.boolean().describe(`事件超过 ${String(MAX_MOVES)} 条时只列最早的部分`), deliveries: z.array(deliveryWithHistorySchema),
}).meta({ id: 'CodeLife' });

/** Longest that can be a scanned code. */
const MAX_SCAN = 512;

/** @returns spellings to look for: the canonical one of what was scanned, then the text as given */
function spellingsOf(scanned: string): readonly string[] {
  const reading = readTraceCode(scanned);
  const canonical = reading.kind === 'unusable' ? [] : reading.codes.map((code) => code.text);
  return [...new Set([...canonical, scanned.trim()])];
}

/** Stored units are millionths of the smallest unit. */
function units(text: string | null): string | undefined {
  return text === null ? undefined : formatQuantity(BigInt(text));
}

function moveReply(row: CodeMoveRow): z.input<typeof moveSchema> {
  return {
    lineNo: row.line_no, from: row.from_state, to: row.to_state, units: formatQuantity(BigInt(row.units)), opened: row.first_opening === 1,
    event: {
      eventNo: row.event_no, source: row.source, id: row.event_id, kind: row.kind, occurredAt: chinaIso(row.occurred_at),
      ...present({ documentNo: row.document_no, visitNo: row.visit_no }),
    },
  };
}

/** A report concerns the code when it carries it, or speaks for a line that moved it. */
function concerns(delivery: DeliveryRow, code: string, moves: readonly CodeMoveRow[]): boolean {
  const covers = JSON.parse(delivery.covers) as readonly string[];
  return (JSON.parse(delivery.codes) as readonly string[]).includes(code)
    || moves.some((move) => move.event_no === delivery.event_no && covers.includes(move.line_no));
}

interface CodeLife { readonly code: CodeLifeRow; readonly moves: readonly CodeMoveRow[]; readonly deliveries: readonly DeliveryRow[]; readonly attempts: readonly AttemptRow[] }

async function readLife(q: SqlQuery, institution: string, spellings: readonly string[]): Promise<CodeLife | undefined> {
  for (const spelling of spellings) {
    const life = await readCodeLife(q, institution, spelling);
    if (life === undefined) continue;
    const around = await deliveriesOfEvents(q, institution, [...new Set(life.moves.map((move) => move.event_no))]);
    const deliveries = around.filter((delivery) => concerns(delivery, life.code.code, life.moves));
    return { ...life, deliveries, attempts: await attemptsOf(q, institution, deliveries.map((delivery) => delivery.delivery_no)) };
  }
  return undefined;
}

function codeReply(institution: string, { code, moves, deliveries, attempts }: CodeLife): object {
  return {
    institution, code: code.code, scheme: code.scheme, state: code.state, level: code.level,
    ...present({
      drug: code.drug, drugName: code.drug_name, lot: code.lot, producedOn: code.produced_on, expiresOn: code.expires_on, location: code.location,
      unitsTotal: units(code.units_total), unitsLeft: units(code.units_left), openedAt: isoOrNone(code.opened_at),
    }),
    updatedAt: chinaIso(code.updated_at), events: moves.map(moveReply), truncated: moves.length >= MAX_MOVES, deliveries: withHistory(institution, deliveries, attempts),
  };
}

export const getCode = defineRoute({
  operation: 'get-code',
  method: 'get',
  path: '/api/v1/codes/{code}',
  roles: ['his', 'pharmacist', 'it', 'auditor', 'hub'],
  summary: '一个追溯码的全部经历：状态、剩余、每个事件、每次上报与结果；可直接传扫描到的文本',
  request: { params: z.strictObject({ code: textField(MAX_SCAN) }), query: z.strictObject({ institution: institutionField }) },
  response: { description: '追溯码', schema: codeSchema },
  errors: ['NOT_FOUND'],
  async handle(context, { params, query }) {
    const institution = institutionOf(context, query.institution);
    const life = await context.deps.driver.read((q) => readLife(q, institution, spellingsOf(params.code)));
    if (life === undefined) throw new TraceError('NOT_FOUND', context.language === 'zh' ? '本机构没有这个追溯码的记录' : 'no record of this code in the institution');
    return { status: 200, body: codeReply(institution, life) };
  },
});
