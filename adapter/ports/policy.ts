import type { Drug } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import type { Institution } from './institution.ts';

/** Which lines the rules leave out of reporting, each with its reason and source. Province packs (plugins/province-*) implement it. */
export interface Policy {
  readonly name: string;
  /** @returns the reason in Chinese (with the article) when the line need not be reported to any platform; undefined when it is owed */
  exclusionOf(subject: { readonly institution: Institution; readonly event: TraceEvent; readonly line: EventLine; readonly drug: Drug | undefined }): string | undefined;
}
