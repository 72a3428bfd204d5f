import { z } from 'zod';
import { isCalendarDate, parseInstant } from '../domain/china-time.ts';
import { EVENT_KINDS } from '../domain/event.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import { problemsOfKind } from './event-kind-rules.ts';
import { problemOfIssue, refuseEvent } from './event-refusal.ts';
import { withoutEmptyMembers } from './event-tidy.ts';
import { unknownMembers, type KnownMembers } from './unknown-members.ts';

/** NUL and lone surrogates cannot be stored as text by every database we run on. */
 
const UNSTORABLE = /[\u0000\p{Cs}]/u;
/** Keys are compared byte for byte, so nothing invisible may hide in them. */
 
const CONTROL = /[\u0000-\u001F\u007F\p{Cs}]/u;
const DECIMAL = /^-?\d{1,14}(?:\.\d{1,6}0*)?$/;
const NOT_BEFORE = '2000-01-01';
/** Enough to explain an event; one with 20,000 bad codes must not cost more than that. */
const MAX_ISSUES = 100;

const text = (max: number): z.ZodString =>
  z.string().max(max).refine((value) => !UNSTORABLE.test(value), '含有不能保存的字符（空字符或残缺的 Unicode 字符）');
const key = (max: number): z.ZodString =>
  z.string().max(max).refine((value) => !CONTROL.test(value), '含有控制字符（换行、制表符等）');
const decimal = (): z.ZodString =>
  z.string().max(40).regex(DECIMAL, '须为十进制数文本，至多 14 位整数、6 位小数，例如 "2" 或 "12.5"');
const day = (): z.ZodString => z.string().refine(isCalendarDate, '须为真实日期 yyyy-MM-dd，例如 "2027-12-31"');
const instant = (): z.ZodString =>
  z.string().refine(
    (value) => parseInstant(value) !== undefined && value >= NOT_BEFORE,
    '须为带时区偏移的真实时间，例如 "2026-11-22T09:31:05+08:00"',
  );

const personSchema = z.object({
  code: text(64).exactOptional(),
  name: text(128).exactOptional(),
  licenseNo: text(64).exactOptional(),
  idType: text(16).exactOptional(),
  idNo: text(64).exactOptional(),
}).meta({ id: 'Person' });

const patientSchema = z.object({
  visitNo: key(64).exactOptional(),
  class: z.enum(['outpatient', 'inpatient', 'emergency']).exactOptional(),
  name: text(128).exactOptional(),
  idType: text(16).exactOptional(),
  idNo: text(64).exactOptional(),
  personNo: text(64).exactOptional(),
  insuredArea: text(16).exactOptional(),
  settlementType: z.enum(['insured', 'self-pay']).exactOptional(),
  settlementId: key(64).exactOptional(),
  settlementArea: z.enum(['local', 'remote']).exactOptional(),
}).meta({ id: 'Patient' });

const lineSchema = z.object({
  lineNo: key(32),
  drug: key(64),
  drugName: text(256).exactOptional(),
  quantity: decimal(),
  unit: text(32),
  split: z.boolean().default(false),
  unitPrice: decimal().exactOptional(),
  lot: text(64).exactOptional(),
  producedOn: day().exactOptional(),
  expiresOn: day().exactOptional(),
  codes: z.array(z.string().max(512).refine((value) => !UNSTORABLE.test(value), '含有不能保存的字符')).max(20_000).default([]),
}).meta({ id: 'EventLine' });

const counterpartySchema = z.object({
  code: key(64).exactOptional(),
  name: text(256).exactOptional(),
  licenseNo: text(64).exactOptional(),
}).meta({ id: 'Counterparty' });

/** The event of contract section 4. Unknown members are not used, only told of: a HIS adds fields of its own. */
export const eventSchema = z.object({
  id: key(128),
  source: key(64),
  institution: key(64),
  kind: z.enum(EVENT_KINDS),
  occurredAt: instant().meta({ format: 'date-time' }),
  documentNo: key(64).exactOptional(),
  location: text(64).exactOptional(),
  emergency: z.boolean().exactOptional(),
  refers: key(128).exactOptional(),
  operator: personSchema.exactOptional(),
  prescriber: personSchema.exactOptional(),
  prescriptionNo: text(64).exactOptional(),
  patient: patientSchema.exactOptional(),
  counterparty: counterpartySchema.exactOptional(),
  invoiceNo: text(64).exactOptional(),
  deliveryNoteNo: text(64).exactOptional(),
  lines: z.array(lineSchema).max(10_000).default([]),
}).meta({ id: 'TraceEvent' });

const names = (schema: { readonly shape: object }): ReadonlySet<string> => new Set(Object.keys(schema.shape));
const KNOWN: KnownMembers = {
  event: names(eventSchema), line: names(lineSchema),
  nested: new Map([['patient', names(patientSchema)], ['operator', names(personSchema)], ['prescriber', names(personSchema)], ['counterparty', names(counterpartySchema)]]),
};

export type EventVerdict = { readonly ok: TraceEvent; /** members that were not used */ readonly findings: readonly Finding[] } | { readonly refusal: Refusal };

/**
 * Checks one event against contract section 4: types, lengths, real dates and what its kind needs. Members that are null or
 * empty count as absent; `codes` may be left out; `split` left out means false (true for split-open).
 * @returns the event with only the members of the contract, or why it cannot be taken (EVENT_INVALID, CODE_UNUSABLE,
 *   EVENT_TOO_MANY_CODES), naming the first field at fault; patient data is never repeated. Never throws.
 */
export function validateEvent(raw: unknown): EventVerdict {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return { refusal: refuseEvent([{ code: 'EVENT_INVALID', field: '', detail: '事件须为 JSON 对象' }]) };
  }
  const tidy = withoutEmptyMembers(raw);
  const parsed = eventSchema.safeParse(tidy);
  if (!parsed.success) return { refusal: refuseEvent(parsed.error.issues.slice(0, MAX_ISSUES).map((issue) => problemOfIssue(issue, tidy))) };
  const event: TraceEvent = parsed.data;
  const problems = problemsOfKind(event);
  return problems.length === 0 ? { ok: event, findings: unknownMembers(tidy, KNOWN) } : { refusal: refuseEvent(problems) };
}
