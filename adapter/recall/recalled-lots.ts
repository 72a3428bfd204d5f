/** A lot under recall, as far as a scan has to know it. */
export interface RecalledLot {
  readonly noticeNo: string;
  /** 召回级别 1..3 */
  readonly level?: number;
}

/** The lots of one institution that are under recall. */
export interface RecalledLots {
  readonly isEmpty: boolean;
  /** @returns the recall of exactly this lot, or of every lot of the product; undefined when there is none or the lot is not known */
  find(approvalNo: string | undefined, lot: string | undefined): RecalledLot | undefined;
  /** @returns whether some lot of the product is under recall: a pack whose lot nobody knows has to be looked at */
  concerns(approvalNo: string | undefined): boolean;
}

export interface RecalledLotRow { readonly approvalKey: string; readonly lotKey: string; readonly recall: RecalledLot }

/** Stands for every lot of the product. */
export const EVERY_LOT = '*';

/**
 * What approval numbers are compared by: no width, blanks, case or 国药准字 in front, which notices and catalogues write as they like.
 * @example approvalKey(' 国药准字 h20260001 ') → 'H20260001'
 */
export function approvalKey(approvalNo: string): string {
  return approvalNo.normalize('NFKC').replace(/[\s\-_]/gu, '').replace(/^国药准字/u, '').toUpperCase();
}

/** @returns what lots are compared by: no width, blanks or case */
export function lotKey(lot: string): string {
  return lot.normalize('NFKC').replace(/\s/gu, '').toUpperCase();
}

/** @returns the rows as something to ask; pure */
export function recalledLots(rows: readonly RecalledLotRow[]): RecalledLots {
  if (rows.length === 0) return NO_RECALLS;
  const byApproval = new Map<string, Map<string, RecalledLot>>();
  for (const row of rows) {
    const lots = byApproval.get(row.approvalKey) ?? new Map<string, RecalledLot>();
    lots.set(row.lotKey, row.recall);
    byApproval.set(row.approvalKey, lots);
  }
  const lotsOf = (approvalNo: string | undefined): Map<string, RecalledLot> | undefined => (approvalNo === undefined ? undefined : byApproval.get(approvalKey(approvalNo)));
  return {
    isEmpty: false,
    find(approvalNo, lot) {
      const lots = lotsOf(approvalNo);
      return lots === undefined ? undefined : lots.get(EVERY_LOT) ?? (lot === undefined ? undefined : lots.get(lotKey(lot)));
    },
    concerns: (approvalNo) => lotsOf(approvalNo) !== undefined,
  };
}

export const NO_RECALLS: RecalledLots = { isEmpty: true, find: () => undefined, concerns: () => false };
