import { z } from 'zod';
import { DELIVERY_STATES } from '../delivery/states.ts';

/** Shapes of answers; they are the schemas of /openapi.json, and the tests hold the answers to them. */

export const errorSchema = z.strictObject({
  code: z.string(), message: z.string(), action: z.string(), requestId: z.string(),
}).meta({ id: 'Error', description: '各处统一的错误格式' });

export const findingSchema = z.strictObject({
  code: z.string(),
  severity: z.enum(['info', 'warn', 'block']),
  message: z.string(),
  action: z.string(),
  lineNo: z.string().optional(),
  traceCode: z.string().optional(),
  field: z.string().optional(),
}).meta({ id: 'Finding' });

export const eventRefSchema = z.strictObject({
  eventNo: z.number(), source: z.string(), id: z.string(), kind: z.string(), occurredAt: z.string(),
  documentNo: z.string().optional(), visitNo: z.string().optional(),
}).meta({ id: 'EventRef' });

export const eventSummarySchema = z.strictObject({
  eventNo: z.number(), institution: z.string(), source: z.string(), id: z.string(), kind: z.string(), occurredAt: z.string(), receivedAt: z.string(),
  documentNo: z.string().optional(), location: z.string().optional(), visitNo: z.string().optional(), refers: z.string().optional(),
  deliveries: z.array(z.strictObject({ destination: z.string(), state: z.enum(DELIVERY_STATES), count: z.number() })),
}).meta({ id: 'EventSummary' });

export const attemptSchema = z.strictObject({
  attemptNo: z.number(), at: z.string(), act: z.string(), result: z.string(), reason: z.string().optional(), peerCode: z.string().optional(), evidence: z.string().optional(),
}).meta({ id: 'Attempt' });

const deliveryMembers = {
  deliveryNo: z.number(), institution: z.string(), destination: z.string(), operation: z.string(), key: z.string(), state: z.enum(DELIVERY_STATES),
  hold: z.string().optional(), reason: z.string().optional(), detail: z.string().optional(), peerCode: z.string().optional(), platformRef: z.string().optional(),
  covers: z.array(z.string()), codes: z.array(z.string()), reverses: z.number().optional(),
  attempts: z.number(), asks: z.number(), dueAt: z.string(), createdAt: z.string(), firstSentAt: z.string().optional(), lastSentAt: z.string().optional(),
  settledAt: z.string().optional(), event: eventRefSchema,
};
export const deliverySchema = z.strictObject(deliveryMembers).meta({ id: 'Delivery' });
export const deliveryWithHistorySchema = z.strictObject({ ...deliveryMembers, history: z.array(attemptSchema) }).meta({ id: 'DeliveryWithHistory' });

export const lineSchema = z.strictObject({
  lineNo: z.string(), drug: z.string(), lot: z.string().optional(), expiresOn: z.string().optional(), quantity: z.string(), unit: z.string(),
  units: z.string().optional(), split: z.boolean(), codeCount: z.number(), exclusion: z.string().optional(),
}).meta({ id: 'StoredLine' });

export const recordSchema = z.strictObject({
  recordNo: z.number(), institution: z.string(), source: z.string(), controlId: z.string(), media: z.string(), charset: z.string(), sha256: z.string(),
  receivedAt: z.string(), settledAt: z.string().optional(),
  state: z.enum(['quarantined', 'retried', 'superseded', 'taken', 'noted']).describe('quarantined 待处理；retried 重试后已接收；superseded 已被新的记录取代；taken 一开始就已接收；noted 已留存，没有要追溯的内容'),
  open: z.boolean().describe('true 表示还在待处理；列表默认只列这样的'), bytes: z.number().describe('原始内容的字节数；0 表示超过保存期限已清除'),
  code: z.string().optional(), message: z.string().optional(), action: z.string().optional(), field: z.string().optional(), value: z.string().optional(),
}).meta({ id: 'QuarantinedRecord' });

export const operationCountSchema = z.strictObject({
  dryRun: z.boolean(), matched: z.number(), changed: z.number(), skipped: z.array(z.strictObject({ reason: z.string(), count: z.number() })),
}).meta({ id: 'OperationCount' });

/** @returns the shape of one page */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().optional().describe('有下一页时给出') });
}
