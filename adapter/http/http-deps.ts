import type { ErrorCode, Language } from '../domain/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { HisRecord, Interpretation } from '../ports/his-record.ts';
import type { Institution } from '../ports/institution.ts';
import type { Intake, IntakeAnswer } from '../ports/intake.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { MembersOf } from '../scan/elsewhere.ts';
import type { SeverityRules } from '../scan/severity.ts';
import type { SettlementDesk } from '../settlement-help/settlement-desk.ts';
import type { DriftDesk } from './drift-desk.ts';
import type { Operations } from './operations.ts';

/** One thing that has to be well before the service can take work. */
export interface ReadinessCheck {
  readonly what: string;
  readonly ok: boolean;
  /** Chinese, one sentence; shown without a token, so nothing secret in it */
  readonly detail: string;
  /** the same in English; left out: the Chinese one is shown */
  readonly en?: string;
  readonly code?: ErrorCode;
}

/** One event as it was sent: its own JSON text, and the value it means. */
export interface EventItem {
  readonly text: string;
  readonly value: unknown;
}

/** How events are written on the REST wire; connectors/his-rest knows, main.ts hands it in. */
export interface RestEvents {
  /** name under which the stored records ask to be read again */
  readonly interpreter: string;
  read(body: Uint8Array, contentType: string, limits: { readonly maxEvents: number; readonly maxBytes: number }):
    | { readonly kind: 'items'; readonly items: readonly EventItem[] }
    | { readonly kind: 'refused'; readonly refusal: Refusal };
}

/** One SOAP call of a caller who may send events. */
export interface SoapCall {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly language: Language;
  readonly requestId: string;
  /** institutions the caller may act for; at least one */
  readonly institutions: readonly string[];
}

export interface SoapReply {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** sending again later helps */
  readonly retryAfterMs?: number;
}

/** How calls are written on the SOAP wire; connectors/his-soap knows, main.ts hands it in. */
export interface SoapCalls {
  /** whether `?token=` may stand for the Authorization header */
  readonly tokenInQuery: boolean;
  readonly maxBytes: number;
  readonly shapes: readonly { readonly name: string; readonly operation: string; readonly namespace: string }[];
  /** @param submit hands a record to the intake; the call is answered only after it has answered */
  serve(call: SoapCall, submit: (record: HisRecord, interpretation: Interpretation) => Promise<IntakeAnswer>): Promise<SoapReply>;
  /** @returns the WSDL of a shape, undefined when there is no such shape */
  wsdl(shape: string, location: string): string | undefined;
  /** @returns an error of this side as a SOAP fault, undefined for callers that speak JSON */
  refuse(error: { readonly status: number; readonly code: string; readonly message: string; readonly action: string; readonly requestId: string; readonly language: Language }, contentType: string): SoapReply | undefined;
}

/** How scans are judged and who may ask from a browser; without it: default severities, members are told nothing of each other, no origins. */
export interface ScanDeps {
  readonly policy?: SeverityRules;
  readonly members?: MembersOf;
  /** exact origins whose pages may call us from a browser */
  readonly allowedOrigins?: readonly string[];
  /** whether `?token=` may stand for the Authorization header of a scan: old pages cannot set headers */
  readonly tokenInQuery?: boolean;
}

/** Everything the HTTP side needs of the rest of the product. */
export interface HttpDeps {
  readonly driver: SqlDriver;
  readonly intake: Intake;
  readonly rest: RestEvents;
  /** left out: /soap/his answers 404 */
  readonly soap?: SoapCalls;
  readonly scan?: ScanDeps;
  readonly drift?: DriftDesk;
  readonly settlementDesk?: SettlementDesk;
  readonly institutions: readonly Institution[];
  /** names of the configured destinations, in the order of the configuration */
  readonly destinations: readonly string[];
  readonly operations: Operations;
  /** what GET /metrics answers, in the Prometheus text format */
  readonly metrics: () => Promise<string>;
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  /** counts something under a name that starts with his_trace_ */
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** version of the product, shown in /openapi.json and /healthz */
  readonly version: string;
}
