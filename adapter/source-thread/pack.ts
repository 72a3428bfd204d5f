import type { TraceEvent } from '../domain/event.ts';
import type { TraceCode } from '../domain/trace-code.ts';
import type { CheckedMeaning, CheckedRecord } from '../intake/check-record.ts';
import type { CheckedEvent } from '../intake/taking.ts';
import type { HisRecord } from '../ports/his-record.ts';

/**
 * A checked record on its way between threads. Two texts instead of a tree of objects: structured cloning of an event costs
 * several times what JSON does, and the events are text already.
 */
export interface PackedRecord {
  readonly no: number;
  /** length of its bytes */
  readonly size: number;
  /** JSON of Head */
  readonly head: string;
  /** the events, as CheckedEvent.body */
  readonly bodies: readonly string[];
}

interface Head {
  readonly record: Omit<HisRecord, 'bytes'>;
  readonly sha: string;
  readonly meaning: Exclude<CheckedMeaning, { kind: 'events' }> | {
    readonly kind: 'events';
    readonly skipped: Extract<CheckedMeaning, { kind: 'events' }>['skipped'];
    readonly events: readonly { readonly contentSha: string; readonly scans: readonly (readonly [string, readonly TraceCode[]])[] }[];
  };
}

export function packRecord(no: number, { record, sha, meaning }: CheckedRecord): PackedRecord {
  const { bytes, ...rest } = record;
  const head: Head = {
    record: rest, sha,
    meaning: meaning.kind !== 'events' ? meaning : { kind: 'events', skipped: meaning.skipped, events: meaning.events.map(({ contentSha, scans }) => ({ contentSha, scans: [...scans] })) },
  };
  return { no, size: bytes.length, head: JSON.stringify(head), bodies: meaning.kind === 'events' ? meaning.events.map((event) => event.body) : [] };
}

export function unpackRecord(packed: PackedRecord, bytes: Uint8Array): CheckedRecord {
  const { record, sha, meaning } = JSON.parse(packed.head) as Head;
  if (meaning.kind !== 'events') return { record: { ...record, bytes }, sha, meaning };
  const events = meaning.events.map(({ contentSha, scans }, at): CheckedEvent => {
    const body = packed.bodies[at] ?? '';
    return { event: JSON.parse(body) as TraceEvent, scans: new Map(scans), body, contentSha };
  });
  return { record: { ...record, bytes }, sha, meaning: { kind: 'events', events, skipped: meaning.skipped } };
}

/** @returns the bytes of all records one after another, in memory of their own that can be handed over */
export function joinBytes(records: readonly CheckedRecord[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(records.reduce((sum, { record }) => sum + record.bytes.length, 0));
  let at = 0;
  for (const { record } of records) {
    joined.set(record.bytes, at);
    at += record.bytes.length;
  }
  return joined;
}
