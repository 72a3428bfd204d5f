import type { SqlQuery } from '../../ports/sql-driver.ts';
import { marks } from './conditions.ts';

/** Reading of one day for the completeness figures: events of the day in order, their lines, and the deliveries that cover them. */
export interface DayEventRow { readonly event_no: number; readonly source: string; readonly event_id: string; readonly kind: string; readonly document_no: string | null }

export interface DayLineRow { readonly event_no: number; readonly line_no: string; readonly drug: string; readonly exclusion: string | null }

export interface DayDeliveryRow {
  readonly delivery_no: number; readonly event_no: number; readonly destination: string; readonly operation: string; readonly covers: string;
  readonly state: string; readonly hold: string | null; readonly reason: string | null; readonly detail: string | null; readonly reverses: number | null;
}

export interface DayChunk {
  readonly events: readonly DayEventRow[];
  readonly lines: readonly DayLineRow[];
  readonly deliveries: readonly DayDeliveryRow[];
  /** last event of the chunk; undefined when the day is through */
  readonly lastEventNo: number | undefined;
}

/** Events read at a time: short reads, so that the summary of a big day keeps nobody waiting. */
export const CHUNK_EVENTS = 500;

/** index event_by_day, read alone: SQLite takes it beside the primary key only where it need not touch the row */
export const SELECT_DAY_NUMBERS = `SELECT event_no FROM event WHERE institution = ? AND occurred_on = ? AND event_no > ? ORDER BY event_no LIMIT ${String(CHUNK_EVENTS)}`;
const NUMBERS = marks(CHUNK_EVENTS);
/** primary key of event */
export const SELECT_CHUNK_EVENTS = `SELECT event_no, source, event_id, kind, document_no FROM event WHERE institution = ? AND event_no IN (${NUMBERS})`;
/** primary key of event_line */
export const SELECT_CHUNK_LINES = `SELECT event_no, line_no, drug, exclusion FROM event_line WHERE institution = ? AND event_no IN (${NUMBERS}) ORDER BY event_no, line_no`;
/** index delivery_by_event */
export const SELECT_CHUNK_DELIVERIES = `SELECT delivery_no, event_no, destination, operation, covers, state, hold, reason, detail, reverses FROM delivery
  WHERE institution = ? AND event_no IN (${NUMBERS}) ORDER BY event_no, delivery_no`;

/** @returns the next events of the day after `afterEventNo` (0 to begin) with their lines and deliveries */
export async function readDayChunk(q: SqlQuery, institution: string, day: string, afterEventNo: number): Promise<DayChunk> {
  const found = (await q.all<{ event_no: number }>(SELECT_DAY_NUMBERS, [institution, day, afterEventNo])).map((row) => row.event_no);
  const last = found.at(-1);
  if (last === undefined) return { events: [], lines: [], deliveries: [], lastEventNo: undefined };
  // one text for every chunk, so that it is prepared once: a short chunk repeats its last number
  const params = [institution, ...Array.from({ length: CHUNK_EVENTS }, (_, at) => found[at] ?? last)];
  return {
    events: await q.all<DayEventRow>(SELECT_CHUNK_EVENTS, params),
    lines: await q.all<DayLineRow>(SELECT_CHUNK_LINES, params),
    deliveries: await q.all<DayDeliveryRow>(SELECT_CHUNK_DELIVERIES, params),
    lastEventNo: last,
  };
}
