import { directionOf } from '../domain/event.ts';
import { packsInLevel } from '../domain/drug.ts';
import { formatQuantity, wholeQuantity } from '../domain/quantity.ts';
import type { FindingCode } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import { arrivingFindings, drugFindings, leavingFindings } from '../scan/judge-code.ts';
import { schemeUnknown } from '../scan/rules.ts';
import type { TraceCode } from '../domain/trace-code.ts';
import type { CodeRow } from './code-state.ts';
import type { EffectDraft, PreparedLine } from './effect-draft.ts';
import { whyNotReturned } from './return-check.ts';
import { moveWholePack } from './whole-packs.ts';

/** Works out a line of whole packs: one code, one pack. */
export function wholeLine(draft: EffectDraft, prepared: PreparedLine): Refusal | undefined {
  if (prepared.broken === true && prepared.codes.length > 0 && prepared.exclusion === undefined) {
    stopBroken(draft, prepared);
    return undefined;
  }
  for (const code of prepared.codes) {
    if (draft.isMovedInThisEvent(code.text)) {
      draft.find(prepared, 'CODE_REPEATED_IN_EVENT', 'warn', '同一事件中该码出现多次，只计一次', code.text);
      continue;
    }
    moveOne(draft, prepared, code);
  }
  checkCount(draft, prepared);
  return undefined;
}

/** Part of a pack, of unknown size: moving the whole pack would lose the rest, and a rounded quantity would be invented. */
function stopBroken(draft: EffectDraft, prepared: PreparedLine): void {
  const detail = `${prepared.line.quantity}${prepared.line.unit} 不能折合成整数个最小单位`;
  draft.find(prepared, 'FRACTION_OF_PACK', 'block', detail);
  draft.block(prepared, 'CATALOG', `数量不是整包装：${detail}`);
}

function moveOne(draft: EffectDraft, prepared: PreparedLine, code: TraceCode): void {
  const { event } = draft;
  const before = draft.row(code, prepared);
  const scheme = schemeUnknown(code);
  if (scheme !== undefined) draft.tell(prepared, scheme, code.text);
  const foreign = whyNotReturned(draft, prepared, code, before);
  if (foreign !== undefined) {
    draft.find(prepared, 'RETURN_NOT_DISPENSED', 'block', foreign, code.text);
    draft.block(prepared, 'RULE', foreign);
    return;
  }
  const move = moveWholePack(event.kind, before);
  if (move.finding !== undefined) {
    // what is held back was really sent to us: the HIS is told that it was not reported
    const found = move.blocked ? { ...move.finding, detail: `${move.finding.detail}${NOT_REPORTED[move.finding.code] ?? ''}` } : move.finding;
    // 急抢救先用后补: use before the receipt is on file is allowed, so it is told but not warned about (闽药监规〔2026〕5号 二(三)2)
    if (event.emergency === true && found.code === 'CODE_NOT_IN_STOCK') draft.find(prepared, found.code, 'info', found.detail, code.text);
    else draft.tell(prepared, found, code.text);
    if (move.blocked) {
      draft.block(prepared, 'DUPLICATE_CODE', found.detail);
      return;
    }
  }
  checkCode(draft, prepared, before, code);
  const after = afterMove(draft, prepared, before, move.to);
  // an opened pack that leaves whole takes its remaining units with it: conservation counts them
  const units = before.state === 'opened' ? (before.unitsLeft ?? 0n) - (after.unitsLeft ?? 0n) : 0n;
  draft.move(prepared, before, after, units, false);
}

const NOT_REPORTED: Readonly<Partial<Record<FindingCode, string>>> = { CODE_ALREADY_DISPENSED: '，未再次上报', CODE_LEFT_STOCK: '，未上报' };

/** Drug, and for what goes to a patient everything that speaks against it. The pack moves all the same: it did in the hospital. */
function checkCode(draft: EffectDraft, prepared: PreparedLine, before: CodeRow, code: TraceCode): void {
  const { event: { kind }, judging, day } = draft;
  const { line, drug } = prepared;
  const facts = { drugId: line.drug, drug, lot: line.lot, expiresOn: line.expiresOn, on: day };
  for (const found of drugFindings(code, before, facts)) {
    draft.tell(prepared, found, code.text);
    if (found.fixed === true) draft.block(prepared, 'RULE', '追溯码与药品不符（串码）');
  }
  if (kind !== 'dispense' && kind !== 'receipt') return;
  const known = { row: before, line: facts, recalls: judging.recalls, elsewhere: judging.elsewhere.has(code.text), nowMs: judging.nowMs };
  for (const found of kind === 'dispense' ? leavingFindings(known) : arrivingFindings(known)) draft.tell(prepared, found, code.text);
}

function afterMove(draft: EffectDraft, prepared: PreparedLine, before: CodeRow, to: CodeRow['state']): CodeRow {
  const { line } = prepared;
  const comesIn = directionOf(draft.event.kind) === 'in' || draft.event.kind === 'stock-count';
  const unitsLeft = to === 'in-stock' ? before.unitsTotal : to === 'opened' ? before.unitsLeft : 0n;
  return {
    ...before, state: to, unitsLeft,
    drug: comesIn ? line.drug : before.drug ?? line.drug,
    // what the receipt says about lot and dates stands; a dispense may leave them out
    lot: comesIn ? line.lot ?? before.lot : before.lot ?? line.lot,
    producedOn: comesIn ? line.producedOn ?? before.producedOn : before.producedOn ?? line.producedOn,
    expiresOn: comesIn ? line.expiresOn ?? before.expiresOn : before.expiresOn ?? line.expiresOn,
    location: comesIn ? draft.event.location ?? before.location : before.location,
    openedAt: to === 'in-stock' && before.state !== 'opened' ? undefined : before.openedAt,
  };
}

/** Packs that the codes stand for against packs that the line says. */
function checkCount(draft: EffectDraft, prepared: PreparedLine): void {
  const { codes, packs, line, drug } = prepared;
  if (prepared.exclusion !== undefined || draft.event.kind === 'stock-count') return;
  if (codes.length === 0) {
    draft.find(prepared, 'CODES_MISSING', 'warn', '该行没有追溯码');
    return;
  }
  if (packs === undefined || drug === undefined) return;
  const levels = codes.map((code) => draft.knownRow(code.text)?.level ?? 1);
  // a receipt may list a carton and the packs in it: the packs alone, or the cartons alone, may make up the quantity
  const counts = new Set([
    levels.reduce((sum, level) => sum + packsInLevel(drug, level), 0),
    ...([1, 2, 3] as const).map((level) => levels.filter((at) => at === level).reduce((sum, at) => sum + packsInLevel(drug, at), 0)),
  ]);
  if (![...counts].some((count) => wholeQuantity(count) === packs)) {
    draft.find(prepared, 'CODE_COUNT_MISMATCH', 'warn', `${line.quantity}${line.unit} 折合 ${formatQuantity(packs)} 包装，追溯码 ${String(codes.length)} 个`);
  }
}
