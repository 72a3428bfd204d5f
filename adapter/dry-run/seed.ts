import type { CheckedRecord } from '../intake/check-record.ts';
import type { TraceEvent } from '../domain/event.ts';
import { readCode, saveCodes } from '../ledger/ledger-store.ts';
import type { SqlDriver, SqlQuery, SqlValue } from '../ports/sql-driver.ts';
import type { ReadOnlyStore } from './read-only-store.ts';
import { rewound, type FiledMove } from './rewind.ts';

/** index event_key */
export const SELECT_NUMBER = 'SELECT event_no, record_no, body FROM event WHERE institution = ? AND source = ? AND event_id = ?';
/** primary key of code_event */
export const SELECT_LATER_MOVES = `SELECT m.event_no, m.line_no, m.from_state, m.to_state, m.units, m.first_opening, e.kind FROM code_event m
  JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no WHERE m.institution = ? AND m.code = ? AND m.event_no >= ? ORDER BY m.event_no`;
export const SELECT_LAST_BEFORE = 'SELECT event_no FROM code_event WHERE institution = ? AND code = ? AND event_no < ? ORDER BY event_no DESC LIMIT 1';
/** index code_opened */
export const SELECT_OPENED_NOW = `SELECT code FROM code WHERE institution = ? AND drug = ? AND state = 'opened' LIMIT 500`;
/** index code_by_lot, then primary key of code_event */
export const SELECT_OPENED_THEN = `SELECT DISTINCT c.code FROM code c JOIN code_event m ON m.institution = c.institution AND m.code = c.code
  WHERE c.institution = ? AND c.drug = ? AND m.event_no >= ? AND m.from_state = 'opened' LIMIT 500`;
/** index event_by_refers */
export const SELECT_REFERRING = 'SELECT source, event_id FROM event WHERE institution = ? AND source = ? AND refers = ? AND event_no < ?';
/** index event_by_visit */
export const SELECT_VISIT = `SELECT source, event_id FROM event WHERE institution = ? AND visit_no = ? AND kind = 'dispense' AND event_no < ? LIMIT 5000`;
/** index delivery_by_event */
export const SELECT_SENT = 'SELECT destination, report_key, first_sent_at FROM delivery WHERE institution = ? AND event_no = ? AND first_sent_at <= ?';
const MARK_SENT = `UPDATE delivery SET state = 'accepted', hold = NULL, attempts = 1, first_sent_at = ? WHERE institution = ? AND event_no = (SELECT e.event_no FROM event e WHERE e.institution = ? AND e.source = ? AND e.event_id = ?) AND destination = ? AND report_key = ? AND state <> 'withdrawn'`;
/** index delivery_by_event; what a later void took back was still on its way then */
const NOT_YET_WITHDRAWN = `UPDATE delivery SET state = 'queued' WHERE institution = ? AND event_no = ? AND state = 'withdrawn'`;
/** What belongs to an event, by its number. */
const OF_EVENT = ['event', 'event_line', 'code_event', 'delivery', 'event_settlement'] as const;
/** What is copied whole at the beginning, as it stands today. */
const STANDING = ['drug', 'drug_version', 'recall', 'recall_lot'] as const;

/** @returns the number of the first of these events that the store has; where it has none, the next number it will give */
export async function firstNumber(q: SqlQuery, institution: string, events: readonly Pick<TraceEvent, 'source' | 'id'>[]): Promise<number> {
  let first = Infinity;
  for (const { source, id } of events) {
    const row = await q.get<{ event_no: number; record_no: number }>(SELECT_NUMBER, [institution, source, id]);
    if (row !== undefined) first = Math.min(first, row.event_no, row.record_no);
  }
  if (first < Infinity) return first;
  return (await q.get<{ next_value: number }>(`SELECT next_value FROM counter WHERE institution = ? AND name = 'number'`, [institution]))?.next_value ?? 1;
}

