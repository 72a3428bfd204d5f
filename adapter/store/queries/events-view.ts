import { chinaDate } from '../../domain/china-time.ts';
import type { SqlQuery, SqlValue } from '../../ports/sql-driver.ts';
import { conditionsFor, marks } from './conditions.ts';
import type { Conditions } from './conditions.ts';

/** Reading of events for people. Nothing here changes anything. */

/** What events are looked for by; instants are ms since epoch, `toMs` is the first instant no longer meant. */
export interface EventFilter {
  readonly institution: string;
  readonly source?: string | undefined;
  readonly kind?: string | undefined;
  readonly drug?: string | undefined;
  readonly lot?: string | undefined;
  readonly documentNo?: string | undefined;
  readonly visitNo?: string | undefined;
  readonly destination?: string | undefined;
  readonly states?: readonly string[] | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface Page {
  /** only rows with smaller numbers than this: the page after it */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface EventRow {
  readonly event_no: number; readonly source: string; readonly event_id: string; readonly kind: string; readonly occurred_at: number;
  readonly received_at: number; readonly document_no: string | null; readonly location: string | null; readonly visit_no: string | null;
  readonly refers: string | null; readonly record_no: number;
}

export interface LineRow {
  readonly line_no: string; readonly drug: string; readonly lot: string | null; readonly expires_on: string | null; readonly quantity: string;
  readonly unit: string; readonly units: string | null; readonly split: number; readonly code_count: number; readonly exclusion: string | null;
}

export interface FindingRow {
  readonly line_no: string; readonly code: string; readonly severity: string; readonly trace_code: string | null; readonly detail: string | null;
}

const EVENT_COLUMNS = 'e.event_no, e.source, e.event_id, e.kind, e.occurred_at, e.received_at, e.document_no, e.location, e.visit_no, e.refers, e.record_no';
/** index event_key */
export const SELECT_EVENT = `SELECT ${EVENT_COLUMNS}, e.body FROM event e WHERE e.institution = ? AND e.source = ? AND e.event_id = ?`;
/** primary key of event_line */
export const SELECT_LINES = 'SELECT line_no, drug, lot, expires_on, quantity, unit, units, split, code_count, exclusion FROM event_line WHERE institution = ? AND event_no = ? ORDER BY line_no';
/** primary key of finding */
export const SELECT_FINDINGS = 'SELECT line_no, code, severity, trace_code, detail FROM finding WHERE institution = ? AND event_no = ? ORDER BY finding_no LIMIT 1000';

/** index event_by_day */
export function addBusinessConditions(where: Conditions, filter: EventFilter): void {
  if (filter.source !== undefined) where.and('e.source = ?', filter.source);
  if (filter.kind !== undefined) where.and('e.kind = ?', filter.kind);
  if (filter.fromMs !== undefined) where.and('e.occurred_on >= ? AND e.occurred_at >= ?', chinaDate(filter.fromMs), filter.fromMs);
  if (filter.toMs !== undefined) where.and('e.occurred_on <= ? AND e.occurred_at < ?', chinaDate(filter.toMs - 1), filter.toMs);
}

/** Numbers of the events of a document, a visit, a drug or lot, each through a covering index; parameters: institution, value. */
export const EVENTS_BY_DOCUMENT = 'SELECT n.event_no FROM event n WHERE n.institution = ? AND n.document_no = ?';
export const EVENTS_BY_VISIT = 'SELECT n.event_no FROM event n WHERE n.institution = ? AND n.visit_no = ?';

/** @returns a query for the numbers of events with a line of the drug, the lot or both (index event_line_by_drug) */
export function eventsByLine(institution: string, drug: string | undefined, lot: string | undefined): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const conditions = [drug === undefined ? '' : ' AND l.drug = ?', lot === undefined ? '' : ' AND l.lot = ?'].join('');
  return {
    sql: `SELECT l.event_no FROM event_line l WHERE l.institution = ?${conditions}`,
    params: [institution, ...(drug === undefined ? [] : [drug]), ...(lot === undefined ? [] : [lot])],
  };
}

/** The numbers first, then the rows: asked to sort, SQLite would rather walk the whole table in order. */
function addSelectiveConditions(where: Conditions, filter: EventFilter): void {
  const { institution, documentNo, visitNo, drug, lot } = filter;
  if (documentNo !== undefined) where.and(`e.event_no IN (${EVENTS_BY_DOCUMENT})`, institution, documentNo);
  if (visitNo !== undefined) where.and(`e.event_no IN (${EVENTS_BY_VISIT})`, institution, visitNo);
  if (drug === undefined && lot === undefined) return;
  const wanted = eventsByLine(institution, drug, lot);
  where.and(`e.event_no IN (${wanted.sql})`, ...wanted.params);
}

/** @returns one page of events, newest first (indexes: primary key, event_by_document, event_by_visit, event_by_day, event_line_by_drug) */
export async function listEvents(q: SqlQuery, filter: EventFilter, page: Page): Promise<EventRow[]> {
  const where = conditionsFor('e.institution', filter.institution);
  addBusinessConditions(where, filter);
  addSelectiveConditions(where, filter);
  if (filter.destination !== undefined || filter.states !== undefined) {
    const destination = filter.destination === undefined ? '' : ' AND d.destination = ?';
    const states = filter.states === undefined ? '' : ` AND d.state IN (${marks(filter.states.length)})`;
    where.and(
      `EXISTS (SELECT 1 FROM delivery d WHERE d.institution = e.institution AND d.event_no = e.event_no${destination}${states})`,
      ...(filter.destination === undefined ? [] : [filter.destination]), ...(filter.states ?? []),
    );
  }
  if (page.before !== undefined) where.and('e.event_no < ?', page.before);
  return q.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM event e WHERE ${where.sql()} ORDER BY e.event_no DESC LIMIT ?`, [...where.params(), page.limit]);
}

export interface EventDeliveryRow { readonly event_no: number; readonly destination: string; readonly state: string; readonly n: number }

/** @returns how the events stand at each destination (index delivery_by_event); at most 500 events */
export async function countStates(q: SqlQuery, institution: string, eventNos: readonly number[]): Promise<EventDeliveryRow[]> {
  if (eventNos.length === 0) return [];
  return q.all<EventDeliveryRow>(
    `SELECT event_no, destination, state, COUNT(*) AS n FROM delivery WHERE institution = ? AND event_no IN (${marks(eventNos.length)})
     GROUP BY event_no, destination, state ORDER BY event_no, destination, state`,
    [institution, ...eventNos],
  );
}

export interface EventDetail { readonly event: EventRow & { readonly body: string }; readonly lines: readonly LineRow[]; readonly findings: readonly FindingRow[] }

/** @returns one event with its lines and findings, or undefined */
export async function readEvent(q: SqlQuery, institution: string, source: string, id: string): Promise<EventDetail | undefined> {
  const event = await q.get<EventRow & { body: string }>(SELECT_EVENT, [institution, source, id]);
  if (event === undefined) return undefined;
  const lines = await q.all<LineRow>(SELECT_LINES, [institution, event.event_no]);
  const findings = await q.all<FindingRow>(SELECT_FINDINGS, [institution, event.event_no]);
  return { event, lines, findings };
}
