import { loadReported } from '../delivery/load-reported.ts';
import type { Patient } from '../domain/event.ts';
import type { ReportedEvent } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';

/** a visit has hundreds of dispenses at the most; this is far beyond */
const MOST_EVENTS = 5_000;

const NOT_VOIDED = `NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void')`;
/** index event_by_visit, then event_by_refers */
export const SELECT_VISIT_EVENTS = `SELECT e.event_no, e.source, e.event_id, e.kind FROM event e
  WHERE e.institution = ? AND e.visit_no = ? AND e.kind IN ('dispense', 'dispense-return') AND ${NOT_VOIDED} ORDER BY e.event_no LIMIT ${String(MOST_EVENTS)}`;
/** index event_by_refers: a return need not repeat the visit of the dispense it names */
export const SELECT_RETURNS_OF = `SELECT e.event_no FROM event e WHERE e.institution = ? AND e.source = ? AND e.refers = ? AND e.kind = 'dispense-return' AND ${NOT_VOIDED}`;
/** primary key of event_line; what policy excludes is owed to no platform */
export const SELECT_OWED_LINES = `SELECT line_no FROM event_line WHERE institution = ? AND event_no = ? AND exclusion IS NULL`;

interface VisitEventRow { readonly event_no: number; readonly source: string; readonly event_id: string; readonly kind: string }

export interface VisitWanted {
  readonly institution: Institution;
  readonly visitNo: string;
  /** leaves out what an earlier settlement of the visit has taken already */
  readonly unsettledOnly: boolean;
}

/**
 * The dispenses and returns of a visit that stand, in their order, with the lines that are owed. What the patient pays alone is no
 * part of an insurance settlement.
 * @returns undefined when nothing at all is on file under the visit
 */
export async function loadVisitEvents(q: SqlQuery, catalogue: DrugLookup, { institution, visitNo, unsettledOnly }: VisitWanted): Promise<readonly ReportedEvent[] | undefined> {
  const rows = await q.all<VisitEventRow>(SELECT_VISIT_EVENTS, [institution.code, visitNo]);
  if (rows.length === 0) return undefined;
  const eventNos = new Set(rows.map((row) => row.event_no));
  for (const row of rows) {
    if (row.kind !== 'dispense') continue;
    for (const back of await q.all<{ event_no: number }>(SELECT_RETURNS_OF, [institution.code, row.source, row.event_id])) eventNos.add(back.event_no);
  }
  const loaded: ReportedEvent[] = [];
  for (const eventNo of [...eventNos].sort((a, b) => a - b)) {
    const owed = await q.all<{ line_no: string }>(SELECT_OWED_LINES, [institution.code, eventNo]);
    const reported = owed.length === 0 ? undefined : await loadReported({ q, institution, catalogue }, eventNo, owed.map((line) => line.line_no));
    if (reported !== undefined) loaded.push(reported);
  }
  return without(loaded, (patient) => patient?.settlementType === 'self-pay' || (unsettledOnly && (patient?.settlementId ?? '') !== ''));
}

/** Leaves dispenses out, and with each the returns that name it. */
function without(events: readonly ReportedEvent[], leftOut: (patient: Patient | undefined) => boolean): readonly ReportedEvent[] {
  const gone = new Set(events.filter(({ event }) => event.kind === 'dispense' && leftOut(event.patient)).map(({ event }) => nameOf(event.source, event.id)));
  return events.filter(({ event }) => !gone.has(nameOf(event.source, event.kind === 'dispense' ? event.id : (event.refers ?? ''))));
}

function nameOf(source: string, id: string): string {
  return `${source}\u0000${id}`;
}
