import type { DeliveryFilter } from '../store/queries/deliveries-view.ts';
import type { QuarantineFilter } from '../store/queries/quarantine-view.ts';

export interface OperationOptions {
  /** counts only, changes nothing */
  readonly dryRun: boolean;
  /** name of the token that asked, for the record */
  readonly by: string;
}

/** What an operation over a filter came to. */
export interface OperationCount {
  /** rows the filter names that the operation may touch */
  readonly matched: number;
  /** rows put back to work; 0 in a dry run */
  readonly changed: number;
  /** rows the filter names that were left as they are, by reason in Chinese */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

export interface DestinationSwitch {
  readonly destination: string;
  readonly institution: string;
  readonly stopped: boolean;
  readonly reason: string;
  readonly by: string;
}

/** What people may do to the work in hand; the delivery and the intake implement it. */
export interface Operations {
  /** Puts deliveries that need attention back to the queue. Those that may have been processed are asked about first. */
  resend(filter: DeliveryFilter, options: OperationOptions): Promise<OperationCount>;
  /** Reads quarantined records again with the present mapping and takes what can now be taken. */
  retryQuarantine(filter: QuarantineFilter, options: OperationOptions): Promise<OperationCount>;
  /** The stop switch of a destination: durable, in force within 1 s in every process. */
  switchDestination(change: DestinationSwitch): Promise<void>;
}
