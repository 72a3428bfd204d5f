import type { Finding } from '../domain/finding.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { HisRecord, Interpretation } from './his-record.ts';

/** What became of one event. `accepted` and `duplicate` are durable when this value exists. */
export interface EventAnswer {
  readonly id: string;
  readonly status: 'accepted' | 'duplicate' | 'quarantined' | 'rejected';
  /** codes the split stock assigned; quantity in smallest units, decimal string */
  readonly assigned: readonly { readonly lineNo: string; readonly code: string; readonly quantity: string }[];
  readonly findings: readonly Finding[];
  /** set when quarantined or rejected */
  readonly refusal?: Refusal;
}

/** What became of one record. */
export type IntakeAnswer =
  | { readonly kind: 'taken'; readonly events: readonly EventAnswer[] }
  /** kept durably, nothing to trace in it */
  | { readonly kind: 'noted'; readonly reason: string }
  /** kept durably in quarantine; the sender is told why */
  | { readonly kind: 'quarantined'; readonly refusal: Refusal }
  /** nothing is on disk: the sender has to send again (store full, stopping, overloaded) */
  | { readonly kind: 'unavailable'; readonly refusal: Refusal; readonly retryAfterMs: number };

/**
 * Intake (接收): takes one record and answers only after everything about it is durable, in one transaction.
 * Never throws for anything the outside world can cause.
 */
export interface Intake {
  submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer>;
}
