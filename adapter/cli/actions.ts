import type { Config } from '../config/config.ts';
import type { EventDifferences } from '../dry-run/difference.ts';
import type { DryRunReport } from '../dry-run/dry-run.ts';
import type { GivenFile } from '../dry-run/given-files.ts';
import type { PreviewReport } from '../dry-run/preview.ts';
import type { Selection } from '../dry-run/select.ts';
import type { Language } from '../domain/error.ts';
import type { OperationCount } from '../http/operations.ts';
import type { Role } from '../http/roles.ts';
import type { TokenRow } from '../http/token.ts';
import type { ProbeResult } from '../ports/probe.ts';
import type { DeliveryFilter } from '../store/queries/deliveries-view.ts';
import type { QuarantineFilter } from '../store/queries/quarantine-view.ts';

/** What every command that works on a configuration is given. */
export interface ActionContext {
  readonly config: Config;
  /** folder of the configuration file; relative paths of store and log are relative to it */
  readonly folder: string;
  readonly language: Language;
  readonly progress: Progress;
  /** how the log is shown on the terminal */
  readonly terminal: Terminal;
}

export interface Terminal { readonly json: boolean; readonly tty: boolean; readonly out: (text: string) => void; readonly err: (text: string) => void }

/** Reports how far a long work is; shown as one moving line on a terminal, as one JSON line per step with --json. */
export type Progress = (step: string, done?: number, total?: number) => void;

/** Something that runs until it is told to stop. */
export interface Running {
  /** what listens where, for the operator: `HTTP` `http://127.0.0.1:8680` */
  readonly addresses: readonly { readonly what: string; readonly address: string }[];
  /** resolves when it ended by itself, with the reason; left out when it cannot */
  readonly ended?: Promise<string>;
  /** drains and closes; at most 9 s */
  stop(): Promise<void>;
}

export interface NamedProbe {
  /** `store`, `sources.his-hl7`, `destinations.insurance` */
  readonly part: string;
  readonly results: readonly ProbeResult[];
}

export interface SandboxOptions {
  readonly host: string;
  /** 0 = any free port */
  readonly insurancePort: number;
  readonly mahPort: number;
  /** content of the fault script (JSON), when one was given */
  readonly faults?: string;
  /** absolute path of the file in which the platforms remember what they have; left out: memory only */
  readonly stateFile?: string;
  readonly terminal: Terminal;
  readonly language: Language;
}

export interface DemoOptions {
  /** stays up afterwards until it is told to end */
  readonly keep: boolean;
  readonly language: Language;
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** resolves when the operator wants to end (Ctrl-C, SIGTERM) */
  readonly stopped: Promise<void>;
}

/** Something the connectors find wrong in their own settings, beyond what their tables can say. */
export interface PartProblem { /** `destinations.mah` */ readonly path: string; /** Chinese, one sentence */ readonly detail: string }

export interface NewTokenOptions { readonly name: string; readonly role: Role; /** `*` = every configured one */ readonly institution: string; readonly days: number }

export interface NewCertificateOptions extends NewTokenOptions { /** SHA-256 fingerprint, hex with or without colons */ readonly fingerprint256: string }

export interface ImportOptions {
  /** absolute path */
  readonly file: string;
  readonly institution: string;
}

export interface ImportReport {
  /** data rows in the file */
  readonly rows: number;
  /** rows now in the catalogue; 0 when there is a problem and nothing was taken */
  readonly written: number;
  /** what a person should know: heads that were ignored, the charset that was found */
  readonly notes: readonly string[];
  readonly problems: readonly { readonly row: number; readonly column: string; readonly value: string; readonly reason: string }[];
}

export interface QuarantinedRecord {
  readonly recordNo: number;
  readonly source: string;
  readonly controlId: string;
  /** ms since epoch */
  readonly receivedAt: number;
  readonly errorCode: string;
  readonly field?: string;
  readonly value?: string;
  readonly detail?: string;
}

export interface DryRunRequest {
  readonly selection: Selection;
  /** configuration that is tried; left out: the present one */
  readonly tried?: ActionContext;
  readonly files?: readonly GivenFile[];
  readonly fileSource?: string;
  /** absolute path of a drug catalogue that is tried */
  readonly drugFile?: string;
  readonly onDifference: (differences: EventDifferences) => void;
}

export interface PreviewRequest { readonly source: string; readonly limit: number; readonly sample?: GivenFile; /** also tries the connection */ readonly probe?: boolean }

interface LineClassSummary { readonly lines: number; readonly reasons: readonly { readonly reason: string; readonly lines: number }[] }

/** One day of one institution, as `GET /api/v1/summary` gives it. */
export interface DaySummary {
  readonly date: string;
  readonly institution: string;
  readonly events: number;
  readonly lines: number;
  readonly complete: boolean;
  /** per cent with two decimals */
  readonly completeness: string;
  readonly quarantined: number;
  readonly destinations: readonly {
    readonly name: string; readonly lines: number; readonly completeness: string; readonly reportRate: string; readonly reported: number;
    readonly excluded: LineClassSummary; readonly pending: LineClassSummary; readonly attention: LineClassSummary; readonly missing: LineClassSummary;
  }[];
}

/**
 * What the commands do, one function per command; main.ts composes them. They return values and throw TraceError, the
 * command line does all the printing.
 */
export interface Actions {
  /** Starts the service; resolves when it can take work. */
  start(context: ActionContext): Promise<Running>;
  /** Lets every connector look at its settings without opening anything. @returns all problems */
  verify(context: ActionContext): Promise<readonly PartProblem[]>;
  /** Tries every connection of the configuration; never throws for what the outside world does. */
  probe(context: ActionContext): Promise<readonly NamedProbe[]>;
  /** Plays records through a configuration in memory; the store is only read, nothing is sent. */
  dryRun(context: ActionContext, request: DryRunRequest): Promise<DryRunReport>;
  /** Shows what some records of a source would become; takes none of them. */
  preview(context: ActionContext, request: PreviewRequest): Promise<PreviewReport>;
  sandbox(options: SandboxOptions): Promise<Running>;
  /** Plays the demonstration and prints it. @returns the exit code */
  demo(options: DemoOptions): Promise<number>;
  createToken(context: ActionContext, options: NewTokenOptions): Promise<{ readonly token: string; readonly tokenId: string; readonly expiresAt: number }>;
  /** Lets a client certificate stand for a role. */
  registerCertificate(context: ActionContext, options: NewCertificateOptions): Promise<{ readonly tokenId: string; readonly expiresAt: number }>;
  listTokens(context: ActionContext): Promise<readonly TokenRow[]>;
  /** @returns whether a live token had this id */
  revokeToken(context: ActionContext, tokenId: string): Promise<boolean>;
  importDrugs(context: ActionContext, options: ImportOptions): Promise<ImportReport>;
  /** Turns the stop switch of a destination, for every institution named. */
  switchDestination(context: ActionContext, change: { readonly destination: string; readonly institutions: readonly string[]; readonly stopped: boolean; readonly reason: string; readonly by: string }): Promise<void>;
  /** newest first */
  listQuarantine(context: ActionContext, filter: QuarantineFilter, limit: number): Promise<readonly QuarantinedRecord[]>;
  retryQuarantine(context: ActionContext, filter: QuarantineFilter, options: { readonly dryRun: boolean; readonly by: string }): Promise<OperationCount>;
  resend(context: ActionContext, filter: DeliveryFilter, options: { readonly dryRun: boolean; readonly by: string }): Promise<OperationCount>;
  summary(context: ActionContext, day: { readonly institution: string; readonly date: string }): Promise<DaySummary>;
}
