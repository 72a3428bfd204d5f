import type { PackageLevel } from '../domain/drug.ts';
import type { SqlQuery, SqlValue } from '../ports/sql-driver.ts';
import { byKeys, manyRows } from '../store/many-rows.ts';
import type { CodeMove, CodeRow, CodeState } from './code-state.ts';
import type { SplitTake } from './split-stock.ts';

/** Reads and writes of the code ledger. Each statement names the index it uses. */
interface StoredCode {
  code: string; scheme: CodeRow['scheme']; prefix: string; state: CodeState; drug: string | null; lot: string | null; produced_on: string | null;
  expires_on: string | null; level: PackageLevel; location: string | null; units_total: string | null; units_left: string | null;
  opened_at: number | null; last_event_no: number; received_count: number; sold_count: number; returned_count: number; warning: string | null; warned_at: number | null;
}

const COLUMNS = 'code, scheme, prefix, state, drug, lot, produced_on, expires_on, level, location, units_total, units_left, opened_at, last_event_no, received_count, sold_count, returned_count';
/** what a platform said is kept beside the ledger's own columns and never written here */
const READ = `${COLUMNS}, warning, warned_at`;

/** primary key of code; rows are locked so that two processes cannot move the same code at once */
export const SELECT_CODE = `SELECT ${READ} FROM code WHERE institution = ? AND code = ? FOR UPDATE`;
/** primary key of code; locked in the order of the codes, so that two transactions on the same codes cannot wait for each other */
const selectCodes = byKeys(`SELECT ${READ} FROM code WHERE institution = ? AND code IN`, 'ORDER BY code FOR UPDATE');
/** primary key of code; for reading only */
export const SELECT_CODE_UNLOCKED = `SELECT ${READ} FROM code WHERE institution = ? AND code = ?`;
/** index code_opened */
export const SELECT_OPENED = `SELECT ${READ} FROM code WHERE institution = ? AND drug = ? AND state = 'opened' ORDER BY expires_on NULLS LAST, opened_at, code LIMIT 500 FOR UPDATE`;
const upsertCodes = manyRows(`INSERT INTO code (institution, ${COLUMNS}, updated_at)`, 19, `ON CONFLICT (institution, code) DO UPDATE SET state = excluded.state, level = excluded.level, drug = excluded.drug, lot = excluded.lot, produced_on = excluded.produced_on,
  expires_on = excluded.expires_on, location = excluded.location, units_total = excluded.units_total, units_left = excluded.units_left,
  opened_at = excluded.opened_at, last_event_no = excluded.last_event_no,
  received_count = excluded.received_count, sold_count = excluded.sold_count, returned_count = excluded.returned_count, updated_at = excluded.updated_at`);
const insertMoves = manyRows('INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening)', 8);
/** index code_event_by_event */
const SELECT_MOVES = `SELECT code, line_no, from_state, to_state, units, first_opening FROM code_event WHERE institution = ? AND event_no = ?`;
/** index event_by_refers */
const SELECT_REFERRING = `SELECT event_no, event_id FROM event WHERE institution = ? AND source = ? AND refers = ? AND kind IN ('dispense-return', 'void')`;

/** primary key of code; for reading only */
const selectCodesUnlocked = byKeys(`SELECT ${READ} FROM code WHERE institution = ? AND code IN`);

/** @returns the rows of the codes the ledger knows, without locking them, for transactions that only read */
export async function readCodes(q: SqlQuery, institution: string, codes: readonly string[]): Promise<Map<string, CodeRow>> {
  return new Map((await selectCodesUnlocked<StoredCode>(q, [institution], codes)).map((row) => [row.code, toCodeRow(row)]));
}

export async function loadCode(q: SqlQuery, institution: string, code: string): Promise<CodeRow | undefined> {
  const row = await q.get<StoredCode>(SELECT_CODE, [institution, code]);
  return row === undefined ? undefined : toCodeRow(row);
}

/** @returns the rows of the codes the ledger knows, locked; codes have to be sorted, so that all transactions lock in one order */
export async function loadCodes(q: SqlQuery, institution: string, sorted: readonly string[]): Promise<Map<string, CodeRow>> {
  const rows = new Map<string, CodeRow>();
  for (const row of await selectCodes<StoredCode>(q, [institution], sorted)) rows.set(row.code, toCodeRow(row));
  return rows;
}

