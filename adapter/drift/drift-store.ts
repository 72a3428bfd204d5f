import type { FaultReason } from '../domain/outcome.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { ATTENTION_STATES_SQL, OPEN_STATES_SQL } from '../store/queries/delivery-states.ts';
import { RESERVE } from '../store/counters.ts';
import { ANY_PRODUCT, PROBE_EVERY_MS } from './rules.ts';

/** Statements of the drift watch; none of them runs while a platform accepts what it is sent. */

/** One thing a platform no longer takes. */
export interface DriftGroup {
  readonly groupNo: number;
  readonly destination: string;
  readonly operation: string;
  /** HIS drug id, '*' = a field whatever the drug */
  readonly product: string;
  readonly reason: FaultReason;
  readonly textKey: string;
  readonly sample: string;
  readonly openedAt: number;
  readonly probeNo: number | undefined;
  readonly probeAt: number;
  readonly probes: number;
  readonly alertedAt: number | undefined;
}

export type DriftKey = Pick<DriftGroup, 'destination' | 'operation' | 'product' | 'reason' | 'textKey'>;

/** reports parked or released in one statement: a long queue must not keep the HIS waiting */
export const BLOCK = 2_000;
/** deliveries around a refusal among which an acceptance is looked for */
const AROUND = 2_000;

const COLUMNS = 'group_no, destination, operation, product, reason, text_key, sample, opened_at, probe_no, probe_at, probes, alerted_at';
/** index drift_open */
export const SELECT_OPEN = `SELECT ${COLUMNS} FROM drift_group WHERE institution = ? AND state = 'open'`;
/** index drift_open */
export const SELECT_GROUP = `SELECT ${COLUMNS} FROM drift_group WHERE institution = ? AND destination = ? AND operation = ? AND product = ? AND reason = ? AND text_key = ? AND state = 'open'`;
const INSERT_GROUP = `INSERT INTO drift_group (institution, group_no, destination, operation, product, reason, text_key, sample, state, opened_at, probe_at)
  VALUES (?,?,?,?,?,?,?,?,'open',?,?)`;

const OF_PRODUCT = `EXISTS (SELECT 1 FROM event_line l WHERE l.institution = d.institution AND l.event_no = d.subject_no AND l.drug = ?
  AND (d.covers = '[]' OR REPLACE(d.covers, '"' || l.line_no || '"', '') <> d.covers))`;
/** index delivery_due, then the primary key of event_line; `?` before the limit: a report that is let through */
function selectToPark(product: string): string {
  return `SELECT d.delivery_no FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${OPEN_STATES_SQL} AND d.state IN ('queued', 'claimed')
  AND d.operation = ? AND d.reverses IS NULL AND d.delivery_no <> ? ${product === ANY_PRODUCT ? '' : `AND ${OF_PRODUCT}`} ORDER BY d.priority, d.delivery_no LIMIT ${String(BLOCK)}`;
}
export const SELECT_TO_PARK = selectToPark('');
const PARK = `UPDATE delivery SET state = 'held', hold = ?, reason = ?, detail = ?, claimed_by = NULL, lease_until = NULL WHERE institution = ? AND state IN ('queued', 'claimed') AND delivery_no IN`;
/** index delivery_due */
export const SELECT_PARKED = `SELECT d.delivery_no, d.first_sent_at FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${OPEN_STATES_SQL} AND d.state = 'held' AND d.hold = ?
  ORDER BY d.priority, d.delivery_no LIMIT ${String(BLOCK)}`;
/** index delivery_due; one that the platform never saw goes first: some platforms take no number twice */
export const SELECT_PROBE = `SELECT d.delivery_no, d.first_sent_at FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${OPEN_STATES_SQL} AND d.state = 'held' AND d.hold = ?
  ORDER BY CASE WHEN d.first_sent_at IS NULL THEN 0 ELSE 1 END, d.priority, d.delivery_no LIMIT 1`;
