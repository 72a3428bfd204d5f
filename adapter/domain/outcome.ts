/**
 * Outcome (结果): what is known about one report at one platform after an attempt. Outcomes are values, never
 * exceptions; whatever a connector throws is taken as `unknown`.
 *
 * - `accepted`     the platform has it.
 * - `duplicate`    the platform already had this same key: success.
 * - `not-owed`     policy says it need not be reported, with the reason.
 * - `rejected`     the content was refused: a person has to act (needs attention).
 * - `unavailable`  provably not processed: retry with back-off.
 * - `unknown`      may have been processed: ask the platform before sending again.
 */
export type Outcome =
  | { readonly kind: 'accepted'; readonly platformRef?: string; readonly evidence?: string }
  | { readonly kind: 'duplicate'; readonly platformRef?: string; readonly evidence?: string }
  | { readonly kind: 'not-owed'; readonly reason: string }
  | ({ readonly kind: 'rejected' } & PeerFault)
  | ({ readonly kind: 'unavailable'; readonly retryAfterMs?: number } & PeerFault)
  | ({ readonly kind: 'unknown' } & PeerFault);

export type OutcomeKind = Outcome['kind'];

/** Why an attempt did not succeed. `reason` is ours and closed; peer text is evidence only, never looked at for retry. */
export interface PeerFault {
  readonly reason: FaultReason;
  readonly peerCode?: string;
  readonly peerText?: string;
  /** trace codes the platform named as bad, when it named any */
  readonly codes?: readonly string[];
}

/** Closed set of reasons behind a fault; the dictionary with Chinese texts and actions is in fault-text.ts. */
export const FAULT_REASONS = [
  'NETWORK', 'TIMEOUT', 'BAD_REPLY', 'WRONG_MESSAGE_ID', 'SERVER_FAULT', 'THROTTLED', 'SERVICE_DOWN', 'AUTH', 'NOT_GRANTED', 'CLOCK',
  'CONFIGURATION', 'MISSING_FIELD', 'FIELD_TOO_LONG', 'DUPLICATE_CODE', 'INVALID_CODE', 'CODE_NOT_INBOUND',
  'CATALOG', 'REQUIRED', 'SETTLEMENT', 'RULE', 'SYSTEM', 'UNKNOWN_TEXT', 'PARTLY_REJECTED', 'BILL_CONFLICT',
  'OWNER_UNKNOWN', 'CODES_MISSING', 'DRUG_UNKNOWN', 'CANNOT_ASK', 'CRASHED', 'FAULT_IN_CONNECTOR', 'UNPLANNED',
] as const;
export type FaultReason = (typeof FAULT_REASONS)[number];

/** What `ask` learned about a report whose outcome was not known. */
export type AskResult =
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** the platform has it and is still working on it; ask again later */
  | { readonly kind: 'processing' }
  /** the platform says it does not have this key */
  | { readonly kind: 'absent' }
  /** the question itself failed; ask again later */
  | ({ readonly kind: 'no-answer' } & PeerFault)
  /** this platform has no way to be asked: a person has to decide */
  | { readonly kind: 'cannot-ask'; readonly why: string };

/** What `send` learned. `processing` = taken in, final result comes asynchronously: ask after the delay. */
export type SendResult = Outcome | { readonly kind: 'processing'; readonly askAfterMs: number; readonly evidence?: string };
