import type { PlatformName } from './platform-name.ts';

/**
 * What can go wrong on the way (anchors.md section 6.2, N7). `when` of an effect says whether the platform has committed
 * before the fault shows: that is the whole difference between "send again" and "ask first".
 */
export const FAULT_EFFECTS = [
  'dropReplyAfterCommit', 'dropBeforeCommit', 'http500Html', 'http502', 'http503', 'truncatedJson', 'cutMidReply', 'emptyReply',
  'wrongCharset', 'slow', 'slowThenCommitAfterClientGone', 'throttle', 'outage', 'errorBody', 'refuse', 'retRsltZero',
  'wrongMessageId', 'hugeReply', 'doctypeReply', 'successFlagWrongLevel', 'stallProcessing', 'partialProcessing',
] as const;

export type FaultEffect = (typeof FAULT_EFFECTS)[number];

export interface FaultRule {
  /** shown in the counts; default: the effect */
  readonly name?: string;
  /** default: every platform */
  readonly platform?: PlatformName;
  /** infno (`3505A`; `3505*` takes both forms) or method (`uploadretail` or its full name); default: every operation */
  readonly operation?: string | readonly string[];
  /** only bodies that hold this text, for example one drug's code */
  readonly contains?: string;
  /** which of the matching calls, from 1: `3`, `[1, 2]` or `"5-9"`; default: all */
  readonly calls?: number | readonly number[] | string;
  /** every nth of the matching calls */
  readonly every?: number;
  /** 0..1, drawn from the seeded generator */
  readonly probability?: number;
  /** start of the window: milliseconds or `5s` since the rules were set, or an ISO time with offset */
  readonly from?: number | string;
  /** end of the window, same forms */
  readonly until?: number | string;
  /** at most so many times */
  readonly times?: number;
  readonly effect: FaultEffect;
  /** commit before or after the fault, for the effects that leave the choice (http500Html, http502, http503, errorBody, retRsltZero) */
  readonly when?: 'before' | 'after';
  /** milliseconds, for slow, slowThenCommitAfterClientGone, throttle, outage, stallProcessing */
  readonly ms?: number;
  /** the platform's words, for errorBody, refuse, retRsltZero */
  readonly text?: string;
  /** the platform's code, for errorBody and refuse */
  readonly code?: string;
  /** size of a hugeReply, default 20 MB */
  readonly bytes?: number;
  /** codes that fail, for partialProcessing; default 1 */
  readonly count?: number;
}

/** A fault script: a seed and rules; the first rule that fits a call is applied. */
export interface FaultScript {
  readonly seed?: number;
  readonly rules: readonly FaultRule[];
}
