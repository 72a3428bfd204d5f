import type { Drug } from '../domain/drug.ts';
import { packsInLevel } from '../domain/drug.ts';
import { formatQuantity, wholeQuantity } from '../domain/quantity.ts';
import type { LineCode } from '../ports/destination.ts';
import type { SqlQuery, SqlRow } from '../ports/sql-driver.ts';

/** index code_event_by_event, which holds the line number too: only moves of the lines wanted are fetched */
export const SELECT_MOVES_OF_LINES = `SELECT code, line_no, to_state, units, first_opening FROM code_event WHERE institution = ? AND event_no = ? AND line_no IN`;
/** primary key of code; nothing is locked: a report only reads */
export const SELECT_CODES_OF_LINES = `SELECT code, scheme, prefix, level, lot, produced_on, expires_on, units_total FROM code WHERE institution = ? AND code IN`;
/**
 * Keys of one statement at most. An event of 20,000 codes takes some 80 statements of about a millisecond each, with the event
 * loop free in between: the embedded store works on the thread that also answers the HIS.
 */
const MOST_KEYS = 256;

interface StoredMove { code: string; line_no: string; to_state: string; units: string; first_opening: number }
interface StoredCode {
  code: string; scheme: LineCode['scheme']; prefix: string; level: LineCode['level']; lot: string | null; produced_on: string | null;
  expires_on: string | null; units_total: string | null;
}

export interface LinesWanted {
  readonly institution: string;
  readonly eventNo: number;
  readonly lines: ReadonlyMap<string, { readonly split: boolean; readonly drug: Drug | undefined }>;
  /** ends a long load between two statements; it throws then */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the ledger knows of the codes that an event moved on the lines wanted, and on no others.
 * @returns the codes of each line, keyed by line number
 * @throws the signal's reason when it was aborted
 */
export async function loadLineCodes(q: SqlQuery, wanted: LinesWanted): Promise<Map<string, LineCode[]>> {
  const moves = await byParts<StoredMove>(q, SELECT_MOVES_OF_LINES, { before: [wanted.institution, wanted.eventNo], keys: [...wanted.lines.keys()], signal: wanted.signal });
  const names = [...new Set(moves.map((move) => move.code))].sort();
  const rows = new Map<string, StoredCode>();
  for (const row of await byParts<StoredCode>(q, SELECT_CODES_OF_LINES, { before: [wanted.institution], keys: names, signal: wanted.signal })) rows.set(row.code, row);
  const byLine = new Map<string, LineCode[]>();
  for (const move of moves) {
    const line = wanted.lines.get(move.line_no);
    const row = rows.get(move.code);
    if (line === undefined || row === undefined) continue;
    const codes = byLine.get(move.line_no) ?? [];
    byLine.set(move.line_no, codes);
    codes.push(lineCode(line, move, row));
  }
  return byLine;
}

function lineCode(line: { readonly split: boolean; readonly drug: Drug | undefined }, move: StoredMove, row: StoredCode): LineCode {
  const units = BigInt(move.units);
  const taken = units < 0n ? -units : units;
  const whole = row.units_total === null ? wholeQuantity(packsInLevel(line.drug, row.level)) : BigInt(row.units_total);
  return {
    code: row.code, scheme: row.scheme, prefix: row.prefix, level: row.level, units: formatQuantity(line.split ? taken : whole), firstOpening: move.first_opening === 1,
    // the move that took the last units is the one after which the pack was no longer open
    ...(line.split && units > 0n && move.to_state !== 'opened' ? { emptied: true } : {}),
    ...(row.lot === null ? {} : { lot: row.lot }),
    ...(row.produced_on === null ? {} : { producedOn: row.produced_on }),
    ...(row.expires_on === null ? {} : { expiresOn: row.expires_on }),
  };
}

/** Reads the rows of many keys, with the event loop free between two statements. Lists have lengths of two to the n, so that few statements are prepared. */
async function byParts<Row = SqlRow>(q: SqlQuery, head: string, by: { readonly before: readonly (string | number)[]; readonly keys: readonly string[]; readonly signal?: AbortSignal | undefined }): Promise<Row[]> {
  const parts: Row[][] = [];
  for (let at = 0; at < by.keys.length; at += MOST_KEYS) {
    if (at > 0) await new Promise((resolve) => { setImmediate(resolve); });
    by.signal?.throwIfAborted();
    const some = by.keys.slice(at, at + MOST_KEYS);
    const length = 2 ** Math.ceil(Math.log2(some.length));
    // a key named twice is read once
    const padding = new Array<string>(length - some.length).fill(some[0] ?? '');
    parts.push(await q.all<Row>(`${head} (${new Array<string>(length).fill('?').join(',')})`, [...by.before, ...some, ...padding]));
  }
  return parts.flat();
}
