import type { SqlDriver } from '../ports/sql-driver.ts';
import type { Fate, LineExpectation } from './demo-parts.ts';

/** What became of a line; `open` = still on its way, `missing` = nobody took care of it. */
export type ActualFate = Fate | 'open' | 'missing';

interface Row { readonly event_no: number; readonly covers: string; readonly state: string; readonly delivery_no: number }

const EVENT = `SELECT event_no FROM event WHERE institution = ? AND source = ? AND event_id = ?`;
const DELIVERIES = `SELECT event_no, covers, state, delivery_no FROM delivery WHERE institution = ? AND event_no = ? AND destination = ?`;
const REVERSAL = `SELECT state FROM delivery WHERE institution = ? AND reverses = ?`;
const VOIDED = `SELECT 1 AS voided FROM event WHERE institution = ? AND source = ? AND refers = ? AND kind = 'void'`;

/** Looks up on file what became of a line at a destination. */
export async function fateOf(driver: SqlDriver, institution: string, line: Pick<LineExpectation, 'source' | 'eventId' | 'lineNo'>, destination: string): Promise<ActualFate> {
  return driver.read(async (q) => {
    const event = await q.get<{ event_no: number }>(EVENT, [institution, line.source, line.eventId]);
    if (event === undefined) return 'missing';
    const rows = (await q.all<Row>(DELIVERIES, [institution, event.event_no, destination])).filter((row) => (JSON.parse(row.covers) as string[]).includes(line.lineNo));
    if (rows.length === 0) return 'missing';
    const voided = (await q.get(VOIDED, [institution, line.source, line.eventId])) !== undefined;
    if (voided) {
      const states: string[] = [];
      for (const row of rows) states.push(row.state === 'accepted' || row.state === 'duplicate' ? (await q.get<{ state: string }>(REVERSAL, [institution, row.delivery_no]))?.state ?? 'missing' : row.state);
      return voidedFate(states);
    }
    return plainFate(rows.map((row) => row.state));
  });
}

function plainFate(states: readonly string[]): ActualFate {
  if (states.some((state) => state === 'rejected' || state === 'needs-attention')) return 'attention';
  if (states.includes('held')) return 'held';
  if (states.some((state) => ['queued', 'claimed', 'sent', 'processing', 'unknown'].includes(state))) return 'open';
  return states.some((state) => state === 'accepted' || state === 'duplicate') ? 'reported' : 'excluded';
}

function voidedFate(states: readonly string[]): ActualFate {
  if (states.every((state) => state === 'not-owed')) return 'excluded';
  if (states.some((state) => state === 'rejected' || state === 'needs-attention')) return 'attention';
  return states.every((state) => ['withdrawn', 'accepted', 'duplicate', 'not-owed'].includes(state)) ? 'taken-back' : 'open';
}
