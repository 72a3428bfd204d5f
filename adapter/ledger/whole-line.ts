import { directionOf } from '../domain/event.ts';
import { packsInLevel } from '../domain/drug.ts';
import { formatQuantity, wholeQuantity } from '../domain/quantity.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { TraceCode } from '../domain/trace-code.ts';
import type { CodeRow } from './code-state.ts';
import type { EffectDraft, PreparedLine } from './effect-draft.ts';
import { moveWholePack } from './whole-packs.ts';

/** Works out a line of whole packs: one code, one pack. */
export function wholeLine(draft: EffectDraft, prepared: PreparedLine): Refusal | undefined {
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

function moveOne(draft: EffectDraft, prepared: PreparedLine, code: TraceCode): void {
  const { event } = draft;
  const before = draft.row(code, prepared);
  if (code.scheme === 'other') draft.find(prepared, 'CODE_SCHEME_UNKNOWN', 'info', '不是 20 位追溯码，也不是 GS1 码，按原样保留', code.text);
  const move = moveWholePack(event.kind, before);
  if (move.finding !== undefined) {
    // 急抢救先用后补: use before the receipt is on file is allowed, so it is told but not warned about (闽药监规〔2026〕5号 二(三)2)
    const severity = event.emergency === true && move.finding.code === 'CODE_NOT_IN_STOCK' ? 'info' : move.finding.severity;
    draft.find(prepared, move.finding.code, severity, move.finding.detail, code.text);
  }
  if (move.blocked) {
    draft.block(prepared, 'DUPLICATE_CODE', move.finding?.detail ?? '');
    return;
  }
  checkDrug(draft, prepared, before, code);
  checkLeaving(draft, prepared, before, code);
  const after = afterMove(draft, prepared, before, move.to);
  // an opened pack that leaves whole takes its remaining units with it: conservation counts them
  const units = before.state === 'opened' ? (before.unitsLeft ?? 0n) - (after.unitsLeft ?? 0n) : 0n;
  draft.move(prepared, before, after, units, false);
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

/** 串码: the code belongs to another drug than the line says. */
function checkDrug(draft: EffectDraft, prepared: PreparedLine, before: CodeRow, code: TraceCode): void {
  const { drug, line } = prepared;
  if (before.state !== 'unseen' && before.drug !== undefined && before.drug !== line.drug) {
    draft.find(prepared, 'CODE_DRUG_MISMATCH', 'block', `该码入库时是药品 ${before.drug}，本行是 ${line.drug}`, code.text);
    draft.block(prepared, 'RULE', '追溯码与药品不符（串码）');
    return;
  }
  const prefixes = [drug?.prefixUnit, drug?.prefixInner, drug?.prefixCase].filter((prefix) => prefix !== undefined && prefix !== '');
  if (code.scheme === 'cn20' && prefixes.length > 0 && !prefixes.includes(code.productResourceCode)) {
    draft.find(prepared, 'CODE_DRUG_MISMATCH', 'warn', `追溯码前 7 位 ${code.productResourceCode} 与该药品登记的标识码不符`, code.text);
  }
}

function checkLeaving(draft: EffectDraft, prepared: PreparedLine, before: CodeRow, code: TraceCode): void {
  if (draft.event.kind !== 'dispense') return;
  if (before.expiresOn !== undefined && before.expiresOn < draft.event.occurredAt.slice(0, 10)) {
    draft.find(prepared, 'CODE_EXPIRED', 'warn', `有效期至 ${before.expiresOn}`, code.text);
  }
  if (before.level !== 1) draft.find(prepared, 'CODE_LEVEL_NOT_SMALLEST', 'warn', '发药应扫最小销售包装的追溯码', code.text);
  const { lot } = prepared.line;
  if (lot !== undefined && before.lot !== undefined && before.lot !== lot) {
    draft.find(prepared, 'LOT_MISMATCH', 'warn', `该码入库批号 ${before.lot}，本行批号 ${lot}`, code.text);
  }
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
