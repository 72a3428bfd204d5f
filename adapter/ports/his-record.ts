import type { TraceEvent } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';

/** What came over the wire, whole: kept as it was, so that a quarantined record can be mapped again later. */
export interface HisRecord {
  /** institution the record is filed under: named by the record, or the source's default */
  readonly institution: string;
  /** key of the source in the configuration, or the `source` the REST caller names */
  readonly source: string;
  /** id the HIS gave the record (MSH-10, event id); '' when it has none */
  readonly controlId: string;
  readonly media: 'hl7v2' | 'json' | 'row' | 'xml' | 'file';
  /** encoding the bytes were read in, for example utf-8, gb18030 */
  readonly charset: string;
  readonly bytes: Uint8Array;
  /** name of the interpreter that can read the bytes again (a configured source, or `his-rest`) */
  readonly interpreter: string;
}

/** A HIS line that was understood and left out by the mapping. */
export interface SkippedHisLine { readonly lineNo: string; readonly reason: string }

/** What a record means. */
export type Interpretation =
  | {
    readonly kind: 'events'; readonly events: readonly TraceEvent[];
    /** lines of the record that move nothing of ours (自备, 基数药, not given): kept with the reason beside the first event */
    readonly skipped?: readonly SkippedHisLine[];
  }
  /** understood, and nothing to trace in it (an order, a query): kept with the reason */
  | { readonly kind: 'noted'; readonly reason: string }
  /** cannot be mapped: goes to quarantine whole */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Reads a stored record again: decode, parse, map. Pure; throws never, a fault is a refusal. */
export type Interpreter = (record: HisRecord) => Interpretation;
