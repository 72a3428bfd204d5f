import type { SendResult } from '../../adapter/domain/outcome.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import type { BillMemory } from './bill-memory.ts';
import { billOf, partnerNeeded } from './bills.ts';
import { priorityOf } from './bill-types.ts';
import { classifyError } from './gateway-error.ts';
import { faultOfReply } from './fault-of-reply.ts';
import type { Gateway, GatewayReply } from './gateway.ts';
import type { PartnerIds } from './partner-name.ts';
import { findPartner, type PartnersDeps } from './partners.ts';
import type { MahSettings } from './settings.ts';
import { conflictOf, failureOf } from './upload-failure.ts';

export interface SendDeps {
  readonly settings: MahSettings;
  readonly gateway: Gateway;
  readonly partners: PartnersDeps;
  readonly memory: BillMemory;
}

/** Uploads one bill. Success means taken in for processing (mah.md 0.3); whatever cannot be told for certain is `unknown`. */
export async function sendBill(report: Report, deps: SendDeps, signal: AbortSignal): Promise<SendResult> {
  const { settings, gateway } = deps;
  const side = await otherSide(report, deps, signal);
  if ('kind' in side) return side;
  const built = billOf(report, settings, side.partner);
  if (built.kind === 'incomplete') return { kind: 'rejected', reason: built.reason, peerText: built.detail };
  const { method, parameters } = built.bill;
  const reply = await gateway.call({ method, parameters, lane: 'upload', priority: priorityOf(report.operation), signal });
  return judgeUpload(report, reply, deps);
}

/** A bill whose other side is not known for certain is not sent: it could never be taken back. */
async function otherSide(report: Report, deps: SendDeps, signal: AbortSignal): Promise<SendResult | { readonly partner: PartnerIds | undefined }> {
  const { needed, counterparty } = partnerNeeded(report);
  if (!needed) return { partner: undefined };
  const found = await findPartner(counterparty, report.reported.institution, deps.partners, signal);
  switch (found.kind) {
    case 'partner': return { partner: found.ids };
    case 'uncertain': return { kind: 'rejected', reason: 'OWNER_UNKNOWN', peerText: found.detail };
    // nothing of the bill has left: the look-up can be done again
    case 'failed': return { kind: 'unavailable', ...found.fault };
  }
}

async function judgeUpload(report: Report, reply: GatewayReply, { settings, memory }: SendDeps): Promise<SendResult> {
  switch (reply.kind) {
    case 'answer': break;
    case 'not-sent': return { kind: 'unavailable', ...faultOfReply(reply), retryAfterMs: reply.retryAfterMs };
    case 'fault': return reply.sent === 'no' ? { kind: 'unavailable', ...faultOfReply(reply) } : { kind: 'unknown', ...faultOfReply(reply) };
    case 'bad-reply': return { kind: 'unknown', ...faultOfReply(reply) };
    case 'gateway-error': {
      const error = classifyError(reply);
      if (error.kind === 'unavailable') return { kind: 'unavailable', ...error.fault, ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }) };
      return error.kind === 'refused' ? { kind: 'rejected', ...error.fault } : { kind: 'unknown', ...error.fault };
    }
  }
  if (reply.ok) {
    memory.noteTaken(report.key);
    if (report.attempt > 1) await memory.clearConflict(report.reported.institution.code, report.key);
    return { kind: 'processing', askAfterMs: settings.pollFirst, evidence: `${reply.msgCode} ${reply.requestId}`.trim() };
  }
  const conflict = conflictOf(reply, report.key);
  if (conflict === undefined) return failureOf(reply);
  // "already there" is neither success nor failure before the codes were compared (mah.md 13.1, C22, C23)
  await memory.noteConflict(report.reported.institution.code, report.key, conflict);
  return { kind: 'unknown', reason: 'BILL_CONFLICT', peerCode: reply.msgCode, peerText: reply.msgInfo.slice(0, 1_000) };
}
