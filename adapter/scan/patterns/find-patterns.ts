import type { CodeHistory, HistoryStep } from './code-history.ts';

/** Patterns of 回流药 and of copied codes (医保发〔2025〕7号: one pack has one sale). */
export const ABUSE_PATTERNS = ['dispensed-again', 'returned-then-sold', 'sold-after-expiry', 'received-after-sold', 'many-visits', 'serial-run'] as const;
export type AbusePattern = (typeof ABUSE_PATTERNS)[number];

export interface AbuseHit {
  readonly code: string;
  readonly pattern: AbusePattern;
  /** Chinese, one sentence, nobody named */
  readonly detail: string;
}

/** A third patient with the same whole pack is no change of mind. */
const MANY_VISITS = 3;
const MILLION = 1_000_000n;

const isSale = (step: HistoryStep): boolean => step.kind === 'dispense' && step.units === 0n && step.to === 'dispensed';
const isReturn = (step: HistoryStep): boolean => step.kind === 'dispense-return' && step.units === 0n && step.to === 'in-stock';
const COMING_IN: ReadonlySet<string> = new Set(['receipt', 'transfer-in', 'gift-in', 'other-in', 'stock-gain']);

/** @returns what is wrong with the life of one code, each pattern at most once; pure. Serial runs are seen across codes only (serial-run.ts). */
export function findPatterns(history: CodeHistory): readonly AbuseHit[] {
  const hits: AbuseHit[] = [];
  const hit = (pattern: AbusePattern, detail: string): void => { hits.push({ code: history.code, pattern, detail }); };
  const { steps, refusedVisits } = history;
  const walked = walk(steps);
  if (walked.again > 0 || refusedVisits.length > 0) hit('dispensed-again', `发出后未退回又要求发出 ${String(walked.again + refusedVisits.length)} 次`);
  else if (history.elsewhere && steps.some(isSale)) hit('dispensed-again', '本院与医联体其他成员都发出了该码');
  if (walked.resold > 0) hit('returned-then-sold', `退回后再次发出 ${String(walked.resold)} 次`);
  if (walked.receivedAfterSold > 0) hit('received-after-sold', '发出后未退回又作为入库出现');
  const late = steps.find((step) => step.kind === 'dispense' && (step.units > 0n || isSale(step)) && history.expiresOn !== undefined && step.on > history.expiresOn);
  if (late !== undefined) hit('sold-after-expiry', `${late.on} 发出，有效期至 ${history.expiresOn ?? ''}`);
  const visits = manyVisits(history);
  if (visits !== undefined) hit('many-visits', visits);
  return hits;
}

function walk(steps: readonly HistoryStep[]): { readonly again: number; readonly resold: number; readonly receivedAfterSold: number } {
  let again = 0, resold = 0, receivedAfterSold = 0;
  let out = false, cameBack = false;
  for (const step of steps) {
    if (isSale(step)) {
      if (out) again += 1;
      if (cameBack) resold += 1;
      out = true;
    } else if (isReturn(step)) {
      out = false;
      cameBack = true;
    } else if (COMING_IN.has(step.kind) && step.to === 'in-stock') {
      if (out && step.from === 'dispensed') receivedAfterSold += 1;
      out = false;
    } else if (step.to === 'in-stock') out = false;
  }
  return { again, resold, receivedAfterSold };
}

/** A whole pack in three hands, or an opened one in more hands than it holds units (his.md e.4). */
function manyVisits({ steps, refusedVisits, unitsTotal }: CodeHistory): string | undefined {
  const whole = new Set([...steps.filter(isSale).map(({ visitNo }) => visitNo), ...refusedVisits].filter((visit) => visit !== undefined));
  if (whole.size >= MANY_VISITS) return `整盒出现在 ${String(whole.size)} 次就诊中`;
  const split = new Set(steps.filter((step) => step.kind === 'dispense' && step.units > 0n).map(({ visitNo }) => visitNo).filter((visit) => visit !== undefined));
  const units = unitsTotal === undefined ? undefined : Number(unitsTotal / MILLION);
  return units !== undefined && split.size > units ? `拆零出现在 ${String(split.size)} 次就诊中，而整盒只有 ${String(units)} 个最小单位` : undefined;
}
