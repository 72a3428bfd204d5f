import type { TraceEvent } from '../domain/event.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import type { HisRecord, Interpretation, SkippedHisLine } from '../ports/his-record.ts';
import { sha256 } from './content-hash.ts';
import { validateEvent } from './event-schema.ts';
import { readScans } from './prepare-lines.ts';
import type { CheckedEvent } from './taking.ts';

/** What a record means, as far as that can be checked without the store. */
export type CheckedMeaning =
  | { readonly kind: 'events'; readonly events: readonly CheckedEvent[]; readonly skipped: readonly SkippedHisLine[] }
  | { readonly kind: 'noted'; readonly reason: string }
  /** the interpreter could not read it */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** it was read, and what it says cannot be taken */
  | { readonly kind: 'unfit'; readonly refusal: Refusal };

/** A record with its hash and its meaning checked. Believed by the intake, so it is only ever made here, in this process. */
export interface CheckedRecord {
  readonly record: HisRecord;
  /** SHA-256 of the bytes, hex */
  readonly sha: string;
  readonly meaning: CheckedMeaning;
}

/**
 * The part of the intake that needs no store: shape of the events, scans, canonical text, hashes. Pure, so that it may run in
 * the thread of a source while the store waits for its disk.
 */
export function checkRecord(record: HisRecord, interpretation: Interpretation): CheckedRecord {
  return { record, sha: sha256(record.bytes), meaning: meaningOf(record, interpretation) };
}

function meaningOf(record: HisRecord, interpretation: Interpretation): CheckedMeaning {
  if (interpretation.kind !== 'events') return interpretation;
  const events: CheckedEvent[] = [];
  for (const event of interpretation.events) {
    const result = checkEvent(event, record);
    if ('refusal' in result) return { kind: 'unfit', refusal: result.refusal };
    events.push(result);
  }
  return { kind: 'events', events, skipped: interpretation.skipped ?? [] };
}

/** @returns the event checked by shape and with its scans read, or why it cannot be taken */
function checkEvent(candidate: TraceEvent, record: HisRecord): CheckedEvent | { readonly refusal: Refusal } {
  const valid = validateEvent(candidate);
  if ('refusal' in valid) return valid;
  const event = valid.ok;
  if (event.institution !== record.institution) return { refusal: refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: event.institution }) };
  const scans = readScans(event);
  if ('refusal' in scans) return { refusal: scans.refusal };
  // the schema gives members in its own order, whatever order they were sent in: equal content is equal text
  const body = JSON.stringify(event);
  return { event, scans, body, contentSha: sha256(body), ...(valid.findings.length === 0 ? {} : { findings: valid.findings }) };
}
