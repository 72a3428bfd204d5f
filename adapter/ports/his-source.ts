import type { CatalogueIntake } from './catalogue-intake.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { HisMapping } from './his-mapping.ts';
import type { HisRecord, Interpretation, Interpreter } from './his-record.ts';
import type { Institution } from './institution.ts';
import type { Intake } from './intake.ts';
import type { Log } from './log.ts';
import type { ProbeResult } from './probe.ts';
import type { SettingTable } from './settings.ts';
import type { TableReader } from './table-reader.ts';

/** A running connection to a HIS: receives or fetches records and hands them to the intake. */
export interface HisSource {
  readonly name: string;
  /** reads a stored record of this source again */
  readonly interpret: Interpreter;
  /** Opens the source. Resolves when it can take records; rejects with a TraceError that says why not. */
  start(): Promise<void>;
  /** Takes nothing new, finishes what is in hand (at most 5 s), closes. */
  stop(): Promise<void>;
  /** where it listens, for the operator: `mllp://127.0.0.1:2575` */
  address(): string;
  probe(): Promise<readonly ProbeResult[]>;
  /**
   * What the source would hand to the intake, without taking, marking or moving any of it; the source need not be started. Sources
   * that cannot fetch (the HIS sends to them) answer for a sample only. Never rejects.
   */
  preview?(request: PreviewRequest): Promise<Preview>;
}

export interface PreviewRequest {
  /** records at most */
  readonly limit: number;
  /** content to be read in place of what the source would fetch: an HL7 file, a spreadsheet, rows as JSON */
  readonly sample?: { readonly name: string; readonly bytes: Uint8Array };
  /** ends a read that takes too long */
  readonly signal: AbortSignal;
}

export type Preview =
  | { readonly kind: 'records'; readonly records: readonly { readonly record: HisRecord; readonly meaning: Interpretation }[] }
  /** nothing could be read: Chinese, what to do */
  | { readonly kind: 'failed'; readonly detail: string };

export interface HisSourceDeps<Settings> {
  /** key of the source in the configuration */
  readonly name: string;
  readonly settings: Settings;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly Institution[];
  readonly intake: Intake;
  /** takes the drugs of catalogue messages; left out, such messages are refused */
  readonly catalogue?: CatalogueIntake;
  /** reads spreadsheets and csv */
  readonly tables?: TableReader;
  /** remembers how far a source has read, across restarts */
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
  /** counts something under a name that starts with his_trace_ */
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
}

/** One folder under connectors/ that can receive from a HIS; index.ts exports it, registry.ts names it. */
export interface HisSourceConnector {
  readonly name: string;
  /**
   * its sources may run in a thread of their own (adapter/source-thread): they use nothing of the process but their deps, and their
   * settings are plain data. A setting `ownThread` of the connector switches it off.
   */
  readonly ownThread?: boolean;
  readonly settings: SettingTable;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each connector narrows to its own settings; the table has checked them
  create(deps: HisSourceDeps<any>): HisSource;
}
