import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventKind } from '../../adapter/domain/event.ts';

/** What has to become of one line at one platform by the end of the day. */
export type Fate =
  /** the platform has it */
  | 'reported'
  /** waits for the settlement of the visit, which does not come today */
  | 'held'
  /** nothing is owed, with a reason */
  | 'excluded'
  /** a person has to act */
  | 'attention'
  /** voided: withdrawn before it went, or sent and taken back; the platform does not have it in the end */
  | 'taken-back';

export interface LineExpectation {
  readonly source: string;
  readonly eventId: string;
  readonly lineNo: string;
  readonly kind: EventKind;
  readonly insurance: Fate;
  readonly mah: Fate;
}

interface DemoInput {
  /** when the HIS sends it, ISO 8601 with offset */
  readonly at: string;
  /** what it shows, in Chinese */
  readonly note: string;
  /** id of the event in it; '' when it holds none that can be read */
  readonly eventId: string;
}

/** One HL7 message, not framed. */
export interface MllpInput extends DemoInput {
  readonly via: 'mllp';
  readonly bytes: Uint8Array;
  readonly charset: 'UTF-8' | 'GBK' | 'GB18030';
  /** MSA-1 it must be answered with */
  readonly expect: 'AA' | 'AE' | 'AR';
}

/** One event of `POST /api/v1/events`; bad ones are no TraceEvent, hence the loose type. */
export interface RestInput extends DemoInput {
  readonly via: 'rest';
  readonly event: Readonly<Record<string, unknown>>;
  /** `status` it must be answered with */
  readonly expect: 'accepted' | 'duplicate' | 'quarantined' | 'rejected';
}

export type DemoItem = MllpInput | RestInput;

/** A synthetic hospital day. Nothing in it is real: people, licences, codes (8999…) and companies are made up. */
export interface DemoDay {
  readonly date: string;
  readonly institution: string;
  /** another member of the medical alliance, partner of transfers; not configured here */
  readonly otherInstitution: string;
  /** names of the two sources: the key of the MLLP source in the configuration, the `source` of REST events */
  readonly sources: { readonly hl7: string; readonly rest: string };
  readonly catalogue: readonly Drug[];
  /** suppliers named in receipts; the MAH system must know them by name */
  readonly suppliers: readonly string[];
  /** in the order they are sent; each is sent after the one before was answered */
  readonly items: readonly DemoItem[];
  /** every line of every event that must be on file in the end */
  readonly lines: readonly LineExpectation[];
}

export interface DayExpectations {
  readonly lines: readonly LineExpectation[];
  /** lines per fate */
  readonly insurance: Readonly<Record<Fate, number>>;
  readonly mah: Readonly<Record<Fate, number>>;
}

/** @returns what must have become of every line at the two platforms, under the default settings of both connectors */
export function expectations(day: DemoDay): DayExpectations {
  const count = (platform: 'insurance' | 'mah'): Record<Fate, number> => {
    const totals: Record<Fate, number> = { 'reported': 0, 'held': 0, 'excluded': 0, 'attention': 0, 'taken-back': 0 };
    for (const line of day.lines) totals[line[platform]] += 1;
    return totals;
  };
  return { lines: day.lines, insurance: count('insurance'), mah: count('mah') };
}
