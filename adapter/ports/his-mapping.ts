import type { Interpretation } from './his-record.ts';
import type { Hl7Message } from './hl7-message.ts';
import type { HisRow } from './row.ts';

/** What a mapping may know besides the message itself. */
export interface MappingContext {
  /** key of the source in the configuration; becomes the event's `source` */
  readonly source: string;
  /** institution the record is filed under when the message names none */
  readonly institution: string;
  /** institution codes that are configured; a message may name one of them (MSH-4, MSH-6) */
  readonly institutions: readonly string[];
  /** time of arrival, for messages that carry no time; ISO 8601 with offset */
  readonly receivedAt: string;
}

/**
 * HisMapping (映射): turns one HIS vendor's data into trace events. Pure: no IO, no clock, no randomness.
 * A mapping reads the media it knows and leaves the others out.
 */
export interface HisMapping {
  readonly name: string;
  fromHl7?(message: Hl7Message, context: MappingContext): Interpretation;
  /** @param rows every row of one event, in the order of the row key; at least one */
  fromRow?(rows: readonly HisRow[], context: MappingContext): Interpretation;
}
