import type { z } from 'zod';
import { chinaIso } from '../domain/china-time.ts';
import type { AttemptRow, DeliveryRow } from '../store/queries/deliveries-view.ts';
import type { attemptSchema, deliverySchema } from './reply-schemas.ts';
import { isoOrNone, present } from './view-members.ts';

/** @returns a delivery as the API shows it */
export function deliveryReply(institution: string, row: DeliveryRow): z.input<typeof deliverySchema> {
  return {
    deliveryNo: row.delivery_no, institution, destination: row.destination, operation: row.operation, key: row.report_key,
    state: row.state as z.input<typeof deliverySchema>['state'],
    ...present({ hold: row.hold, reason: row.reason, detail: row.detail, peerCode: row.peer_code, platformRef: row.platform_ref, reverses: row.reverses }),
    covers: JSON.parse(row.covers) as string[], codes: JSON.parse(row.codes) as string[],
    attempts: row.attempts, asks: row.asks, dueAt: chinaIso(row.due_at), createdAt: chinaIso(row.created_at),
    ...present({ firstSentAt: isoOrNone(row.first_sent_at), lastSentAt: isoOrNone(row.last_sent_at), settledAt: isoOrNone(row.settled_at) }),
    event: {
      eventNo: row.event_no, source: row.source, id: row.event_id, kind: row.kind, occurredAt: chinaIso(row.occurred_at),
      ...present({ documentNo: row.document_no, visitNo: row.visit_no }),
    },
  };
}

/** @returns one attempt as the API shows it */
export function attemptReply(row: AttemptRow): z.input<typeof attemptSchema> {
  return {
    attemptNo: row.attempt_no, at: chinaIso(row.at), act: row.act, result: row.result,
    ...present({ reason: row.reason, peerCode: row.peer_code, evidence: row.evidence }),
  };
}

/** @returns deliveries with what was tried for each, in order */
export function withHistory(institution: string, deliveries: readonly DeliveryRow[], attempts: readonly AttemptRow[]): readonly object[] {
  return deliveries.map((row) => ({
    ...deliveryReply(institution, row),
    history: attempts.filter((attempt) => attempt.delivery_no === row.delivery_no).map(attemptReply),
  }));
}
