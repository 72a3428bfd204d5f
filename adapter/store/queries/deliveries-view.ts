import { chinaDate } from '../../domain/china-time.ts';
import type { SqlQuery, SqlValue } from '../../ports/sql-driver.ts';
import { conditionsFor, marks } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { ATTENTION_STATES_SQL, isOpen, needsAttention, OPEN_STATES_SQL } from './delivery-states.ts';
import { addBusinessConditions, EVENTS_BY_DOCUMENT, EVENTS_BY_VISIT, eventsByLine } from './events-view.ts';
import type { EventFilter, Page } from './events-view.ts';

/** Reading of deliveries (上报任务) for people, and the filter that resend goes by. */
export interface DeliveryFilter extends EventFilter {
  readonly deliveryNos?: readonly number[] | undefined;
  /** reason on file: a fault reason, or the text of a policy */
  readonly reason?: string | undefined;
  readonly operation?: string | undefined;
}

export interface DeliveryRow {
  readonly delivery_no: number; readonly destination: string; readonly event_no: number; readonly operation: string; readonly report_key: string;
  readonly covers: string; readonly codes: string; readonly state: string; readonly hold: string | null; readonly reason: string | null;
  readonly peer_code: string | null; readonly detail: string | null; readonly attempts: number; readonly asks: number; readonly due_at: number;
  readonly first_sent_at: number | null; readonly last_sent_at: number | null; readonly platform_ref: string | null; readonly reverses: number | null;
  readonly created_at: number; readonly settled_at: number | null;
  readonly source: string; readonly event_id: string; readonly kind: string; readonly occurred_at: number; readonly document_no: string | null; readonly visit_no: string | null;
}

export const DELIVERY_COLUMNS = `d.delivery_no, d.destination, d.event_no, d.operation, d.report_key, d.covers, d.codes, d.state, d.hold, d.reason, d.peer_code, d.detail,
  d.attempts, d.asks, d.due_at, d.first_sent_at, d.last_sent_at, d.platform_ref, d.reverses, d.created_at, d.settled_at,
  e.source, e.event_id, e.kind, e.occurred_at, e.document_no, e.visit_no`;
export const DELIVERY_TABLES = 'delivery d JOIN event e ON e.institution = d.institution AND e.event_no = d.event_no';

/**
 * Rows in a few states are found through a partial index, read alone (delivery_attention, delivery_due): SQLite takes one
 * beside the primary key only where it need not touch the row, and only for the index's own words.
 */
function addStates(where: Conditions, filter: DeliveryFilter, states: readonly string[]): void {
  const own = states.every(needsAttention) ? ATTENTION_STATES_SQL : states.every(isOpen) ? OPEN_STATES_SQL : undefined;
  if (own === undefined) {
    where.and(`d.state IN (${marks(states.length)})`, ...states);
    return;
  }
  const destination = filter.destination === undefined ? [] : [filter.destination];
  where.and(
    `d.delivery_no IN (SELECT delivery_no FROM delivery WHERE institution = ?${destination.length === 0 ? '' : ' AND destination = ?'} AND ${own} AND state IN (${marks(states.length)}))`,
    filter.institution, ...destination, ...states,
  );
}

/**
 * Deliveries of certain events, and of what refers to those (voids, returns). The numbers are found through covering indexes first
 * (delivery_by_event, event_by_refers); CROSS JOIN keeps SQLite to the order written, to PostgreSQL it is a plain join.
 * @param events a query for event numbers with its own parameters
 */
function addEvents(where: Conditions, institution: string, events: { readonly sql: string; readonly params: readonly SqlValue[] }): void {
  where.and(
    `d.delivery_no IN (SELECT x.delivery_no FROM delivery x WHERE x.institution = ? AND x.event_no IN (
      ${events.sql}
      UNION ALL SELECT v.event_no FROM event s CROSS JOIN event v WHERE s.institution = ? AND s.event_no IN (${events.sql})
        AND v.institution = ? AND v.source = s.source AND v.refers = s.event_id))`,
    institution, ...events.params, institution, ...events.params, institution,
  );
}

/** Without what refers to them: that has times of its own. */
function addDays(where: Conditions, filter: DeliveryFilter): void {
  if (filter.fromMs === undefined && filter.toMs === undefined) return;
  const from = filter.fromMs === undefined ? '' : chinaDate(filter.fromMs);
  const to = filter.toMs === undefined ? '9999-12-31' : chinaDate(filter.toMs - 1);
  where.and(
    `d.delivery_no IN (SELECT x.delivery_no FROM delivery x WHERE x.institution = ? AND x.event_no IN (
      SELECT b.event_no FROM event b WHERE b.institution = ? AND b.occurred_on >= ? AND b.occurred_on <= ?))`,
    filter.institution, filter.institution, from, to,
  );
}