/** index delivery_due */
export const COUNT_PARKED = `SELECT COUNT(*) AS n FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${OPEN_STATES_SQL} AND d.state = 'held' AND d.hold = ?`;
const QUEUE = `UPDATE delivery SET state = 'queued', hold = NULL, reason = NULL, peer_code = NULL, detail = NULL, due_at = ? WHERE institution = ? AND state = 'held' AND hold = ? AND delivery_no IN`;
const REFUSE = `UPDATE delivery SET state = 'rejected', hold = NULL, settled_at = ? WHERE institution = ? AND state = 'held' AND hold = ? AND delivery_no IN`;
const TAKE_BACK = `UPDATE delivery SET state = 'held', hold = ?, settled_at = NULL WHERE institution = ? AND state = 'rejected' AND delivery_no IN`;

/** index delivery_attention, read from its end */
export const SELECT_REFUSED = `SELECT d.delivery_no, d.subject_no, d.covers, d.detail, d.settled_at FROM delivery d WHERE d.institution = ? AND d.destination = ? AND d.${ATTENTION_STATES_SQL} AND d.state = 'rejected'
  AND d.operation = ? AND d.reason = ? AND d.settled_at >= ? ORDER BY d.delivery_no DESC LIMIT 20`;
/** primary key of delivery_attempt */
export const SELECT_REFUSED_BEFORE = `SELECT MAX(at) AS at FROM delivery_attempt WHERE institution = ? AND delivery_no = ? AND result = 'rejected'`;
/** primary key of event_line */
export const SELECT_DRUGS = 'SELECT line_no, drug FROM event_line WHERE institution = ? AND event_no = ?';
/** index event_by_day */
export const SELECT_FIRST_EVENT = 'SELECT event_no FROM event WHERE institution = ? AND occurred_on >= ? ORDER BY occurred_on, event_no LIMIT 1';
/** index event_line_by_drug, then delivery_by_event */
export const SELECT_PRODUCT_ACCEPTED = `SELECT d.last_sent_at FROM event_line l JOIN delivery d ON d.institution = l.institution AND d.event_no = l.event_no
  WHERE l.institution = ? AND l.drug = ? AND l.event_no >= ? AND d.destination = ? AND d.operation = ? AND d.state IN ('accepted', 'duplicate') AND d.last_sent_at >= ? LIMIT 1`;
/** primary key of delivery, a piece of it */
export const SELECT_OPERATION_ACCEPTED = `SELECT d.last_sent_at FROM delivery d WHERE d.institution = ? AND d.delivery_no > ? AND d.delivery_no < ? AND d.destination = ? AND d.operation = ?
  AND d.state IN ('accepted', 'duplicate') AND d.last_sent_at >= ? LIMIT 1`;

interface GroupRow {
  readonly group_no: number; readonly destination: string; readonly operation: string; readonly product: string; readonly reason: FaultReason; readonly text_key: string; readonly sample: string;
  readonly opened_at: number; readonly probe_no: number | null; readonly probe_at: number; readonly probes: number; readonly alerted_at: number | null;
}

function groupOf(row: GroupRow): DriftGroup {
  return {
    groupNo: row.group_no, destination: row.destination, operation: row.operation, product: row.product, reason: row.reason, textKey: row.text_key, sample: row.sample,
    openedAt: row.opened_at, probeNo: row.probe_no ?? undefined, probeAt: row.probe_at, probes: row.probes, alertedAt: row.alerted_at ?? undefined,
  };
}

export async function openGroups(q: SqlQuery, institution: string): Promise<DriftGroup[]> {
  return (await q.all<GroupRow>(SELECT_OPEN, [institution])).map(groupOf);
}

export async function findGroup(q: SqlQuery, institution: string, key: DriftKey): Promise<DriftGroup | undefined> {
  const row = await q.get<GroupRow>(SELECT_GROUP, [institution, key.destination, key.operation, key.product, key.reason, key.textKey]);
  return row === undefined ? undefined : groupOf(row);
}

export async function openGroup(q: SqlQuery, institution: string, opening: DriftKey & { readonly sample: string; readonly nowMs: number }): Promise<DriftGroup> {
  const { nowMs, ...key } = opening;
  const reserved = await q.get<{ next_value: number }>(RESERVE, [institution, 'drift-group', 2, 1]);
  const groupNo = (reserved?.next_value ?? 2) - 1;
  const probeAt = nowMs + PROBE_EVERY_MS;
  await q.run(INSERT_GROUP, [institution, groupNo, key.destination, key.operation, key.product, key.reason, key.textKey, key.sample, nowMs, probeAt]);
  return { ...key, groupNo, openedAt: nowMs, probeNo: undefined, probeAt, probes: 0, alertedAt: undefined };
}

