import type { Drug, PackageLevel } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import type { AskResult, FaultReason, PeerFault, SendResult } from '../domain/outcome.ts';
import type { ChinaCrypto } from './china-crypto.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Institution } from './institution.ts';
import type { Log } from './log.ts';
import type { Regime } from './policy.ts';
import type { ProbeResult } from './probe.ts';
import type { SettingTable } from './settings.ts';
import type { UpstreamAccess } from './upstream.ts';

/** A trace code of a line as the ledger knows it. */
export interface LineCode {
  /** canonical text, the ledger's key */
  readonly code: string;
  readonly scheme: 'cn20' | 'gs1' | 'other';
  /** 7-digit product resource code, or the GTIN; '' for unknown schemes */
  readonly prefix: string;
  readonly level: PackageLevel;
  /** smallest units of the drug that this line took from or put back to the pack, decimal string; whole packs: units of the whole pack */
  readonly units: string;
  /** split lines: true when this event opened the pack or was the first to take from it (323 once per code) */
  readonly firstOpening: boolean;
  /** split lines: true when this line took the last units of the pack */
  readonly emptied?: boolean;
  /** a code that was reported by more than this line keeps what its receipt said */
  readonly lot?: string;
  readonly producedOn?: string;
  readonly expiresOn?: string;
}

/** One line of an event with everything that a report may need about it. */
export interface ReportLine {
  readonly line: EventLine;
  /** undefined when the catalogue does not know the drug */
  readonly drug: Drug | undefined;
  readonly codes: readonly LineCode[];
  /** quantity in smallest units, decimal string; undefined when the unit cannot be converted */
  readonly units: string | undefined;
  /** quantity in packs, decimal string with at most 4 decimals; undefined when it cannot be converted */
  readonly packs: string | undefined;
}

/** An event as a destination sees it, with the settlement attached where one has arrived. */
export interface ReportedEvent {
  readonly institution: Institution;
  readonly event: TraceEvent;
  /** lines owed to the destinations; excluded lines are already left out */
  readonly lines: readonly ReportLine[];
}

/**
 * One report a destination wants to make of an event: one key at one platform, with its own life.
 * A destination may plan several (3503 and 3502 of one receipt line; bills `_1.._n` of more than 3,500 codes).
 */
export interface PlannedReport {
  /** what is sent, in the platform's own name: `3505`, `3502:108`, `323` */
  readonly operation: string;
  /** idempotency key at the platform (fixmedins_bchno, bill_code); made before sending, never changed */
  readonly key: string;
  /** line numbers this report speaks for */
  readonly covers: readonly string[];
  /** canonical trace codes it carries: order per code and destination is kept */
  readonly codes: readonly string[];
  /** reports with the same batch key may travel in one call */
  readonly batchKey: string;
  /** 0 a patient waits … 9 night batch */
  readonly priority: number;
  /** `settlement`: not before the settlement of the visit has arrived */
  readonly hold?: 'settlement';
  /** set when policy of this destination says the lines need not be reported; nothing is sent then */
  readonly notOwed?: string;
  /** reversals that take back the opening of split packs: of these codes only those whose opening the ledger undid are meant */
  readonly unlessOpened?: readonly string[];
  /** set when it cannot be sent as it is: filed as needs attention with this reason, nothing is sent */
  readonly unsendable?: { readonly reason: FaultReason; readonly detail: string };
}

/** A report handed to the destination to be sent or asked about. */
export interface Report {
  readonly deliveryNo: number;
  readonly operation: string;
  readonly key: string;
  readonly batchKey: string;
  readonly covers: readonly string[];
  readonly codes: readonly string[];
  /** the event it speaks of; for a reversal the event that is taken back */
  readonly reported: ReportedEvent;
  /** set on reversals: what is taken back */
  readonly reverses?: { readonly operation: string; readonly key: string; /** the void that asks for it */ readonly by?: { readonly id: string; readonly occurredAt: string } };
  /** 1 for the first attempt */
  readonly attempt: number;
  /** when an earlier attempt went out, ms since epoch; undefined when none did */
  readonly firstSentAt?: number;
  /** when the last attempt went out, ms since epoch */
  readonly lastSentAt?: number;
}

