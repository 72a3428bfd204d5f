import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { refusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { eventSchema, validateEvent } from '../../intake/event-schema.ts';
import type { EventVerdict } from '../../intake/event-schema.ts';
import type { HisRecord, Interpretation } from '../../ports/his-record.ts';
import type { EventAnswer, IntakeAnswer } from '../../ports/intake.ts';
import { describeRefusal, refusalReply } from '../error-reply.ts';
import { wavesOf } from '../event-waves.ts';
import { findingReply, refusalFinding } from '../finding-reply.ts';
import type { EventItem } from '../http-deps.ts';
import { findingSchema } from '../reply-schemas.ts';
import { defineRoute } from '../route.ts';
import type { Reply, RequestContext } from '../route.ts';
import { institutionsOf, mayActFor } from '../scope.ts';

/** Bounds of one call (contract section 4). */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;

const resultSchema = z.strictObject({
  id: z.string(),
  status: z.enum(['accepted', 'duplicate', 'quarantined', 'rejected']),
  statusCode: z.number().describe('该事件单独的状态码：200，或 422'),
  assigned: z.array(z.strictObject({ lineNo: z.string(), code: z.string(), quantity: z.string() })),
  findings: z.array(findingSchema),
}).meta({ id: 'EventResult' });

/** One event of the call on its way through. */
interface Submission {
  readonly item: EventItem;
  readonly id: string;
  readonly verdict: EventVerdict;
  /** where it is filed, or why it cannot be */
  readonly home: { readonly institution: string; readonly source: string } | { readonly refusal: Refusal };
}

/** A member as far as it can serve to file the record; the record itself is kept as sent. */
function textMember(value: unknown, name: string): string {
  const member = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
   
  return typeof member === 'string' ? member.replace(/[\u0000-\u001F\u007F\p{Cs}]/gu, '').slice(0, 128) : '';
}

/** Where a refused event is kept when it names no institution of ours: where the token leaves no doubt, else the intake decides. */
function fallbackOf(context: RequestContext): string {
  const [only, ...others] = institutionsOf(context);
  return only !== undefined && others.length === 0 ? only : '';
}

/** A token of institution A cannot file under B; nothing is kept of such an event. */
function homeOf(context: RequestContext, value: unknown): Submission['home'] {
  const source = textMember(value, 'source').slice(0, 64) || context.deps.rest.interpreter;
  const named = textMember(value, 'institution');
  if (mayActFor(context, named)) return { institution: named, source };
  if (context.deps.institutions.some((institution) => institution.code === named)) return { refusal: refusal('FORBIDDEN', { field: 'institution', value: named }) };
  return { institution: fallbackOf(context), source };
}

/** What the intake is told: the event, or why it is none; an institution nobody configured is named as such. */
function interpretationOf(submission: Submission, home: { readonly institution: string }): Interpretation {
  const { verdict } = submission;
  if ('refusal' in verdict) return { kind: 'refused', refusal: verdict.refusal };
  if (verdict.ok.institution === home.institution) return { kind: 'events', events: [verdict.ok] };
  return { kind: 'refused', refusal: refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: verdict.ok.institution }) };
}

function recordOf(context: RequestContext, submission: Submission, home: { readonly institution: string; readonly source: string }): HisRecord {
  return {
    ...home, controlId: submission.id, media: 'json', charset: 'utf-8', bytes: Buffer.from(submission.item.text, 'utf8'), interpreter: context.deps.rest.interpreter,
  };
}

async function submit(context: RequestContext, submission: Submission): Promise<IntakeAnswer> {
  const { home } = submission;
  if ('refusal' in home) return rejectedAnswer(submission.id, home.refusal);
  return context.deps.intake.submit(recordOf(context, submission, home), interpretationOf(submission, home));
}

function rejectedAnswer(id: string, why: Refusal): IntakeAnswer {
  return { kind: 'taken', events: [{ id, status: 'rejected', assigned: [], findings: [], refusal: why }] };
}

function resultOf(context: RequestContext, id: string, answer: Exclude<IntakeAnswer, { kind: 'unavailable' }>): z.input<typeof resultSchema> {
  const event: EventAnswer =
    answer.kind === 'quarantined' ? { id, status: 'quarantined', assigned: [], findings: [], refusal: answer.refusal }
    : answer.kind === 'noted' ? { id, status: 'accepted', assigned: [], findings: [] }
    : answer.events[0] ?? { id, status: 'accepted', assigned: [], findings: [] };
  const findings = event.findings.map((finding) => findingReply(finding, context.language));
  const refused = event.refusal === undefined ? [] : [refusalFinding(event.refusal, context.language)];
  const taken = event.status === 'accepted' || event.status === 'duplicate';
  return { id, status: event.status, statusCode: taken ? 200 : 422, assigned: [...event.assigned], findings: [...refused, ...findings] };
}

