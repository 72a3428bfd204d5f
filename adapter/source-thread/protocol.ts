import type { ErrorCode } from '../domain/error.ts';
import type { CatalogueEntry } from '../ports/catalogue-intake.ts';
import type { HisRecord } from '../ports/his-record.ts';
import type { Institution } from '../ports/institution.ts';
import type { ProbeResult } from '../ports/probe.ts';
import type { PackedRecord } from './pack.ts';

/** What a source's thread is told when it begins. Everything survives structured cloning. */
export interface ThreadSetup {
  readonly name: string;
  readonly connector: string;
  readonly mapping: string | undefined;
  readonly settings: unknown;
  readonly institutions: readonly Institution[];
}

/** Something that was counted `times` over since the last message. */
export interface Counted {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly times: number;
}

/** What a thread may ask of the process, and the parameters: the counters of ports/counters.ts, the catalogue intake. */
export type Question =
  | { readonly what: 'reserve'; readonly with: readonly [string, string, number] }
  | { readonly what: 'recall'; readonly with: readonly [string, string] }
  | { readonly what: 'remember'; readonly with: readonly [string, string, string] }
  | { readonly what: 'catalogue'; readonly with: readonly [HisRecord, readonly CatalogueEntry[]] };

export type FromThread =
  | { readonly kind: 'started'; readonly address: string }
  /** `fallback`: the thread's registries do not know the parts; they can still run in the process itself */
  | { readonly kind: 'failed'; readonly code: ErrorCode | undefined; readonly detail: string; readonly fallback: boolean }
  /** everything of one turn of the thread's event loop; the bytes of the records lie one after another, in order */
  | { readonly kind: 'work'; readonly records: readonly PackedRecord[]; readonly bytes: Uint8Array | undefined; readonly counted: readonly Counted[] }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string; readonly fields: string | undefined }
  | { readonly kind: 'question'; readonly no: number; readonly question: Question }
  | { readonly kind: 'probed'; readonly no: number; readonly results: readonly ProbeResult[] }
  | { readonly kind: 'stopped' };

export type ToThread =
  /** JSON of [number, IntakeAnswer][]: cheaper than cloning many small objects */
  | { readonly kind: 'answers'; readonly answers: string }
  | { readonly kind: 'told'; readonly no: number; readonly value: unknown; readonly fault: string | undefined }
  | { readonly kind: 'probe'; readonly no: number }
  | { readonly kind: 'stop' };
