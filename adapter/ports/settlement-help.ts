import type { ReportedEvent } from './destination.ts';

/** What a HIS asks before it settles a visit: the visit's dispenses and returns, and which fee line each of their lines became. */
export interface SettlementQuestion {
  /** events of the visit in their order */
  readonly events: readonly ReportedEvent[];
  /** 费用明细流水号 of a line; undefined when the HIS named none */
  readonly feeLineOf: (line: SettledLine) => string | undefined;
}

/** A line of an event; two sources may use the same event id. */
export interface SettledLine { readonly source: string; readonly eventId: string; readonly lineNo: string }

/** Numbers a settlement itself carries, under the platform's own names: the HIS puts them into its message as they are. */
export type TraceCounts = Readonly<Record<string, number>>;

/** A node the HIS puts beside the input of its own settlement. */
export interface SettlementNode {
  /** `2207` */
  readonly transaction: string;
  /** name of the node in the HIS's message */
  readonly node: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Chinese: lines that cannot be in the node, and why */
  readonly missing: readonly string[];
}

/** SettlementHelp (结算助手): what a platform wants to be told inside the HIS's own settlement. Pure. */
export interface SettlementHelp {
  /** codes that are with the patient, as the settlement counts them */
  traceCounts(events: readonly ReportedEvent[]): TraceCounts;
  /** the same for single lines; lines without any code are left out */
  lineCounts(events: readonly ReportedEvent[]): readonly (SettledLine & { readonly counts: TraceCounts })[];
  /** @returns undefined where the region's settlement carries numbers alone */
  settlementNode(question: SettlementQuestion): SettlementNode | undefined;
}

/** A destination that can help with settlements. */
export interface HelpsSettlement { readonly settlementHelp?: SettlementHelp }
