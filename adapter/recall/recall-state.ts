/**
 * State of a recall notice (召回通知) here: open 已登记 → quarantined 已隔离 → reported 已反馈 → closed 已办结; withdrawn 已撤销 when whoever issued it
 * takes it back. A recalled lot stays blocked after the notice is closed; only a withdrawn one is free again.
 */
export const RECALL_STATES = ['open', 'quarantined', 'reported', 'closed', 'withdrawn'] as const;
export type RecallState = (typeof RECALL_STATES)[number];

const FURTHER: Readonly<Record<RecallState, readonly RecallState[]>> = {
  open: ['quarantined', 'withdrawn'], quarantined: ['reported', 'withdrawn'], reported: ['closed', 'withdrawn'], closed: ['withdrawn'], withdrawn: [],
};

const NEXT: Readonly<Record<RecallState, { readonly zh: string; readonly en: string }>> = {
  open: { zh: '将在库的盒下架隔离，清点后登记为已隔离', en: 'set aside and count what is in stock, then mark it quarantined' },
  quarantined: { zh: '按就诊号联系已领用的患者，导出反馈报告并报送，然后登记为已反馈', en: 'contact the visits that received it, send the feedback report, then mark it reported' },
  reported: { zh: '按通知退回或销毁隔离的盒，登记出库后办结', en: 'return or destroy what was set aside, record it, then close' },
  closed: { zh: '无；该批号继续禁止发出', en: 'nothing; the lot stays blocked' },
  withdrawn: { zh: '无；该批号不再限制', en: 'nothing; the lot is free again' },
};

/** @returns the states that may follow */
export function statesAfter(state: RecallState): readonly RecallState[] {
  return FURTHER[state];
}

/** @returns what the owner has to do next */
export function nextStepOf(state: RecallState, language: 'zh' | 'en'): string {
  return NEXT[state][language];
}

/**
 * Whether a recall may be moved on.
 * @param here packs of it that are still in stock or opened
 * @returns why not, in Chinese; undefined when it may
 */
export function whyNotMoved(from: RecallState, to: RecallState, facts: { readonly note: string | undefined; readonly here: number }): string | undefined {
  if (!FURTHER[from].includes(to)) return `不能从 ${from} 转为 ${to}，可以是：${FURTHER[from].join('、') || '（无）'}`;
  if ((to === 'closed' || to === 'withdrawn') && (facts.note ?? '') === '') return '办结或撤销须写明原因 note';
  if (to === 'closed' && facts.here > 0) return `仍有 ${String(facts.here)} 盒在库，请先登记退货、销毁等出库`;
  return undefined;
}
