import { z } from 'zod';
import { DrugCatalogue } from '../catalogue/drug-store.ts';
import { formatQuantity } from '../domain/quantity.ts';
import { TraceError } from '../domain/error.ts';
import type { Language } from '../domain/error.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { RecallBook } from '../recall/recall-book.ts';
import { SCAN_PURPOSES, scanCodes, type ScanAnswer, type ScanRequest } from '../scan/scan-codes.ts';
import { findingReply, type FindingReply } from './finding-reply.ts';
import { findingSchema } from './reply-schemas.ts';
import { textField } from './request-fields.ts';
import type { RequestContext } from './route.ts';
import { present } from './view-members.ts';

/** Longest that can be a scanned code. */
const MAX_SCAN = 2_000;

export const scanFields = {
  code: z.string().max(MAX_SCAN).describe('扫描到的文本，原样发送'),
  purpose: z.enum(SCAN_PURPOSES).describe('receive 入库、dispense 发药、return 退药、split 拆零、transfer 调出'),
  drug: textField(128).optional().describe('处方或单据行的 HIS 药品编码；给出时核对串码'),
  lot: textField(128).optional().describe('行上的批号；给出时核对批号'),
  documentNo: textField(128).optional().describe('HIS 单据号；同一单据重复扫描不算再次发出'),
  location: textField(128).optional().describe('药房或库房'),
};

export const scanAnswerSchema = z.strictObject({
  verdict: z.enum(['ok', 'warn', 'block']).describe('ok 可以、warn 请确认并写明原因、block 不要继续'), findings: z.array(findingSchema),
  code: z.string().optional().describe('规范的追溯码；扫描内容不是追溯码时没有'), scheme: z.string().optional(), state: z.string().optional().describe('unseen 未登记、in-stock 在库、opened 拆零中、dispensed 已发出，等'),
  level: z.number().optional().describe('1 小包装 2 中包装 3 大包装'), drug: z.string().optional(), drugName: z.string().optional(), lot: z.string().optional(), expiresOn: z.string().optional(),
  location: z.string().optional(), unitsTotal: z.string().optional(), unitsLeft: z.string().optional(), smallestUnit: z.string().optional().describe('最小单位'),
}).meta({ id: 'ScanAnswer' });

/** Shape of the answer for pages that evaluate the answer of a local agent as a text (his.md a.5): JSON, whose value is a text that holds JSON. */
export const shapeField = z.enum(['json', 'string']).default('json').describe('string：回答为 JSON 字符串，其中是 {"infcode","err_msg","output"} 的 JSON 文本；默认 json');

export interface ScanAnswerReply { readonly verdict: ScanAnswer['verdict']; readonly findings: readonly FindingReply[]; readonly [member: string]: unknown }

interface Books { readonly catalogue: DrugCatalogue; readonly recalls: RecallBook }
const books = new WeakMap<SqlDriver, Books>();

/** What scans of one store keep in memory: catalogue and recalls, both true to the store. */
export function booksOf(driver: SqlDriver): Books {
  const known = books.get(driver) ?? { catalogue: new DrugCatalogue(), recalls: new RecallBook() };
  books.set(driver, known);
  return known;
}

/** Judges the scans in one reading transaction. */
export async function answerScans(context: RequestContext, institution: string, requests: readonly ScanRequest[]): Promise<readonly ScanAnswerReply[]> {
  const { driver, institutions, clock, scan } = context.deps;
  const ours = institutions.find(({ code }) => code === institution);
  if (ours === undefined) throw new TraceError('FORBIDDEN', 'institution');
  const answers = await driver.read((q) => scanCodes({ q, institution: ours, ...booksOf(driver), policy: scan?.policy, members: scan?.members, nowMs: clock.now() }, requests));
  return answers.map((answer) => scanReply(answer, context.language));
}

function scanReply({ findings, unitsLeft, unitsTotal, ...answer }: ScanAnswer, language: Language): ScanAnswerReply {
  return {
    ...answer, findings: findings.map((finding) => findingReply(finding, language)),
    ...present({ unitsLeft: unitsLeft === undefined ? undefined : formatQuantity(unitsLeft), unitsTotal: unitsTotal === undefined ? undefined : formatQuantity(unitsTotal) }),
  };
}

/**
 * A body that is JSON text inside JSON, as some HIS pages send it: `"{…}"`, or `{"input":"{…}"}`.
 * @returns the request it means, checked. @throws TraceError REQUEST_INVALID
 */
export function unwrapped<T extends z.ZodType>(body: unknown, schema: T): z.output<T> {
  const text = typeof body === 'string' ? body : typeof body === 'object' && body !== null && 'input' in body && typeof body.input === 'string' ? body.input : undefined;
  let value = body;
  if (text !== undefined) {
    try {
      value = JSON.parse(text) as unknown;
    } catch {
      throw new TraceError('BODY_NOT_JSON', 'input');
    }
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TraceError('REQUEST_INVALID', parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; '));
}

/** @returns the schema, or a text that holds what it describes */
export function orWrapped<T extends z.ZodType>(schema: T): z.ZodUnion<readonly [T, z.ZodString, z.ZodObject<{ input: z.ZodString }>]> {
  return z.union([schema, z.string().describe('同样内容的 JSON 文本'), z.strictObject({ input: z.string().describe('同样内容的 JSON 文本') })]);
}

/** @returns the answer as a text of JSON; a block is an error to pages that only look at infcode */
export function asString(answers: readonly ScanAnswerReply[], output: unknown): string {
  const blocking = answers.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'block'));
  return JSON.stringify({ infcode: blocking.length === 0 ? '0' : '-1', err_msg: [...new Set(blocking.map(({ message, action }) => `${message}（${action}）`))].slice(0, 5).join('；'), output });
}
