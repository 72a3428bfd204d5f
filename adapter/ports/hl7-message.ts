/**
 * Hl7Message (HL7 v2 消息): what a mapping sees of a message, whatever codec read it. Pure types, no code.
 * A message is a list of segments in the order they came; group structure is left to the mapping, because senders put
 * segments in unexpected places and strict group parsers then lose data silently (his.md a.3).
 */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/** One repetition of a field. Components and sub-components count from 1. */
export interface Hl7Repetition {
  /**
   * Text with escapes decoded; '' when absent or the HL7 null `""`.
   * @param component default 1
   * @param subcomponent default 1; 0 = the whole component, sub-component separators included
   */
  text(component?: number, subcomponent?: number): string;
  /** as it stands in the message */
  readonly raw: string;
}

/** One segment. Fields count from 1 as in the standard; MSH-1 is the field separator itself. */
export interface Hl7Segment {
  /** upper case, three characters */
  readonly name: string;
  /** place in the message, from 0 */
  readonly position: number;
  /** 1 for the first segment of this name in the message */
  readonly occurrence: number;
  /** number of the last field present */
  readonly fieldCount: number;
  /** text of the first repetition, see Hl7Repetition.text */
  text(field: number, component?: number, subcomponent?: number): string;
  /** all repetitions, also empty ones between separators; none when the field is empty */
  repetitions(field: number): readonly Hl7Repetition[];
  /** the field as it stands in the message, '' when absent */
  raw(field: number): string;
}

export interface Hl7Message {
  readonly delimiters: Hl7Delimiters;
  readonly segments: readonly Hl7Segment[];
  /** segments of that name in message order */
  all(name: string): readonly Hl7Segment[];
  first(name: string): Hl7Segment | undefined;
}
