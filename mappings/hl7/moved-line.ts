import type { EventLine, Person } from '../../adapter/domain/event.ts';
import type { Movement } from './order-control.ts';
import type { LineSite } from './order-groups.ts';
import type { Problems } from './problems.ts';
import type { LineCodes } from './trace-codes.ts';

/** A line as read: what moved and in which direction, with the facts that become members of its event. */
export interface MovedLine {
  readonly movement: Exclude<Movement, 'none'>;
  readonly line: EventLine;
  readonly occurredAt: string | undefined;
  readonly location: string | undefined;
  readonly prescriptionNo: string | undefined;
  readonly documentNo: string | undefined;
  readonly operator: Person | undefined;
  readonly prescriber: Person | undefined;
  /** id of the dispensing that is undone, where the sender says so */
  readonly refers: string | undefined;
}

/** A line that moves nothing, with the reason for the people who look for it. */
export interface SkippedLine { readonly skipped: string }

/** How one vendor tells a line of a dispensing message. */
export interface LineDialect {
  /** segment that carries drug and quantity */
  readonly segment: 'RXD' | 'RXG' | 'RXA' | 'RXO';
  /** field of that segment with the line number, when it has one */
  readonly lineNoField: number | undefined;
  /** shown when the segment is missing */
  readonly hint: string;
  /** @returns undefined when the line cannot be read; the reason is among the problems then */
  readLine(site: LineSite, of: { readonly lineNo: string; readonly codes: LineCodes; readonly problems: Problems }): MovedLine | SkippedLine | undefined;
}
