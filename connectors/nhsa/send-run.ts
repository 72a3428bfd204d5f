import type { PeerFault, SendResult } from '../../adapter/domain/outcome.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Log } from '../../adapter/ports/log.ts';
import type { Classify } from './answers.ts';
import type { Session } from './platform.ts';
import type { Prepared } from './prepare.ts';
import type { Profile } from './profile.ts';
import type { ReadBack } from './read-back.ts';
import type { SendMemory } from './send-memory.ts';
import type { NhsaSettings } from './settings.ts';
import type { Spec } from './spec.ts';

export interface SendDeps {
  readonly session: Session;
  readonly spec: Spec;
  readonly profile: Profile;
  readonly settings: NhsaSettings;
  readonly classify: Classify;
  readonly readBack: ReadBack;
  readonly memory: SendMemory;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why the rest of a call to send() stays at home: provably not sent. */
export type Stop = PeerFault & { readonly retryAfterMs?: number };

/** One call to send() under way. */
export interface Run {
  readonly deps: SendDeps;
  readonly signal: AbortSignal;
  readonly results: Map<number, SendResult>;
  /** batches still to go, next first */
  readonly queue: (readonly Prepared[])[];
  /** transactions whose A form was not found; believed when the single form answers */
  readonly withoutBatch: Set<string>;
  stopped: Stop | undefined;
  /** the platform did business for us in this run: what it refuses now, it refuses for the rows */
  accountWell: boolean;
  /** a batch was refused as if by the account, and one of its rows decides */
  probing: boolean;
  /** rows refused one after the other as if by the account, although it was well */
  refusedInARow: number;
}

/** Transactions are granted one by one, and each institution has its own account. */
export function transactionOf(row: Prepared): string {
  return `${row.institution.code}|${row.infno}`;
}

/** Sends the halves of a refused batch next. */
export function halve(run: Run, batch: readonly Prepared[]): void {
  const middle = Math.ceil(batch.length / 2);
  run.queue.unshift(batch.slice(0, middle), batch.slice(middle));
}