function addSubjects(where: Conditions, filter: DeliveryFilter): void {
  const { institution, drug, lot } = filter;
  if (filter.documentNo !== undefined) addEvents(where, institution, { sql: EVENTS_BY_DOCUMENT, params: [institution, filter.documentNo] });
  if (filter.visitNo !== undefined) addEvents(where, institution, { sql: EVENTS_BY_VISIT, params: [institution, filter.visitNo] });
  if (drug === undefined && lot === undefined) return;
  const wanted = eventsByLine(institution, drug, lot);
  addEvents(where, institution, wanted);
  // the delivery speaks for a line of this drug or lot; REPLACE finds the quoted line number in the JSON array in both dialects
  const conditions = [drug === undefined ? '' : ' AND l.drug = ?', lot === undefined ? '' : ' AND l.lot = ?'].join('');
  where.and(
    `EXISTS (SELECT 1 FROM event_line l WHERE l.institution = d.institution AND l.event_no = d.subject_no${conditions}
      AND REPLACE(d.covers, '"' || l.line_no || '"', '') <> d.covers)`,
    ...(drug === undefined ? [] : [drug]), ...(lot === undefined ? [] : [lot]),
  );
}

/** @returns the WHERE clause over `DELIVERY_TABLES` that a filter means (indexes: primary key, delivery_by_event, delivery_due, delivery_attention) */
export function deliveryConditions(filter: DeliveryFilter): Conditions {
  const where = conditionsFor('d.institution', filter.institution);
  if (filter.destination !== undefined) where.and('d.destination = ?', filter.destination);
  if (filter.states !== undefined) addStates(where, filter, filter.states);
  if (filter.deliveryNos !== undefined) where.and(`d.delivery_no IN (${marks(filter.deliveryNos.length)})`, ...filter.deliveryNos);
  if (filter.reason !== undefined) where.and('d.reason = ?', filter.reason);
  if (filter.operation !== undefined) where.and('d.operation = ?', filter.operation);
  addBusinessConditions(where, filter);
  addDays(where, filter);
  addSubjects(where, filter);
  return where;
}

/** @returns one page of deliveries, newest first */
export async function listDeliveries(q: SqlQuery, filter: DeliveryFilter, page: Page): Promise<DeliveryRow[]> {
  const where = deliveryConditions(filter);
  if (page.before !== undefined) where.and('d.delivery_no < ?', page.before);
  return q.all<DeliveryRow>(`SELECT ${DELIVERY_COLUMNS} FROM ${DELIVERY_TABLES} WHERE ${where.sql()} ORDER BY d.delivery_no DESC LIMIT ?`, [...where.params(), page.limit]);
}

/** @returns every delivery of some events, oldest first (index delivery_by_event); at most 500 events, 2,000 deliveries */
export async function deliveriesOfEvents(q: SqlQuery, institution: string, eventNos: readonly number[]): Promise<DeliveryRow[]> {
  const some = eventNos.slice(0, 500);
  if (some.length === 0) return [];
  return q.all<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM ${DELIVERY_TABLES} WHERE d.institution = ? AND d.delivery_no IN (
      SELECT x.delivery_no FROM delivery x WHERE x.institution = ? AND x.event_no IN (${marks(some.length)})) ORDER BY d.delivery_no LIMIT 2000`,
    [institution, institution, ...some],
  );
}

export interface AttemptRow {
  readonly delivery_no: number; readonly attempt_no: number; readonly at: number; readonly act: string; readonly result: string;
  readonly reason: string | null; readonly peer_code: string | null; readonly evidence: string | null;
}

/** @returns what was tried, in order (primary key of delivery_attempt); at most 500 deliveries, 5,000 attempts */
export async function attemptsOf(q: SqlQuery, institution: string, deliveryNos: readonly number[]): Promise<AttemptRow[]> {
  const some = deliveryNos.slice(0, 500);
  if (some.length === 0) return [];
  return q.all<AttemptRow>(
    `SELECT delivery_no, attempt_no, at, act, result, reason, peer_code, evidence FROM delivery_attempt
     WHERE institution = ? AND delivery_no IN (${marks(some.length)}) ORDER BY delivery_no, attempt_no LIMIT 5000`,
    [institution, ...some],
  );
}
