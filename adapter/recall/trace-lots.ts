import { chinaDateTime } from '../domain/china-time.ts';
import type { Drug } from '../domain/drug.ts';
import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';
import { approvalKey, EVERY_LOT, lotKey } from './recalled-lots.ts';

/** Where the packs of recalled lots are, and who got them. Read only; every list is bounded and says when it was cut. */
export interface LotPlace { readonly drug: string; readonly lot: string }

export interface TracedCode extends LotPlace {
  readonly code: string;
  readonly state: string;
  readonly location: string | undefined;
  /** millionths of the smallest unit, as stored */
  readonly unitsLeft: bigint | undefined;
}

export interface TracedVisit extends LotPlace {
  /** numbers of the HIS; whoever may not see them is not shown them */
  readonly visitNo: string | undefined;
  readonly documentNo: string | undefined;
  readonly location: string | undefined;
  /** yyyy-MM-dd HH:mm:ss in China */
  readonly at: string;
  /** '' for a line that was dispensed without a code */
  readonly code: string;
  /** it came back since, or the dispense was voided */
  readonly returned: boolean;
}

const PAGE = 1_000;
const MAX_DRUGS = 50_000;

/** primary key of drug */
export const SELECT_DRUGS = `SELECT drug, body FROM drug WHERE institution = ? AND drug > ? ORDER BY drug LIMIT ${String(PAGE)}`;
/** index code_by_lot, from drug to drug: also those the catalogue does not know */
export const SELECT_NEXT_DRUG = 'SELECT MIN(drug) AS drug FROM code WHERE institution = ? AND drug > ?';
export const SELECT_NEXT_LOT = 'SELECT MIN(lot) AS lot FROM code WHERE institution = ? AND drug = ? AND lot > ?';
/** index code_by_lot */
export const COUNT_STATES = 'SELECT state, COUNT(*) AS n FROM code WHERE institution = ? AND drug = ? AND lot = ? GROUP BY state';
export const COUNT_UNKNOWN_LOT = "SELECT COUNT(*) AS n FROM code WHERE institution = ? AND drug = ? AND lot IS NULL AND state IN ('in-stock', 'opened')";
export const SELECT_CODES = 'SELECT code, state, location, units_left FROM code WHERE institution = ? AND drug = ? AND lot = ? AND code > ? ORDER BY code LIMIT ?';
/** index code_by_lot, primary keys of code_event and event */
export const SELECT_HANDED_OUT = `SELECT m.code, m.event_no, m.units, e.kind, e.occurred_at, e.visit_no, e.document_no, e.location FROM code c
  JOIN code_event m ON m.institution = c.institution AND m.code = c.code JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no
  WHERE c.institution = ? AND c.drug = ? AND c.lot = ? AND e.kind IN ('dispense', 'dispense-return', 'void') ORDER BY m.code, m.event_no LIMIT ?`;
/** index event_line_by_drug, primary key of event */
export const SELECT_UNCODED = `SELECT e.occurred_at, e.visit_no, e.document_no, e.location FROM event_line l JOIN event e ON e.institution = l.institution AND e.event_no = l.event_no
  WHERE l.institution = ? AND l.drug = ? AND l.lot = ? AND l.code_count = 0 AND e.kind = 'dispense' ORDER BY l.event_no LIMIT ?`;

