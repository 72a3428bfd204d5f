import type { TraceEvent } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';
import { EffectDraft, type EventEffect, type LedgerFacts, type PreparedLine } from './effect-draft.ts';
import { splitLine } from './split-line.ts';
import { wholeLine } from './whole-line.ts';

/**
 * Decides, without touching anything, what an event does to the codes it names: the next rows, the moves to keep, what a
 * person should be told, which codes the split stock assigns, and which lines must not be reported.
 * @returns the effect, or a refusal when taking the event would break conservation (more units than a pack held)
 */
export function effectOf(event: TraceEvent, eventNo: number, atMs: number, lines: readonly PreparedLine[], facts: LedgerFacts): EventEffect | { readonly refusal: Refusal } {
  const draft = new EffectDraft(event, eventNo, atMs, facts);
  for (const prepared of lines) {
    draft.seeLine(prepared);
    const refusal = prepared.line.split ? splitLine(draft, prepared) : wholeLine(draft, prepared);
    if (refusal !== undefined) return { refusal };
  }
  return draft.done();
}
