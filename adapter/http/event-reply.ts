import type { z } from 'zod';
import { chinaIso } from '../domain/china-time.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { EventDeliveryRow, EventRow, LineRow } from '../store/queries/events-view.ts';
import { maskPeople } from './patient-mask.ts';
import type { eventSummarySchema, lineSchema } from './reply-schemas.ts';
import { seesPeople } from './roles.ts';
import type { Role } from './roles.ts';
import { present } from './view-members.ts';

/** @returns an event as lists show it: no people in it */
export function eventSummaryReply(institution: string, row: EventRow, states: readonly EventDeliveryRow[]): z.input<typeof eventSummarySchema> {
  return {
    eventNo: row.event_no, institution, source: row.source, id: row.event_id, kind: row.kind, occurredAt: chinaIso(row.occurred_at), receivedAt: chinaIso(row.received_at),
    ...present({ documentNo: row.document_no, location: row.location, visitNo: row.visit_no, refers: row.refers }),
    deliveries: states.filter((state) => state.event_no === row.event_no).map((state) => ({
      destination: state.destination,
      state: state.state as z.input<typeof eventSummarySchema>['deliveries'][number]['state'],
      count: state.n,
    })),
  };
}

export function lineReply(row: LineRow): z.input<typeof lineSchema> {
  return {
    lineNo: row.line_no, drug: row.drug, quantity: row.quantity, unit: row.unit, split: row.split === 1, codeCount: row.code_count,
    ...present({ lot: row.lot, expiresOn: row.expires_on, units: row.units, exclusion: row.exclusion }),
  };
}

/** @returns the event as the HIS told it, people masked unless the role needs them */
export function eventBodyReply(body: string, role: Role): TraceEvent {
  const event = JSON.parse(body) as TraceEvent;
  return seesPeople(role) ? event : maskPeople(event);
}
