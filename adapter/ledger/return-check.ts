import type { TraceCode } from '../domain/trace-code.ts';
import { formatQuantity } from '../domain/quantity.ts';
import type { CodeRow } from './code-state.ts';
import type { EffectDraft, PreparedLine, ReferredDispense } from './effect-draft.ts';

/**
 * A return (退药) against the dispense it names: the same patient, drugs that it handed out, no more than is still out. What does not
 * fit is kept on file and needs attention: no pack comes back into stock for it and nothing is reported. Only a return of loose units
 * that were never taken is refused whole (split-line.ts), because it would break conservation.
 * @returns whether the line may be worked out any further
 */
export function checkReturn(draft: EffectDraft, prepared: PreparedLine): boolean {
  const referred = draft.event.kind === 'dispense-return' ? draft.facts.referredDispense : undefined;
  if (referred === undefined || prepared.exclusion !== undefined) return true;
  if (referred.patient === 'other-person') {
    draft.find(prepared, 'RETURN_OTHER_PATIENT', 'block', `原发药 ${referred.id} 是另一位患者的`);
    draft.block(prepared, 'RULE', '退药与原发药不是同一患者');
    return false;
  }
  if (referred.patient === 'other-visit') draft.find(prepared, 'RETURN_OTHER_PATIENT', 'warn', `与原发药 ${referred.id} 不是同一就诊号`);
  if (referred.voided) return stop(draft, prepared, `原发药 ${referred.id} 已作废`);
  if (!referred.unitsOut.has(prepared.line.drug)) return stop(draft, prepared, `原发药 ${referred.id} 没有发出药品 ${prepared.line.drug}`);
  return checkQuantity(draft, prepared, referred);
}

/** Over all lines of this return, net of earlier returns. Loose units have their own, exact account per pack. */
function checkQuantity(draft: EffectDraft, prepared: PreparedLine, referred: ReferredDispense): boolean {
  const { line: { drug, split }, units } = prepared;
  const out = referred.unitsOut.get(drug);
  if (units === undefined || out === undefined) return true;
  const left = out - draft.returnedSoFar(drug);
  if (units > left && !split) {
    const detail = `原发药 ${referred.id} 还可退 ${formatQuantity(left < 0n ? 0n : left)} 最小单位，本行 ${formatQuantity(units)}`;
    draft.find(prepared, 'RETURN_TOO_MUCH', 'block', detail);
    draft.block(prepared, 'RULE', `退回数量超过发出数量：${detail}`);
    return false;
  }
  draft.countReturned(drug, units);
  return true;
}

/**
 * Whether the whole pack is one that the dispense handed out and that did not come back yet. A pack nobody has seen may be taken back
 * when that dispense was recorded without codes.
 * @returns why it may not, in Chinese; undefined when it may, or when the return names no dispense on file
 */
export function whyNotReturned(draft: EffectDraft, prepared: PreparedLine, code: TraceCode, row: CodeRow): string | undefined {
  const referred = draft.event.kind === 'dispense-return' ? draft.facts.referredDispense : undefined;
  if (referred === undefined || row.openedAt !== undefined || referred.wholeOut.has(code.text)) return undefined;
  if (row.state === 'dispensed') return `该码不是原发药 ${referred.id} 发出的，或已退回后另行发出`;
  if (row.state === 'unseen' && referred.codedDrugs.has(prepared.line.drug)) return `原发药 ${referred.id} 没有发出该码`;
  return undefined; // in stock, destroyed …: the ledger says so itself
}

function stop(draft: EffectDraft, prepared: PreparedLine, detail: string): false {
  draft.find(prepared, 'RETURN_NOT_DISPENSED', 'block', detail);
  draft.block(prepared, 'RULE', detail);
  return false;
}
