import type { TraceEvent } from '../domain/event.ts';
import { asCounted } from '../domain/line-kind.ts';
import { convertQuantity } from '../domain/unit-conversion.ts';
import { withSettlement } from '../intake/settlement.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { ReportedEvent } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { loadLineCodes } from './line-codes.ts';
import { reportLine } from './report-line.ts';

/** primary key of event */
export const SELECT_EVENT_BODY = `SELECT body FROM event WHERE institution = ? AND event_no = ?`;

export interface Loading {
  readonly q: SqlQuery;
  readonly institution: Institution;
  readonly catalogue: DrugLookup;
  /** ends a long load; it throws then */
  readonly signal?: AbortSignal;
}

/**
 * Rebuilds what a destination needs of an event from what is on file, with today's catalogue, so that a report refused for
 * a missing catalogue entry is right once the entry was mended. The ledger is read for the lines wanted and for no others: a
 * receipt of 20,000 codes has some hundred reports, each of which speaks for one line.
 * @param covers line numbers wanted; empty = every line
 */
export async function loadReported(loading: Loading, eventNo: number, covers: readonly string[]): Promise<ReportedEvent | undefined> {
  const { q, institution, catalogue, signal } = loading;
  const row = await q.get<{ body: string }>(SELECT_EVENT_BODY, [institution.code, eventNo]);
  if (row === undefined) return undefined;
  const event = await withSettlement(q, JSON.parse(row.body) as TraceEvent, eventNo);
  const wanted = new Set(covers);
  const told = event.lines.filter((line) => wanted.size === 0 || wanted.has(line.lineNo));
  const drugs = await catalogue.lookup(q, institution.code, [...new Set(told.map((line) => line.drug))]);
  const lines = told.map((line) => asCounted(line, drugs.get(line.drug), event.kind));
  const codes = await loadLineCodes(q, { institution: institution.code, eventNo, signal, lines: new Map(lines.map((line) => [line.lineNo, { split: line.split, drug: drugs.get(line.drug) }])) });
  return {
    institution, event,
    lines: lines.map((line) => {
      const drug = drugs.get(line.drug);
      const converted = drug === undefined ? undefined : convertQuantity(drug, line.quantity, line.unit);
      const fits = converted !== undefined && !('problem' in converted) ? converted : undefined;
      return reportLine({ line, drug, units: fits?.units, packs: fits?.packs }, codes.get(line.lineNo) ?? []);
    }),
  };
}
