import type { Drug } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import type { FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { Institution } from './institution.ts';

/**
 * Whom a report goes to: `insurance` 医保信息平台, `mah` the holders' trace systems. The notices bind them on different days and
 * with different exemptions, so a line may be owed to one and not to the other.
 */
export const REGIMES = ['insurance', 'mah'] as const;
export type Regime = (typeof REGIMES)[number];

export interface PolicySubject {
  readonly institution: Institution;
  readonly event: TraceEvent;
  readonly line: EventLine;
  readonly drug: Drug | undefined;
  /** left out: the question is whether the line is owed to nobody at all */
  readonly regime?: Regime;
}

/** Which lines the rules leave out of reporting, each with its reason and source. Province packs (plugins/province-*) implement it. */
export interface Policy {
  readonly name: string;
  /**
   * @returns the reason in Chinese (with the article) when the line need not be reported: to platforms of `regime`, or, where no
   *   regime is asked about, to any platform; undefined when it is owed
   */
  exclusionOf(subject: PolicySubject): string | undefined;
}

/** What somebody wants to do with a code when a finding about it comes up; the purposes of `/api/v1/scan`, and `stock` for counts, losses and the like. */
export const PURPOSES = ['receive', 'dispense', 'return', 'split', 'transfer', 'stock'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** `scan`: asked before the business, a block stops it; `event`: told afterwards, a block only keeps the line from being reported. */
export const STAGES = ['scan', 'event'] as const;
export type Stage = (typeof STAGES)[number];

export interface SeverityQuestion {
  readonly institution: Institution;
  readonly finding: FindingCode;
  readonly stage: Stage;
  /** left out: rules that speak of one purpose do not apply */
  readonly purpose?: Purpose;
  /** when it happens, ms since epoch: rules are dated; left out: the rules of no particular day, which is all that have no last one */
  readonly atMs?: number;
  /** 急抢救先用后补 */
  readonly emergency?: boolean;
}

/** Rules of the split stock, the shelf and the emergency clock that are in force for one institution at one instant. */
export interface RulesInForce {
  /** hours within which an emergency dispense must be verified against upstream (急抢救先用后补) */
  readonly emergencyHours: number;
  /** goods that differ from their upstream data: kept off the shelf, or taken with a discrepancy on record */
  readonly onMismatch: 'block' | 'record';
  /** a discrepancy must be fed back to the supplier (不一致信息反馈上游企业) */
  readonly feedBackToSupplier: boolean;
  /** events and findings may be removed or changed: never, in both notices */
  readonly mayAlterRecords: false;
  /** article each of them stands on; a value without one is the product's own default */
  readonly articles: Readonly<Partial<Record<'emergencyHours' | 'onMismatch' | 'feedBackToSupplier' | 'mayAlterRecords', string>>>;
}

/** Everything a policy can be asked: the national default (adapter/checks/national-policy.ts) and every province pack answer all of it. */
export interface FullPolicy extends Policy {
  /**
   * How grave a finding is where the province or the hospital says so: `info` told, `warn` to be confirmed with a reason, `block`
   * not to be done.
   * @returns undefined where the product's own default stands (adapter/scan/severity.ts); never throws
   */
  severityOf(question: SeverityQuestion): FindingSeverity | undefined;
  rulesAt(institution: Institution, atMs: number): RulesInForce;
}