/** The whole call is answered 503: what is already on file answers `duplicate` when the HIS sends the same body again. */
function unavailableReply(context: RequestContext, answer: Extract<IntakeAnswer, { kind: 'unavailable' }>, stored: number): Reply {
  const reply = refusalReply(answer.refusal, context, { retryAfterMs: answer.retryAfterMs, status: 503 });
  if (stored === 0) return reply;
  const { message, action } = describeRefusal(answer.refusal, context.language);
  const note = context.language === 'zh'
    ? `；本次已保存 ${String(stored)} 个事件，请把整个请求原样重发，已保存的会按重复处理`
    : `; ${String(stored)} events of this call are stored: send the whole request again, they will answer as duplicates`;
  return { ...reply, body: { code: answer.refusal.code, message: message + note, action, requestId: context.requestId } };
}

/** Lines of the log one call may cause; a HIS that sends a thousand bad events is told about in these and a number. */
const MAX_NOTED = 20;

/** What was not taken stands in the log with its code and field, never with its content. */
function noteRefused({ deps, identity, requestId }: RequestContext, submissions: readonly Submission[], results: readonly z.input<typeof resultSchema>[]): void {
  const refused = results.filter((result) => result.statusCode !== 200);
  for (const result of refused.slice(0, MAX_NOTED)) {
    const home = submissions.find(({ id }) => id === result.id)?.home;
    const why = result.findings[0];
    const filed = home === undefined || 'refusal' in home ? {} : home;
    deps.log.warn('rest event not taken', { ...filed, eventId: result.id, result: result.status, code: why?.code, field: why?.field, by: identity.name, requestId });
  }
  if (refused.length > MAX_NOTED) deps.log.warn('rest events not taken', { count: refused.length, shown: MAX_NOTED, by: identity.name, requestId });
}

async function submitAll(context: RequestContext, items: readonly EventItem[]): Promise<Reply> {
  if (institutionsOf(context).length === 0) throw new TraceError('FORBIDDEN', 'institution');
  const submissions = items.map((item): Submission => ({
    item, id: textMember(item.value, 'id'), verdict: validateEvent(item.value), home: homeOf(context, item.value),
  }));
  const results: z.input<typeof resultSchema>[] = [];
  for (const wave of wavesOf(submissions.map(({ verdict }) => ('ok' in verdict ? verdict.ok : undefined)))) {
    const some = wave.map((index) => submissions[index]).filter((submission) => submission !== undefined);
    const answers = await Promise.all(some.map((submission) => submit(context, submission)));
    const lost = answers.find((answer) => answer.kind === 'unavailable');
    if (lost !== undefined) return unavailableReply(context, lost, results.length + answers.filter((answer) => answer.kind !== 'unavailable').length);
    answers.forEach((answer, at) => {
      if (answer.kind !== 'unavailable') results.push(resultOf(context, some[at]?.id ?? '', answer));
    });
  }
  noteRefused(context, submissions, results);
  for (const result of results) context.deps.count('his_trace_rest_events_total', { status: result.status });
  return { status: 200, body: { results } };
}

export const submitEvents = defineRoute({
  operation: 'submit-events',
  method: 'post',
  path: '/api/v1/events',
  roles: ['his'],
  summary: '接收 HIS 事件：全部落盘后才应答；逐个事件给出结果',
  request: {
    raw: {
      contentTypes: ['application/json', 'application/x-ndjson'],
      schema: z.union([eventSchema, z.array(eventSchema).max(MAX_EVENTS)]),
    },
  },
  response: { description: '每个事件的结果，顺序与发送一致', schema: z.strictObject({ results: z.array(resultSchema) }) },
  errors: ['BODY_NOT_JSON', 'RECORD_TOO_LARGE', 'OVERLOADED', 'STORE_FULL', 'STORE_READ_ONLY', 'STORE_UNAVAILABLE', 'STOPPING'],
  maxBodyBytes: MAX_BYTES,
  handle(context, { raw }) {
    const body = context.deps.rest.read(raw.bytes, raw.contentType, { maxEvents: MAX_EVENTS, maxBytes: MAX_BYTES });
    return body.kind === 'refused' ? Promise.resolve(refusalReply(body.refusal, context)) : submitAll(context, body.items);
  },
});
