import type { FaultReason } from '../../../adapter/domain/outcome.ts';
import type { ReplyPath } from '../reply/reply-tree.ts';

/** What a rule makes of a reply that fits it. `absent` only in answers to a query. */
export const VERDICTS = ['accepted', 'duplicate', 'refused', 'retry', 'throttled', 'processing', 'unknown', 'absent'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Condition {
  /** which part of the reply: the business content, or the SOAP envelope around it */
  readonly of: 'body' | 'envelope';
  readonly path: ReplyPath;
  readonly test: (found: readonly string[]) => boolean;
  /** holds only when something was found and all of it is what was asked for */
  readonly positive: boolean;
}

/** One row of the outcome table; the first that fits decides. */
export interface Rule {
  readonly then: Verdict;
  /** HTTP statuses it holds for; undefined = any */
  readonly statuses: readonly string[] | undefined;
  /** all must hold */
  readonly conditions: readonly Condition[];
  readonly reason: FaultReason | undefined;
  /** pause before the next try or question */
  readonly afterMs: number | undefined;
  readonly ref: ReplyPath | undefined;
  readonly code: ReplyPath | undefined;
  readonly text: ReplyPath | undefined;
  readonly codes: ReplyPath | undefined;
  /** trace codes the platform must name for the verdict to be believed */
  readonly sameCodes: ReplyPath | undefined;
}
