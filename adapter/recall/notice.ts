/** A recall notice as it is imported: one product, one or more lots. */
export interface RecallNotice {
  /** number of the notice, from whoever issued it */
  readonly noticeNo: string;
  readonly approvalNo: string;
  /** `*` = every lot */
  readonly lots: readonly string[];
  readonly drugName?: string | undefined;
  readonly manufacturer?: string | undefined;
  /** 召回级别 1..3 */
  readonly level?: number | undefined;
  readonly reason?: string | undefined;
  readonly issuer?: string | undefined;
  /** yyyy-MM-dd */
  readonly issuedOn?: string | undefined;
  readonly owner?: string | undefined;
}

/** What became of one notice. */
export interface ImportedNotice {
  readonly recallNo: number;
  readonly noticeNo: string;
  readonly approvalNo: string;
  /** `extended`: known before, lots were added */
  readonly result: 'imported' | 'extended' | 'duplicate';
  readonly lotsAdded: number;
}

/** @returns notices of one number and product put together, as a file with one row per lot gives them */
export function mergeNotices(notices: readonly RecallNotice[]): readonly RecallNotice[] {
  const merged = new Map<string, RecallNotice>();
  for (const notice of notices) {
    const key = JSON.stringify([notice.noticeNo, notice.approvalNo]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? notice : { ...notice, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)), lots: [...new Set([...known.lots, ...notice.lots])] });
  }
  return [...merged.values()];
}
