import type { Patient, TraceEvent } from '../domain/event.ts';
import { parseQuantity, type Quantity } from '../domain/quantity.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import type { CodeRow } from '../ledger/code-state.ts';
import type { LedgerFacts, PreparedLine, ReferredDispense } from '../ledger/effect-draft.ts';
import { loadMoves } from '../ledger/ledger-store.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { KnownEvent } from './intake-store.ts';
import type { CheckedEvent, Taking } from './taking.ts';

/** primary key of event_line */
export const SELECT_UNITS = `SELECT line_no, drug, units FROM event_line WHERE institution = ? AND event_no = ?`;
/** index event_by_refers; `voided` tells whether the event was itself taken back */
export const SELECT_REFERRING = `SELECT r.event_no, r.kind, (SELECT COUNT(*) FROM event v WHERE v.institution = r.institution AND v.source = r.source AND v.refers = r.event_id AND v.kind = 'void') AS voided
  FROM event r WHERE r.institution = ? AND r.source = ? AND r.refers = ? AND r.kind IN ('dispense-return', 'void')`;
/** index delivery_by_event */
export const SELECT_BLOCKED = `SELECT covers FROM delivery WHERE institution = ? AND event_no = ? AND operation = 'blocked'`;
/** primary keys of code_event and event; a void that puts a pack back to dispensed hands out nothing */
export const SELECT_HANDED_OUT_SINCE = `SELECT code_event.event_no FROM code_event JOIN event ON event.institution = code_event.institution AND event.event_no = code_event.event_no
  WHERE code_event.institution = ? AND code = ? AND code_event.event_no > ? AND to_state = 'dispensed' AND from_state <> 'dispensed' AND kind = 'dispense' LIMIT 1`;
/** index record_by_control_id */
export const SELECT_IN_QUARANTINE = `SELECT record_no FROM record WHERE institution = ? AND source = ? AND control_id = ? AND state = 'quarantined' LIMIT 1`;

/**
 * What the dispense that a return names handed out, net of the returns that named it before. Lines of theirs that were blocked
 * brought nothing back.
 */
export async function loadReferredDispense(q: SqlQuery, event: TraceEvent, known: { readonly referred: KnownEvent; readonly rows: ReadonlyMap<string, CodeRow> }): Promise<ReferredDispense> {
  const { institution, source } = event;
  const { referred, rows } = known;
  const later = await q.all<{ event_no: number; kind: string; voided: number }>(SELECT_REFERRING, [institution, source, referred.event.id]);
  const returns = later.filter((one) => one.kind === 'dispense-return' && one.voided === 0).map((one) => one.event_no);
  const unitsOut = await loadUnits(q, institution, referred.eventNo);
  const wholeOut = new Set<string>();
  const codedDrugs = new Set<string>();
  for (const move of await loadMoves(q, institution, referred.eventNo)) {
    if (move.to !== 'dispensed' || move.from === 'dispensed' || move.units !== 0n) continue;
    wholeOut.add(move.code);
    const drug = referred.event.lines.find((line) => line.lineNo === move.lineNo)?.drug;
    if (drug !== undefined) codedDrugs.add(drug);
  }
  for (const eventNo of returns) {
    for (const [drug, units] of await loadUnits(q, institution, eventNo)) {
      const out = unitsOut.get(drug);
      if (out !== undefined) unitsOut.set(drug, units === undefined ? undefined : out - units);
    }
    for (const move of await loadMoves(q, institution, eventNo)) if (move.units === 0n) wholeOut.delete(move.code);
  }
  for (const code of [...wholeOut]) {
    const row = rows.get(code);
    if (row === undefined || row.lastEventNo === referred.eventNo) continue;
    if (await q.get(SELECT_HANDED_OUT_SINCE, [institution, code, referred.eventNo]) !== undefined) wholeOut.delete(code);
  }
  return { id: referred.event.id, voided: later.some((one) => one.kind === 'void'), patient: comparePatients(event.patient, referred.event.patient), wholeOut, codedDrugs, unitsOut };
}

/** @returns smallest units per drug of the event's lines; undefined where one of them could not be converted */
async function loadUnits(q: SqlQuery, institution: string, eventNo: number): Promise<Map<string, Quantity | undefined>> {
  const blocked = new Set<string>();
  for (const { covers } of await q.all<{ covers: string }>(SELECT_BLOCKED, [institution, eventNo])) for (const lineNo of JSON.parse(covers) as string[]) blocked.add(lineNo);
  const units = new Map<string, Quantity | undefined>();
  for (const line of await q.all<{ line_no: string; drug: string; units: string | null }>(SELECT_UNITS, [institution, eventNo])) {
    if (line.drug === '' || blocked.has(line.line_no)) continue;
    const known = units.has(line.drug) ? units.get(line.drug) : 0n;
    const here = line.units === null ? undefined : parseQuantity(line.units);
    units.set(line.drug, known === undefined || here === undefined ? undefined : known + here);
  }
  return units;
}

/** Numbers of the person tell two patients apart; a visit number alone may be that of the refund. */
function comparePatients(a: Patient | undefined, b: Patient | undefined): ReferredDispense['patient'] {
  for (const member of ['personNo', 'idNo'] as const) {
    const one = a?.[member];
    const other = b?.[member];
    if (one !== undefined && other !== undefined && (member === 'personNo' || a?.idType === b?.idType)) return one.toUpperCase() === other.toUpperCase() ? 'same' : 'other-person';
  }
  return a?.visitNo !== undefined && b?.visitNo !== undefined && a.visitNo !== b.visitNo ? 'other-visit' : 'same';
}

/**
 * A return whose dispense has not come yet. It may be from before the installation, then its packs are unknown here and it is taken
 * with a warning. It came too early when a pack of it is still in stock here, when its dispense waits in quarantine, or when it gives
 * back loose units without a code: only a dispense on file can say from which pack they were. It is refused then, its record is kept,
 * and it can be sent or retried once the dispense is there.
 */
export async function whyTooEarly({ q }: Pick<Taking, 'q'>, { event }: CheckedEvent, facts: Pick<LedgerFacts, 'rows'> & { readonly referred: KnownEvent | undefined }, lines: readonly PreparedLine[]): Promise<Refusal | undefined> {
  if (event.kind !== 'dispense-return' || event.refers === undefined) return undefined;
  const { refers, institution, source } = event;
  if (facts.referred !== undefined) {
    return facts.referred.kind === 'dispense' ? undefined : refusal('EVENT_INVALID', { field: 'refers', value: refers, detail: '退药只能引用发药事件' });
  }
  const tooEarly = (detail: string): Refusal => refusal('EVENT_REFERS_UNKNOWN', { field: 'refers', value: refers, detail });
  const inStock = lines.some((line) => line.codes.some((code) => facts.rows.get(code.text)?.state === 'in-stock'));
  if (inStock) return tooEarly('所退包装仍在库，原发药尚未登记；先发送原发药，再发送本退药');
  const loose = lines.some((line) => line.line.split && line.codes.length === 0 && line.exclusion === undefined);
  if (loose) return tooEarly('拆零退药没有追溯码，须先登记原发药才知道退回哪一盒；不经本机的发药请去掉 refers 并扫所退包装的码');
  return await q.get(SELECT_IN_QUARANTINE, [institution, source, refers]) === undefined ? undefined : tooEarly('原发药在待处理记录中，处理好之后再发送本退药');
}
