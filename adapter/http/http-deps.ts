import type { ErrorCode } from '../domain/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Institution } from '../ports/institution.ts';
import type { Intake } from '../ports/intake.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { Operations } from './operations.ts';

/** One thing that has to be well before the service can take work. */
export interface ReadinessCheck {
  readonly what: string;
  readonly ok: boolean;
  /** Chinese, one sentence; shown without a token, so nothing secret in it */
  readonly detail: string;
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

/** Everything the HTTP side needs of the rest of the product. */
export interface HttpDeps {
  readonly driver: SqlDriver;
  readonly intake: Intake;
  readonly rest: RestEvents;
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
