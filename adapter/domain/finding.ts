/** Finding (提示): something a person should know about a code or a line; never stops the HIS by itself unless `block`. */
export type FindingSeverity = 'info' | 'warn' | 'block';

export const FINDING_CODES = [
  'CODE_SHAPE', 'CODE_SCHEME_UNKNOWN', 'CODE_REPEATED_IN_EVENT', 'CODE_ALREADY_DISPENSED', 'CODE_NOT_IN_STOCK',
  'CODE_DRUG_MISMATCH', 'CODE_EXPIRED', 'CODE_COUNT_MISMATCH', 'CODE_LEVEL_NOT_SMALLEST', 'DRUG_UNKNOWN', 'UNIT_UNKNOWN',
  'SPLIT_MIXED', 'SPLIT_ALREADY_OPEN', 'CODES_MISSING', 'REFERS_UNKNOWN', 'RETURN_NOT_DISPENSED', 'LOT_MISMATCH',
  'CODE_ALREADY_IN_STOCK', 'CODE_RECEIVED_AFTER_SOLD', 'CODE_LEFT_STOCK', 'CODE_MOVED_ON',
  'RETURN_TOO_MUCH', 'RETURN_OTHER_PATIENT', 'FRACTION_OF_PACK', 'SETTLEMENT_UNUSED', 'SETTLEMENT_AFTER_REPORT', 'MEMBER_UNKNOWN',
  'CODE_RECALLED', 'CODE_DISPENSED_AT_MEMBER', 'CODE_RETURNED_THEN_SOLD', 'CODE_NOT_ACTIVATED', 'CODE_PLATFORM_WARNING', 'CODE_UNUSUAL_PATTERN',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** line concerned; '' = the whole event */
  readonly lineNo: string;
  /** trace code concerned, when one is */
  readonly traceCode?: string;
  /** one sentence of detail in Chinese; the code's own text and action come from finding-text.ts */
  readonly detail?: string;
}