/** @returns the code's row without locking it, for transactions that only read */
export async function readCode(q: SqlQuery, institution: string, code: string): Promise<CodeRow | undefined> {
  const row = await q.get<StoredCode>(SELECT_CODE_UNLOCKED, [institution, code]);
  return row === undefined ? undefined : toCodeRow(row);
}

/** @returns opened packs of the drug, oldest expiry first */
export async function loadOpenedPacks(q: SqlQuery, institution: string, drug: string): Promise<CodeRow[]> {
  return (await q.all<StoredCode>(SELECT_OPENED, [institution, drug])).map(toCodeRow);
}

export async function loadMoves(q: SqlQuery, institution: string, eventNo: number): Promise<CodeMove[]> {
  const rows = await q.all<{ code: string; line_no: string; from_state: CodeState; to_state: CodeState; units: string; first_opening: number }>(SELECT_MOVES, [institution, eventNo]);
  return rows.map((row) => ({ code: row.code, lineNo: row.line_no, from: row.from_state, to: row.to_state, units: BigInt(row.units), firstOpening: row.first_opening === 1 }));
}

/**
 * What a dispense took from opened packs, per code, net of the returns that refer to it and of the voids of either.
 * @param referred the dispense: its event number, and the source and id that later events name it by
 */
export async function loadNetTakes(q: SqlQuery, institution: string, referred: NamedEvent): Promise<SplitTake[]> {
  const net = new Map<string, bigint>();
  const add = async (event: NamedEvent, depth: number): Promise<void> => {
    for (const move of await loadMoves(q, institution, event.eventNo)) {
      if (move.units !== 0n) net.set(move.code, (net.get(move.code) ?? 0n) + move.units);
    }
    if (depth === 0) return;
    for (const later of await q.all<{ event_no: number; event_id: string }>(SELECT_REFERRING, [institution, event.source, event.id])) {
      await add({ eventNo: later.event_no, source: event.source, id: later.event_id }, depth - 1);
    }
  };
  await add(referred, 3);
  return [...net].map(([code, units]) => ({ code, units }));
}

export interface NamedEvent { readonly eventNo: number; readonly source: string; readonly id: string }

export function saveCodes(q: SqlQuery, institution: string, rows: Iterable<CodeRow>, atMs: number): Promise<unknown> {
  const stored: SqlValue[][] = [];
  for (const row of rows) {
    stored.push([
      institution, row.code, row.scheme, row.prefix, row.state, row.drug ?? null, row.lot ?? null, row.producedOn ?? null, row.expiresOn ?? null,
      row.level, row.location ?? null, row.unitsTotal?.toString() ?? null, row.unitsLeft?.toString() ?? null, row.openedAt ?? null, row.lastEventNo, row.receivedCount, row.soldCount, row.returnedCount, atMs,
    ]);
  }
  return upsertCodes(q, stored);
}

export function saveMoves(q: SqlQuery, institution: string, eventNo: number, moves: readonly CodeMove[]): Promise<unknown> {
  return insertMoves(q, moves.map((move) => [institution, move.code, eventNo, move.lineNo, move.from, move.to, move.units.toString(), move.firstOpening ? 1 : 0]));
}

function toCodeRow(row: StoredCode): CodeRow {
  return {
    code: row.code, scheme: row.scheme, prefix: row.prefix, state: row.state, drug: row.drug ?? undefined, lot: row.lot ?? undefined,
    producedOn: row.produced_on ?? undefined, expiresOn: row.expires_on ?? undefined, level: row.level, location: row.location ?? undefined,
    unitsTotal: row.units_total === null ? undefined : BigInt(row.units_total), unitsLeft: row.units_left === null ? undefined : BigInt(row.units_left),
    openedAt: row.opened_at ?? undefined, lastEventNo: row.last_event_no, receivedCount: row.received_count, soldCount: row.sold_count, returnedCount: row.returned_count,
    warning: row.warning ?? undefined, warnedAt: row.warned_at ?? undefined,
  };
}