/** What stands in `delivery.hold` of a parked report. */
export function holdOf(group: Pick<DriftGroup, 'groupNo'>): string {
  return `drift:${String(group.groupNo)}`;
}

/** Parks what waits to be sent and belongs to the group, at most one block. @returns how many */
export async function park(q: SqlQuery, institution: string, group: DriftGroup): Promise<number> {
  const params = [institution, group.destination, group.operation, group.probeNo ?? 0, ...(group.product === ANY_PRODUCT ? [] : [group.product])];
  const rows = await q.all<{ delivery_no: number }>(selectToPark(group.product), params);
  return changeAll(q, PARK, [holdOf(group), group.reason, `疑似平台变更，暂缓上报：${group.sample}`, institution], rows);
}

/** Takes refused reports into the group, so that they go again with the others. */
export function takeIn(q: SqlQuery, institution: string, group: DriftGroup, deliveryNos: readonly number[]): Promise<number> {
  return changeAll(q, TAKE_BACK, [holdOf(group), institution], deliveryNos.map((delivery_no) => ({ delivery_no })));
}

/** Lets reports go: they are due now. */
export function queue(q: SqlQuery, institution: string, group: Pick<DriftGroup, 'groupNo'>, going: { readonly rows: readonly { readonly delivery_no: number }[]; readonly nowMs: number }): Promise<number> {
  return changeAll(q, QUEUE, [going.nowMs, institution, holdOf(group)], going.rows);
}

/** Files reports as refused: what the platform saw under a number that it never takes again needs a new one. */
export function refuse(q: SqlQuery, institution: string, group: Pick<DriftGroup, 'groupNo'>, going: { readonly rows: readonly { readonly delivery_no: number }[]; readonly nowMs: number }): Promise<number> {
  return changeAll(q, REFUSE, [going.nowMs, institution, holdOf(group)], going.rows);
}

const AT_ONCE = 100;

async function changeAll(q: SqlQuery, statement: string, before: readonly (string | number)[], rows: readonly { readonly delivery_no: number }[]): Promise<number> {
  let changed = 0;
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const numbers = rows.slice(at, at + AT_ONCE).map((row) => row.delivery_no);
    // one text for every block: a short one repeats its last number
    const last = numbers.at(-1) ?? 0;
    changed += await q.run(`${statement} (${Array.from({ length: AT_ONCE }, () => '?').join(',')})`, [...before, ...Array.from({ length: AT_ONCE }, (_, index) => numbers[index] ?? last)]);
  }
  return changed;
}

/** @returns the one drug a report is about, undefined when there are several or none */
export async function drugOf(q: SqlQuery, institution: string, report: { readonly subjectNo: number; readonly covers: readonly string[] }): Promise<string | undefined> {
  const rows = await q.all<{ line_no: string; drug: string }>(SELECT_DRUGS, [institution, report.subjectNo]);
  const drugs = new Set(rows.filter((row) => report.covers.length === 0 || report.covers.includes(row.line_no)).map((row) => row.drug));
  const [drug, ...others] = drugs;
  return others.length === 0 ? drug : undefined;
}

/**
 * @returns whether the platform accepted a report of the product (or, for '*', of the operation near this delivery) that was sent at or
 * after the moment; what was under way before says nothing of the platform as it is since
 */
export async function acceptedSince(q: SqlQuery, institution: string, key: Pick<DriftKey, 'destination' | 'operation' | 'product'>, when: { readonly since: number; readonly nearNo: number; readonly day: string }): Promise<boolean> {
  if (key.product === ANY_PRODUCT) {
    return await q.get(SELECT_OPERATION_ACCEPTED, [institution, when.nearNo - AROUND, when.nearNo + AROUND, key.destination, key.operation, when.since]) !== undefined;
  }
  const first = await q.get<{ event_no: number }>(SELECT_FIRST_EVENT, [institution, when.day]);
  if (first === undefined) return false;
  return await q.get(SELECT_PRODUCT_ACCEPTED, [institution, key.product, first.event_no, key.destination, key.operation, when.since]) !== undefined;
}