export interface SeedDeps {
  readonly store: ReadOnlyStore;
  readonly memory: SqlDriver;
  readonly institution: string;
  /** everything with this number or a later one is replayed; before it counts what the store says */
  readonly from: number;
}

/**
 * Brings into memory what the replay will look at, each thing when it is first needed: codes as they stood before the first replayed
 * event, events that are referred to, settlements of visits. A store of years is never copied.
 */
export class Seed {
  readonly #deps: SeedDeps;
  readonly #done = new Set<string>();

  constructor(deps: SeedDeps) {
    this.#deps = deps;
  }

  /** Catalogue, recalls, and numbers that begin where the replay begins. */
  async start(): Promise<void> {
    const { institution, from } = this.#deps;
    await this.#both(async (stored, memory) => {
      for (const table of STANDING) await copyRows(stored, memory, { table, where: 'institution = ?', params: [institution] });
      await memory.run(`INSERT INTO counter (institution, name, next_value) VALUES (?, 'number', ?)`, [institution, from]);
    });
  }

  /** @param atMs when the record came in: reports that had gone out by then count as gone out */
  async prepare({ meaning, record }: CheckedRecord, atMs: number): Promise<void> {
    if (meaning.kind !== 'events' || record.institution !== this.#deps.institution) return;
    await this.#both(async (stored, memory) => {
      for (const { event, scans } of meaning.events) {
        const link: Link = { stored, memory, atMs };
        await this.#event(link, event.source, event.id, 0);
        for (const scan of [...scans.values()].flat()) await this.#code(link, scan.text);
        for (const line of event.lines) if ((scans.get(line.lineNo)?.length ?? 0) === 0) await this.#opened(link, line.drug);
        if (event.refers !== undefined) await this.#referred(link, event.source, event.refers);
        await this.#visit(link, event);
      }
    });
  }

  #both(work: (stored: SqlQuery, memory: SqlQuery) => Promise<void>): Promise<void> {
    return this.#deps.store.read((stored) => this.#deps.memory.write((memory) => work(stored, memory)));
  }

  #first(name: string): boolean {
    if (this.#done.has(name)) return false;
    this.#done.add(name);
    return true;
  }

  async #code({ stored, memory }: Link, code: string): Promise<void> {
    if (!this.#first(`code ${code}`)) return;
    const { institution, from } = this.#deps;
    const row = await readCode(stored, institution, code);
    if (row === undefined) return;
    const later = row.lastEventNo < from ? [] : (await stored.all<StoredMove>(SELECT_LATER_MOVES, [institution, code, from])).map((move) => filedMove(code, move));
    const before = later.length === 0 ? undefined : await stored.get<{ event_no: number }>(SELECT_LAST_BEFORE, [institution, code, from]);
    const past = rewound(row, later, before?.event_no);
    if (past === undefined) return;
    await saveCodes(memory, institution, [past], 0);
    if (row.warning !== undefined) await memory.run('UPDATE code SET warning = ?, warned_at = ? WHERE institution = ? AND code = ?', [row.warning, row.warnedAt ?? null, institution, code]);
  }

  /** Packs that a line without codes may take from. */
  async #opened(link: Link, drug: string): Promise<void> {
    if (!this.#first(`opened ${drug}`)) return;
    const { institution, from } = this.#deps;
    const now = await link.stored.all<{ code: string }>(SELECT_OPENED_NOW, [institution, drug]);
    const then = await link.stored.all<{ code: string }>(SELECT_OPENED_THEN, [institution, drug, from]);
    for (const { code } of [...now, ...then]) await this.#code(link, code);
  }

  /** An event from before the replay, with its codes and what refers to it. */
  async #event(link: Link, source: string, id: string, depth: number): Promise<TraceEvent | undefined> {
    const { institution, from } = this.#deps;
    const row = await link.stored.get<{ event_no: number; body: string }>(SELECT_NUMBER, [institution, source, id]);
    if (row === undefined) return undefined;
    const event = JSON.parse(row.body) as TraceEvent;
    if (row.event_no >= from || !this.#first(`event ${source} ${id}`)) return event;
    const params = [institution, row.event_no];
    for (const table of OF_EVENT) await copyRows(link.stored, link.memory, { table, where: 'institution = ? AND event_no = ?', params });
    await copyRows(link.stored, link.memory, { table: 'record', where: 'institution = ? AND record_no = (SELECT record_no FROM event WHERE institution = ? AND event_no = ?)', params: [institution, ...params] });
    await link.memory.run(NOT_YET_WITHDRAWN, params);
    for (const { code } of await link.stored.all<{ code: string }>('SELECT code FROM code_event WHERE institution = ? AND event_no = ?', params)) await this.#code(link, code);
    if (depth >= 3) return event;
    for (const later of await link.stored.all<{ source: string; event_id: string }>(SELECT_REFERRING, [institution, source, id, from])) await this.#event(link, later.source, later.event_id, depth + 1);
    return event;
  }

  async #referred(link: Link, source: string, id: string): Promise<void> {
    const event = await this.#event(link, source, id, 0);
    await this.#markSent(link, source, id);
    if (event?.refers !== undefined && event.kind === 'void') await this.#event(link, source, event.refers, 0);
    if (event?.kind === 'settlement') await this.#visit(link, event);
  }

  async #visit(link: Link, event: TraceEvent): Promise<void> {
    const { institution, from } = this.#deps;
    const visitNo = event.patient?.visitNo;
    if (visitNo === undefined || (event.kind !== 'dispense' && event.kind !== 'settlement')) return;
    if (this.#first(`visit ${visitNo}`)) {
      await copyRows(link.stored, link.memory, { table: 'settlement', where: 'institution = ? AND visit_no = ? AND event_no < ?', params: [institution, visitNo, from] });
      for (const one of await link.stored.all<{ source: string; event_id: string }>(SELECT_VISIT, [institution, visitNo, from])) await this.#event(link, one.source, one.event_id, 0);
    }
    if (event.kind !== 'settlement') return;
    const dispenses = await link.memory.all<{ source: string; event_id: string }>(SELECT_VISIT, [institution, visitNo, Number.MAX_SAFE_INTEGER]);
    for (const one of dispenses) await this.#markSent(link, one.source, one.event_id);
  }

  /** Nothing is sent in a replay; what had really gone out when a void, a return or a settlement came must count as gone out. */
  async #markSent({ stored, memory, atMs }: Link, source: string, id: string): Promise<void> {
    const { institution } = this.#deps;
    const row = await stored.get<{ event_no: number }>(SELECT_NUMBER, [institution, source, id]);
    if (row === undefined) return;
    for (const sent of await stored.all<{ destination: string; report_key: string; first_sent_at: number }>(SELECT_SENT, [institution, row.event_no, atMs])) {
      await memory.run(MARK_SENT, [sent.first_sent_at, institution, institution, source, id, sent.destination, sent.report_key]);
    }
  }
}

interface Link { readonly stored: SqlQuery; readonly memory: SqlQuery; readonly atMs: number }

interface StoredMove { event_no: number; line_no: string; from_state: FiledMove['from']; to_state: FiledMove['to']; units: string; first_opening: number; kind: FiledMove['kind'] }

function filedMove(code: string, move: StoredMove): FiledMove {
  return { code, eventNo: move.event_no, kind: move.kind, lineNo: move.line_no, from: move.from_state, to: move.to_state, units: BigInt(move.units), firstOpening: move.first_opening === 1 };
}

/** Copies rows whatever columns the table has; both stores are of the same version. */
async function copyRows(stored: SqlQuery, memory: SqlQuery, what: { readonly table: string; readonly where: string; readonly params: readonly SqlValue[] }): Promise<void> {
  for (const row of await stored.all(`SELECT * FROM ${what.table} WHERE ${what.where}`, what.params)) {
    const names = Object.keys(row);
    await memory.run(`INSERT INTO ${what.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`, Object.values(row));
  }
}
