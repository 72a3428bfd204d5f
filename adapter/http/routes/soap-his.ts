import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { refusal } from '../../domain/refusal.ts';
import { validateEvent } from '../../intake/event-schema.ts';
import type { HisRecord, Interpretation } from '../../ports/his-record.ts';
import type { IntakeAnswer } from '../../ports/intake.ts';
import type { HttpDeps, SoapCalls } from '../http-deps.ts';
import { defineRoute } from '../route.ts';
import type { Reply, RequestContext, Route } from '../route.ts';
import { institutionsOf, mayActFor } from '../scope.ts';

const DEFAULT_BYTES = 2 * 1024 * 1024;
const TYPES = ['text/xml', 'application/soap+xml'] as const;

/** @throws TraceError NOT_FOUND where the product was put together without the SOAP wire */
export function soapOf(deps: HttpDeps): SoapCalls {
  if (deps.soap === undefined) throw new TraceError('NOT_FOUND');
  return deps.soap;
}

/** A token of institution A cannot file under B; nothing is kept of such a record. */
function submitFor(context: RequestContext): (record: HisRecord, interpretation: Interpretation) => Promise<IntakeAnswer> {
  return async (record, interpretation) => {
    const { institution } = record;
    const configured = context.deps.institutions.some(({ code }) => code === institution);
    if (configured && !mayActFor(context, institution)) {
      const why = refusal('FORBIDDEN', { field: 'institution', value: institution });
      return { kind: 'taken', events: [{ id: record.controlId, status: 'rejected', assigned: [], findings: [], refusal: why }] };
    }
    if (configured) return context.deps.intake.submit(record, named(interpretation));
    // kept where the token leaves no doubt, else the intake decides
    const own = institutionsOf(context);
    const home = own.length === 1 ? (own[0] ?? '') : '';
    const unknown: Interpretation = interpretation.kind === 'refused' || institution === '' ? interpretation : { kind: 'refused', refusal: refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: institution }) };
    return context.deps.intake.submit({ ...record, institution: home }, unknown);
  };
}

/** Where a call brings several events, a refusal says which of them is at fault. */
function named(interpretation: Interpretation): Interpretation {
  if (interpretation.kind !== 'events' || interpretation.events.length < 2) return interpretation;
  for (const [index, event] of interpretation.events.entries()) {
    const verdict = validateEvent(event);
    if ('refusal' in verdict) {
      const field = [`events[${String(index)}]`, verdict.refusal.field ?? ''].filter((part) => part !== '').join('.');
      return { kind: 'refused', refusal: { ...verdict.refusal, field } };
    }
  }
  return interpretation;
}

async function receive(context: RequestContext, body: { readonly bytes: Uint8Array; readonly contentType: string }): Promise<Reply> {
  const soap = soapOf(context.deps);
  const institutions = institutionsOf(context);
  if (institutions.length === 0) throw new TraceError('FORBIDDEN', 'institution');
  const { retryAfterMs, ...reply } = await soap.serve({ ...body, language: context.language, requestId: context.requestId, institutions }, submitFor(context));
  return retryAfterMs === undefined ? reply : { ...reply, headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
}

function soapRoute(operation: string, path: string): Route {
  return defineRoute({
    operation,
    method: 'post',
    path,
    roles: ['his'],
    summary: 'SOAP 接收：HIPMessageServer、Call、service；落盘后才应答',
    request: { query: z.looseObject({}), raw: { contentTypes: TYPES, schema: z.string() } },
    response: { description: '该操作的应答，或 SOAP Fault', contentType: 'text/xml' },
    errors: ['RECORD_UNREADABLE', 'CHARSET_UNREADABLE', 'RECORD_TOO_LARGE', 'NOT_FOUND'],
    maxBodyBytes: (deps) => deps.soap?.maxBytes ?? DEFAULT_BYTES,
    tokenInQuery: (deps) => deps.soap?.tokenInQuery === true,
    refuse: (reply, { deps, language, contentType }) => deps.soap?.refuse({ ...reply.body, status: reply.status, language }, contentType),
    handle: (context, { raw }) => receive(context, raw),
  });
}

export const soapHis = soapRoute('soap-his', '/soap/his');
/** the same for HIS programs whose address has to end in .asmx */
export const soapHisAsmx = soapRoute('soap-his-asmx', '/soap/his.asmx');
