import type { TraceEvent } from '../domain/event.ts';
import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';
import type { HistoryEvent, Move } from './export-event.ts';

export interface HistoryFilter {
  readonly institution: string;
  /** only events after this number: the page before */
  readonly after: number;
  /** events read at most */
  readonly limit: number;
  readonly kinds?: readonly string[] | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** canonical text */
  readonly code?: string | undefined;
}

interface Row { readonly event_no: number; readonly source: string; readonly event_id: string; readonly kind: string; readonly refers: string | null; readonly received_at: number; readonly body: string }
interface MoveRow { readonly event_no: number; readonly line_no: string; readonly code: string; readonly to_state: string; readonly units: string }

/** @returns one page of the history, oldest first, with the number of the last event read when there may be more */
export async function readHistory(q: SqlQuery, filter: HistoryFilter): Promise<{ readonly events: readonly HistoryEvent[]; readonly next: number | undefined }> {
  const rows = await q.all<Row>(...select(filter));
  const events: HistoryEvent[] = [];
  for (const row of rows) events.push(await historyOf(q, filter.institution, row));
  return { events, next: rows.length === filter.limit ? rows.at(-1)?.event_no : undefined };
}

/** primary key of event; by code through the primary key of code_event */
function select(filter: HistoryFilter): [string, readonly SqlValue[]] {
  const where = ['e.institution = ?', 'e.event_no > ?'];
  const params: SqlValue[] = [filter.institution, filter.after];
  const and = (condition: string, ...values: SqlValue[]): void => {
    where.push(condition);
    params.push(...values);
  };
  if (filter.code !== undefined) and('e.event_no IN (SELECT m.event_no FROM code_event m WHERE m.institution = ? AND m.code = ?)', filter.institution, filter.code);
  if (filter.kinds?.length === 0) and('1 = 0');
  else if (filter.kinds !== undefined) and(`e.kind IN (${filter.kinds.map(() => '?').join(', ')})`, ...filter.kinds);
  if (filter.fromMs !== undefined) and('e.occurred_at >= ?', filter.fromMs);
  if (filter.toMs !== undefined) and('e.occurred_at < ?', filter.toMs);
  params.push(filter.limit);
  return [`SELECT e.event_no, e.source, e.event_id, e.kind, e.refers, e.received_at, e.body FROM event e WHERE ${where.join(' AND ')} ORDER BY e.event_no LIMIT ?`, params];
}

async function historyOf(q: SqlQuery, institution: string, row: Row): Promise<HistoryEvent> {
  const base = { event: JSON.parse(row.body) as TraceEvent, receivedAt: row.received_at, moves: await movesOf(q, institution, row.event_no) };
  if (row.kind === 'void') {
    const cancelled = await q.get<Row>('SELECT event_no, source, event_id, kind, refers, received_at, body FROM event WHERE institution = ? AND source = ? AND event_id = ?', [institution, row.source, row.refers]);
    return cancelled === undefined ? base : { ...base, cancelled: { event: JSON.parse(cancelled.body) as TraceEvent, moves: await movesOf(q, institution, cancelled.event_no) } };
  }
  const voided = await q.get<{ event_id: string; received_at: number }>("SELECT event_id, received_at FROM event WHERE institution = ? AND source = ? AND refers = ? AND kind = 'void' ORDER BY event_no LIMIT 1", [institution, row.source, row.event_id]);
  return voided === undefined ? base : { ...base, voided: { id: voided.event_id, receivedAt: voided.received_at } };
}

/** index code_event_by_event */
async function movesOf(q: SqlQuery, institution: string, eventNo: number): Promise<Move[]> {
  const rows = await q.all<MoveRow>('SELECT event_no, line_no, code, to_state, units FROM code_event WHERE institution = ? AND event_no = ? ORDER BY line_no, code', [institution, eventNo]);
  return rows.map((row) => ({ lineNo: row.line_no, code: row.code, to: row.to_state, units: row.units }));
}
