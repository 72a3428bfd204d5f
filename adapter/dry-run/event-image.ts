import type { EventKind, TraceEvent } from '../domain/event.ts';
import type { DeliveryState } from '../delivery/states.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';

/** One line as the store has it: what was told, and what was made of it. */
export interface LineImage {
  readonly lineNo: string;
  readonly drug: string;
  readonly quantity: string;
  readonly unit: string;
  /** in smallest units; undefined when it could not be converted */
  readonly units: string | undefined;
  readonly split: boolean;
  readonly exclusion: string | undefined;
}

/** What a line did to a code. */
export interface MoveImage { readonly lineNo: string; readonly code: string; readonly from: string; readonly to: string; /** millionths of smallest units */ readonly units: string }

export interface FindingImage { readonly lineNo: string; readonly code: string; readonly severity: string; readonly traceCode: string | undefined }

/** Whether a report goes out: `any` where its later life says nothing about how it was planned. */
export type Fate = 'goes' | 'not-owed' | 'attention' | 'any';

/** A report by what its plan says, apart from keys. */
export interface ReportImage {
  readonly destination: string;
  readonly operation: string;
  readonly covers: readonly string[];
  readonly codes: readonly string[];
  readonly fate: Fate;
  /** why it is not owed or needs attention */
  readonly reason: string | undefined;
}

/** Everything about one event that a dry run compares. */
export interface EventImage {
  readonly eventNo: number;
  readonly event: TraceEvent;
  readonly lines: readonly LineImage[];
  readonly moves: readonly MoveImage[];
  readonly findings: readonly FindingImage[];
  readonly reports: readonly ReportImage[];
}

/** index event_key */
export const SELECT_EVENT = `SELECT event_no, body FROM event WHERE institution = ? AND source = ? AND event_id = ?`;
/** primary key of event_line */
export const SELECT_LINES = `SELECT line_no, drug, quantity, unit, units, split, exclusion FROM event_line WHERE institution = ? AND event_no = ? ORDER BY line_no`;
/** index code_event_by_event */
export const SELECT_MOVES = `SELECT line_no, code, from_state, to_state, units FROM code_event WHERE institution = ? AND event_no = ? ORDER BY line_no, code`;
/** primary key of finding */
export const SELECT_FINDINGS = `SELECT line_no, code, severity, trace_code FROM finding WHERE institution = ? AND event_no = ? ORDER BY finding_no`;
/** index delivery_by_event; a return and the held dispense it closed are linked by waits of kind 2 (primary key and delivery_wait_for) */
export const SELECT_REPORTS = `SELECT d.destination, d.operation, d.covers, d.codes, d.state, d.reason, d.detail, d.first_sent_at,
  (EXISTS (SELECT 1 FROM delivery_wait w WHERE w.institution = d.institution AND w.delivery_no = d.delivery_no AND w.hard = 2)
   OR EXISTS (SELECT 1 FROM delivery_wait w WHERE w.institution = d.institution AND w.waits_for = d.delivery_no AND w.hard = 2)) AS closed
  FROM delivery d WHERE d.institution = ? AND d.event_no = ? ORDER BY d.delivery_no`;

interface StoredReport { destination: string; operation: string; covers: string; codes: string; state: DeliveryState; reason: string | null; detail: string | null; first_sent_at: number | null; closed: number | boolean }

/** @returns everything on file about the event, or undefined when it is not there */
export async function loadImage(q: SqlQuery, key: { readonly institution: string; readonly source: string; readonly id: string }): Promise<EventImage | undefined> {
  const row = await q.get<{ event_no: number; body: string }>(SELECT_EVENT, [key.institution, key.source, key.id]);
  if (row === undefined) return undefined;
  const at = [key.institution, row.event_no];
  const lines = await q.all<{ line_no: string; drug: string; quantity: string; unit: string; units: string | null; split: number; exclusion: string | null }>(SELECT_LINES, at);
  const moves = await q.all<{ line_no: string; code: string; from_state: string; to_state: string; units: string }>(SELECT_MOVES, at);
  const findings = await q.all<{ line_no: string; code: string; severity: string; trace_code: string | null }>(SELECT_FINDINGS, at);
  const reports = await q.all<StoredReport>(SELECT_REPORTS, at);
  const event = JSON.parse(row.body) as TraceEvent;
  return {
    eventNo: row.event_no, event,
    lines: lines.map((line) => ({ lineNo: line.line_no, drug: line.drug, quantity: line.quantity, unit: line.unit, units: line.units ?? undefined, split: line.split === 1, exclusion: line.exclusion ?? undefined })),
    moves: moves.map((move) => ({ lineNo: move.line_no, code: move.code, from: move.from_state, to: move.to_state, units: move.units })),
    findings: findings.map((finding) => ({ lineNo: finding.line_no, code: finding.code, severity: finding.severity, traceCode: finding.trace_code ?? undefined })),
    reports: reports.map((report) => reportImage(report, event.kind)),
  };
}

function reportImage(row: StoredReport, kind: EventKind): ReportImage {
  const fate = fateOf(row, kind);
  const reason = fate === 'not-owed' ? row.detail : fate === 'attention' ? row.reason : null;
  return { destination: row.destination, operation: row.operation, covers: JSON.parse(row.covers) as string[], codes: (JSON.parse(row.codes) as string[]).sort(), fate, reason: reason ?? undefined };
}

function fateOf(row: StoredReport, kind: EventKind): Fate {
  // taken back, or closed together with a return, before it went out: how it was planned is no longer to be seen
  if (row.state === 'withdrawn' || Number(row.closed) !== 0) return 'any';
  // whether something has to be taken back depends on what had gone out by then
  if (kind === 'void' && row.operation === 'nothing-to-reverse') return 'any';
  if (row.state === 'not-owed') return 'not-owed';
  return row.state === 'needs-attention' && row.first_sent_at === null ? 'attention' : 'goes';
}
