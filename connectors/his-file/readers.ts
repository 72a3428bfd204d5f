import type { CatalogueEntry } from '../../adapter/ports/catalogue-intake.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { Clock } from '../../adapter/ports/clock.ts';

/** What is known of a source when a message of a file is read. */
export interface MessageContext {
  readonly source: string;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly string[];
  /** institution the settings name */
  readonly named: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** One message of an HL7 file as a record with its meaning. */
export interface FileMessage {
  readonly record: HisRecord;
  readonly meaning: Interpretation | { readonly kind: 'catalogue'; readonly entries: readonly CatalogueEntry[] };
}

/** How HL7 v2 in a file is read; connectors/his-hl7v2 knows, the registry hands it in. */
export interface Hl7Files {
  /** @returns the messages of FHS/BHS … BTS/FTS, or of a file without envelope, in order */
  read(bytes: Uint8Array, context: MessageContext): readonly FileMessage[];
  interpret(record: HisRecord, context: MessageContext): Interpretation;
}

/** How REST JSON in a file is read; connectors/his-rest knows. */
export interface JsonFiles {
  read(bytes: Uint8Array, contentType: string, limits: { readonly maxEvents: number; readonly maxBytes: number }):
    | { readonly kind: 'items'; readonly items: readonly { readonly text: string; readonly value: unknown }[] }
    | { readonly kind: 'refused'; readonly refusal: Refusal };
  interpret(record: HisRecord): Interpretation;
}

/** Wires of other connectors that also come as files. */
export interface FileReaders {
  readonly hl7: Hl7Files;
  readonly json: JsonFiles;
}