export interface SendOptions { readonly signal: AbortSignal }

/** What of the platform's own records is to be read: whole days in China, drug by drug, because no platform lists everything. */
export interface ReadBackRange {
  readonly institution: Institution;
  /** yyyy-MM-dd, both days included */
  readonly from: string;
  readonly to: string;
  /** drugs by the name the platform knows them under: the hospital's list id (院内目录编号) */
  readonly drugs: readonly string[];
  /** `next` of the page before */
  readonly cursor?: string;
}

/** One report as the platform has it on record. */
export interface ReadBackEntry {
  /** `3505`, `3502:108`; the transaction alone where the platform does not say more */
  readonly operation: string;
  readonly key: string;
  readonly drug: string;
  readonly codes: readonly string[];
  /** decimal string as the platform has it; undefined where its records hold none */
  readonly quantity?: string;
  /** time of the business or of its entry, yyyy-MM-dd HH:mm:ss in China; undefined where its records hold none */
  readonly at?: string;
}

/** A bounded part of the answer. */
export interface ReadBackPage {
  readonly entries: readonly ReadBackEntry[];
  /** drugs of this page whose records could not be read, and why: their entries are missing or not whole */
  readonly unread: readonly ({ readonly drug: string } & PeerFault)[];
  /** undefined when everything was looked at */
  readonly next?: string;
}

/** A platform that reports go to (上报目标). One object per entry under `destinations`. */
export interface Destination {
  readonly name: string;
  /** whose rules decide what is owed to it; left out: all that is owed to anybody */
  readonly regime?: Regime;
  /** reports per call at most, calls under way at most */
  readonly limits: { readonly batch: number; readonly concurrency: number };
  /** Pure: which reports this event owes. Every line must be covered by some report; a line left out is filed as needs attention. */
  plan(reported: ReportedEvent): readonly PlannedReport[];
  /** Pure: how a report that went out is taken back (3507, 3506, 116); undefined when it cannot be. */
  planReversal(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes' | 'reported'>, by: TraceEvent): PlannedReport | undefined;
  /**
   * Pure: the same report under its n-th new number, where the platform never takes a refused number again (MAH bills). Left out:
   * a refused report is sent again under its own key.
   */
  reviseReport?(plan: PlannedReport, revision: number): PlannedReport;
  /** Sends reports of one batch key. Answers one result per report, in order. Throwing counts as unknown for all. */
  send(reports: readonly Report[], options: SendOptions): Promise<readonly SendResult[]>;
  /** Asks the platform about reports whose outcome is not known. One result per report, in order. */
  ask(reports: readonly Report[], options: SendOptions): Promise<readonly AskResult[]>;
  /** Reads what the platform has on record, for the daily check; destinations without it cannot be compared. Never rejects. */
  readBack?(range: ReadBackRange, options: SendOptions): Promise<ReadBackPage>;
  /** what the platform tells about goods on their way to us; destinations without it tell nothing */
  readonly upstream?: UpstreamAccess;
  start?(): Promise<void>;
  /** ends sessions (9002), closes connections; at most 5 s */
  stop(): Promise<void>;
  probe(): Promise<readonly ProbeResult[]>;
}

export interface DestinationDeps<Settings> {
  readonly name: string;
  readonly settings: Settings;
  readonly institutions: readonly Institution[];
  readonly clock: Clock;
  readonly log: Log;
  /** counters that survive a restart (msgid sequence) and small remembered values (sign_no) */
  readonly counters: Counters;
  /** partner ids learnt or configured: supplier name → platform ids */
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** a certified module (密码机) in place of the software of connectors/shared; left out: the software */
  readonly crypto?: ChinaCrypto;
}

/** One folder under connectors/ that can report to a platform; index.ts exports it, registry.ts names it. */
export interface DestinationConnector {
  readonly name: string;
  /** whose platform it is: the insurance platform is told of everything, a holder's system of the products it answers for */
  readonly side: 'insurance' | 'holder';
  readonly settings: SettingTable;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each connector narrows to its own settings; the table has checked them
  create(deps: DestinationDeps<any>): Destination;
}
