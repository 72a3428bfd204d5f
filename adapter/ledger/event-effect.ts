import type { TraceEvent } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';
import { EffectDraft, type EventEffect, type LedgerFacts, type PreparedLine } from './effect-draft.ts';
import { checkReturn } from './return-check.ts';
import { destroyedCodes, withoutDestroyed } from './scan-notes.ts';
import { splitLine } from './split-line.ts';
import { wholeLine } from './whole-line.ts';

/**
 * Decides, without touching anything, what an event does to the codes it names: the next rows, the moves to keep, what a
 * person should be told, which codes the split stock assigns, and which lines must not be reported.
 * @returns the effect, or a refusal when taking the event would break conservation (more units than a pack held)
 */
export function effectOf(event: TraceEvent, eventNo: number, atMs: number, lines: readonly PreparedLine[], facts: LedgerFacts): EventEffect | { readonly refusal: Refusal } {
  const draft = new EffectDraft(event, eventNo, atMs, facts);
  const destroyed = destroyedCodes(lines, facts.rows);
  for (const told of lines) {
    draft.seeLine(told);
    const prepared = withoutDestroyed(draft, told, destroyed);
    if (prepared === undefined || !checkReturn(draft, prepared)) continue;
    const refusal = prepared.line.split ? splitLine(draft, prepared) : wholeLine(draft, prepared);
    if (refusal === undefined) continue;
    if (prepared.splitInferred !== true) return { refusal };
    cannotSplit(draft, prepared, refusal);
  }
  return draft.done();
}

/**
 * The HIS did not say that it split a pack, so it is not refused for what the split stock cannot give: the line stays on file, no
 * pack is moved, and a person is told.
 */
function cannotSplit(draft: EffectDraft, prepared: PreparedLine, refusal: Refusal): void {
  if (prepared.exclusion !== undefined) return;
  if (prepared.codes.length === 0) {
    draft.find(prepared, 'CODES_MISSING', 'warn', '该行没有追溯码');
    return;
  }
  draft.find(prepared, 'FRACTION_OF_PACK', 'block', refusal.detail ?? '');
  draft.block(prepared, 'CATALOG', `数量 ${prepared.line.quantity}${prepared.line.unit} 不是整包装：${refusal.detail ?? ''}`);
}
