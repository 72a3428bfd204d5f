import type { Drug } from '../domain/drug.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { MappingContext } from './his-mapping.ts';
import type { HisRecord } from './his-record.ts';
import type { Hl7Message } from './hl7-message.ts';

/** A member of a drug as the sender wrote it: text, or null where it says that there is no value any more. */
export interface CatalogueMember {
  readonly value: string | null;
  /** where it stands in the sender's terms: `Z06-22` */
  readonly at: string;
}

/** One drug of a catalogue message. Members that are not named stay as they are. */
export interface CatalogueEntry {
  /** place in the message, from 1 */
  readonly no: number;
  readonly action: 'add' | 'update' | 'deactivate' | 'activate';
  /** HIS drug id */
  readonly drug: string;
  /** where the id stands: `MFE-4` */
  readonly drugAt: string;
  readonly members: Readonly<Partial<Record<keyof Drug, CatalogueMember>>>;
  /** why the mapping could not read this entry */
  readonly refusal?: Refusal;
}

/** What a catalogue message means; a message that cannot be read at all is refused whole. */
export type CatalogueReading =
  | { readonly kind: 'catalogue'; readonly entries: readonly CatalogueEntry[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A mapping that also reads catalogue messages (MFN). Pure, like the rest of a mapping. */
export interface CatalogueMapping {
  /** @returns undefined for a message that is none */
  catalogueFromHl7(message: Hl7Message, context: MappingContext): CatalogueReading | undefined;
}

/** @returns whether the mapping reads catalogue messages */
export function readsCatalogue(mapping: object | undefined): mapping is CatalogueMapping {
  return mapping !== undefined && 'catalogueFromHl7' in mapping && typeof mapping.catalogueFromHl7 === 'function';
}

/** What became of one entry. Everything but `refused` is durable when this value exists. */
export interface CatalogueResult {
  readonly no: number;
  readonly drug: string;
  readonly result: 'added' | 'updated' | 'unchanged' | 'deactivated' | 'activated' | 'duplicate' | 'refused';
  readonly refusal?: Refusal;
}

export type CatalogueAnswer =
  | { readonly kind: 'taken'; readonly results: readonly CatalogueResult[] }
  /** kept durably in quarantine, nothing applied: the same control id came with other content before */
  | { readonly kind: 'conflict'; readonly refusal: Refusal }
  /** nothing is on disk: the sender has to send again */
  | { readonly kind: 'unavailable'; readonly refusal: Refusal; readonly retryAfterMs: number };

/**
 * CatalogueIntake (药品目录接收): takes the drugs of one message in one transaction and answers only after it is durable and the reports that
 * waited for these drugs are planned again. Good entries are taken, bad ones are refused by name; the message sent again changes nothing.
 * Never throws for anything the outside world can cause.
 */
export interface CatalogueIntake {
  submit(record: HisRecord, entries: readonly CatalogueEntry[]): Promise<CatalogueAnswer>;
}

/** What a source that takes catalogue messages needs beside its other deps; without it such messages are refused. */
export interface CatalogueDoor {
  readonly catalogue?: CatalogueIntake;
}
