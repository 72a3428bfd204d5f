import type { TraceEvent } from '../domain/event.ts';
import { formatQuantity, wholeQuantity } from '../domain/quantity.ts';
import { packsInLevel, type Drug } from '../domain/drug.ts';
import { asCounted } from '../domain/line-kind.ts';
import { convertQuantity } from '../domain/unit-conversion.ts';
import { withSettlement } from '../intake/settlement.ts';
import { readCode, loadMoves } from '../ledger/ledger-store.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { LineCode, ReportedEvent } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { reportLine } from './report-line.ts';

/** primary key of event */
export const SELECT_EVENT_BODY = `SELECT body FROM event WHERE institution = ? AND event_no = ?`;

export interface Loading { readonly q: SqlQuery; readonly institution: Institution; readonly catalogue: DrugLookup }

/**
 * Rebuilds what a destination needs of an event from what is on file, with today's catalogue, so that a report refused for
 * a missing catalogue entry is right once the entry was mended.
 * @param covers line numbers wanted; empty = every line
 */
export async function loadReported(loading: Loading, eventNo: number, covers: readonly string[]): Promise<ReportedEvent | undefined> {
  const { q, institution, catalogue } = loading;
  const row = await q.get<{ body: string }>(SELECT_EVENT_BODY, [institution.code, eventNo]);
  if (row === undefined) return undefined;
  const event = await withSettlement(q, JSON.parse(row.body) as TraceEvent, eventNo);
  const told = event.lines.filter((line) => covers.length === 0 || covers.includes(line.lineNo));
  const drugs = await catalogue.lookup(q, institution.code, [...new Set(told.map((line) => line.drug))]);
  const lines = told.map((line) => (event.kind === 'split-open' ? line : asCounted(line, drugs.get(line.drug))));
  const codes = await loadLineCodes(loading, eventNo, new Map(lines.map((line) => [line.lineNo, { split: line.split, drug: drugs.get(line.drug) }])));
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

async function loadLineCodes(loading: Loading, eventNo: number, lines: ReadonlyMap<string, { readonly split: boolean; readonly drug: Drug | undefined }>): Promise<Map<string, LineCode[]>> {
  const byLine = new Map<string, LineCode[]>();
  for (const move of await loadMoves(loading.q, loading.institution.code, eventNo)) {
    const line = lines.get(move.lineNo);
    const row = line === undefined ? undefined : await readCode(loading.q, loading.institution.code, move.code);
    if (line === undefined || row === undefined) continue;
    const taken = move.units < 0n ? -move.units : move.units;
    const whole = row.unitsTotal ?? wholeQuantity(packsInLevel(line.drug, row.level));
    const codes = byLine.get(move.lineNo) ?? [];
    byLine.set(move.lineNo, codes);
    codes.push({
      code: row.code, scheme: row.scheme, prefix: row.prefix, level: row.level, units: formatQuantity(line.split ? taken : whole), firstOpening: move.firstOpening,
      // the move that took the last units is the one after which the pack was no longer open
      ...(line.split && move.units > 0n && move.to !== 'opened' ? { emptied: true } : {}),
      ...(row.lot === undefined ? {} : { lot: row.lot }),
      ...(row.producedOn === undefined ? {} : { producedOn: row.producedOn }),
      ...(row.expiresOn === undefined ? {} : { expiresOn: row.expiresOn }),
    });
  }
  return byLine;
}
