/** Kinds of difference, in the order in which a summary lists them. */
export const DIFFERENCE_KINDS = ['record', 'event', 'field', 'line', 'exclusion', 'quantity', 'code', 'finding', 'report', 'catalogue'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** What one event was, or would be, told differently. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** field, finding or destination and operation concerned */
  readonly what: string;
  /** line concerned; left out: the whole event */
  readonly lineNo?: string;
  /** trace code concerned */
  readonly code?: string;
  /** as it was stored and sent; left out: it was not there */
  readonly before?: string;
  /** as it would be; left out: it would not be there */
  readonly after?: string;
}

/** The differences of one event, with the place where it is found. */
export interface EventDifferences {
  readonly institution: string;
  readonly source: string;
  readonly eventId: string;
  /** record of the store; left out for given ones that the store does not have */
  readonly recordNo?: number;
  readonly differences: readonly Difference[];
}

interface Words { readonly zh: string; readonly en: string }

export const KIND_WORDS: Readonly<Record<DifferenceKind, Words>> = {
  record: { zh: '记录结果', en: 'result of the record' }, event: { zh: '事件增减', en: 'event' }, field: { zh: '事件字段', en: 'field of the event' }, line: { zh: '明细增减', en: 'line' },
  exclusion: { zh: '除外', en: 'exclusion' }, quantity: { zh: '数量换算', en: 'quantity' }, code: { zh: '追溯码', en: 'trace code' }, finding: { zh: '提示', en: 'finding' },
  report: { zh: '上报任务', en: 'report' }, catalogue: { zh: '药品目录', en: 'catalogue' },
};