/** @returns HIS drug ids of the product, by the catalogue */
export async function drugsOfApproval(q: SqlQuery, institution: string, approvalNo: string): Promise<readonly string[]> {
  const wanted = approvalKey(approvalNo);
  const drugs: string[] = [];
  let after = '';
  for (let seen = 0; seen < MAX_DRUGS; seen += PAGE) {
    const rows = await q.all<{ drug: string; body: string }>(SELECT_DRUGS, [institution, after]);
    for (const row of rows) {
      const { approvalNo: own } = JSON.parse(row.body) as Drug;
      if (own !== undefined && approvalKey(own) === wanted) drugs.push(row.drug);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    after = last.drug;
  }
  return drugs;
}

/** @returns every drug the ledger has codes of */
async function drugsWithCodes(q: SqlQuery, institution: string): Promise<readonly string[]> {
  return walk(q, SELECT_NEXT_DRUG, [institution], 'drug');
}

async function walk(q: SqlQuery, sql: string, before: readonly SqlValue[], column: 'drug' | 'lot'): Promise<readonly string[]> {
  const found: string[] = [];
  let after = '';
  for (let at = 0; at < MAX_DRUGS; at += 1) {
    const row = await q.get<Record<string, string | null>>(sql, [...before, after]);
    const next = row?.[column];
    if (next === undefined || next === null) break;
    found.push(next);
    after = next;
  }
  return found;
}

/**
 * Which drug ids and lots, as the ledger spells them, are meant.
 * @param wanted lots as in the notice, `*` = every one; without an approval number every drug that has the lot
 */
export async function placesOf(q: SqlQuery, institution: string, wanted: { readonly approvalNo?: string | undefined; readonly lots: readonly string[] }): Promise<{ readonly places: readonly LotPlace[]; readonly drugs: readonly string[] }> {
  const drugs = wanted.approvalNo === undefined ? await drugsWithCodes(q, institution) : await drugsOfApproval(q, institution, wanted.approvalNo);
  const keys = new Set(wanted.lots.map((lot) => (lot === EVERY_LOT ? lot : lotKey(lot))));
  const places: LotPlace[] = [];
  for (const drug of drugs) {
    for (const lot of await walk(q, SELECT_NEXT_LOT, [institution, drug], 'lot')) if (keys.has(EVERY_LOT) || keys.has(lotKey(lot))) places.push({ drug, lot });
  }
  return { places, drugs };
}

export interface LotCounts { readonly byState: Readonly<Record<string, number>>; readonly total: number; /** in stock or opened */ readonly here: number; /** packs of the product here whose lot nobody knows */ readonly lotUnknown: number }

export async function countPlaces(q: SqlQuery, institution: string, { places, drugs }: { readonly places: readonly LotPlace[]; readonly drugs: readonly string[] }, byApproval: boolean): Promise<LotCounts> {
  const byState: Record<string, number> = {};
  for (const { drug, lot } of places) for (const { state, n } of await q.all<{ state: string; n: number }>(COUNT_STATES, [institution, drug, lot])) byState[state] = (byState[state] ?? 0) + n;
  let lotUnknown = 0;
  if (byApproval) for (const drug of drugs) lotUnknown += (await q.get<{ n: number }>(COUNT_UNKNOWN_LOT, [institution, drug]))?.n ?? 0;
  const total = Object.values(byState).reduce((sum, n) => sum + n, 0);
  return { byState, total, here: (byState['in-stock'] ?? 0) + (byState['opened'] ?? 0), lotUnknown };
}

/** @returns the codes after a place in the list, in the order of drug, lot and code; at most `limit` */
export async function listCodes(q: SqlQuery, institution: string, places: readonly LotPlace[], page: { readonly after?: TracedCode | undefined; readonly limit: number }): Promise<readonly TracedCode[]> {
  const codes: TracedCode[] = [];
  const start = page.after === undefined ? 0 : places.findIndex(({ drug, lot }) => drug === page.after?.drug && lot === page.after.lot);
  for (const [at, place] of places.slice(Math.max(start, 0)).entries()) {
    if (codes.length >= page.limit) break;
    const rows = await q.all<{ code: string; state: string; location: string | null; units_left: string | null }>(SELECT_CODES, [institution, place.drug, place.lot, at === 0 && page.after !== undefined ? page.after.code : '', page.limit - codes.length]);
    for (const row of rows) codes.push({ ...place, code: row.code, state: row.state, location: row.location ?? undefined, unitsLeft: row.units_left === null ? undefined : BigInt(row.units_left) });
  }
  return codes;
}

interface HandedRow { code: string; event_no: number; units: string; kind: string; occurred_at: number; visit_no: string | null; document_no: string | null; location: string | null }

/** @returns every dispense of the lots, with what came back since, and those recorded without a code; at most `limit` rows of each lot are read */
export async function listVisits(q: SqlQuery, institution: string, places: readonly LotPlace[], limit: number): Promise<{ readonly visits: readonly TracedVisit[]; readonly truncated: boolean }> {
  const visits: TracedVisit[] = [];
  let truncated = false;
  for (const place of places) {
    const rows = await q.all<HandedRow>(SELECT_HANDED_OUT, [institution, place.drug, place.lot, limit]);
    truncated ||= rows.length >= limit;
    for (const [at, row] of rows.entries()) {
      if (row.kind !== 'dispense') continue;
      const next = rows[at + 1];
      // an opened pack goes to many: what came back of it is told by units, not by this list
      const whole = row.units === '0' && next?.units === '0';
      visits.push({ ...visitOf(place, row), code: row.code, returned: whole && next.code === row.code && next.kind !== 'dispense' });
    }
    const uncoded = await q.all<Omit<HandedRow, 'code' | 'event_no' | 'kind' | 'units'>>(SELECT_UNCODED, [institution, place.drug, place.lot, limit]);
    truncated ||= uncoded.length >= limit;
    for (const row of uncoded) visits.push({ ...visitOf(place, row), code: '', returned: false });
  }
  return { visits: visits.slice(0, limit), truncated: truncated || visits.length > limit };
}

function visitOf(place: LotPlace, row: Omit<HandedRow, 'code' | 'event_no' | 'kind' | 'units'>): Omit<TracedVisit, 'code' | 'returned'> {
  return { ...place, at: chinaDateTime(row.occurred_at), visitNo: row.visit_no ?? undefined, documentNo: row.document_no ?? undefined, location: row.location ?? undefined };
}
