/** hl7-standard 1.0.4 brings no types. Only what is read is declared: build() and set() are defective and never called. */
declare module 'hl7-standard' {
  namespace HL7 {
    type Component = string | readonly string[];
    type Field = string | readonly (string | Readonly<Record<string, Component>>)[] | Readonly<Record<string, Component>>;
    interface Segment {
      readonly type: string;
      readonly index: number;
      /** `PID.3` to its value */
      readonly data: Readonly<Record<string, Field>>;
    }
  }
  class HL7 {
    constructor(data: string);
    /** throws on what it cannot read */
    transform(): void;
    getSegments(name?: string): HL7.Segment[];
  }
  export = HL7;
}
