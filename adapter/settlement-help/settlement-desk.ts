import { TraceError } from '../domain/error.ts';
import type { Destination, ReportedEvent } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { HelpsSettlement, SettledLine, SettlementHelp, SettlementNode, TraceCounts } from '../ports/settlement-help.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { loadVisitEvents } from './visit-events.ts';

export interface VisitQuestion {
  readonly institution: string;
  readonly visitNo: string;
  /** leaves out what an earlier settlement of the visit has taken already */
  readonly unsettledOnly: boolean;
}

export interface VisitTraces {
  /** name of the destination whose rules these are */
  readonly destination: string;
  readonly counts: TraceCounts;
  readonly lines: readonly (SettledLine & { readonly counts: TraceCounts })[];
  /** dispenses and returns that were looked at */
  readonly events: number;
}

/** Settlement desk (结算助手): what the HIS asks before it settles a visit. Changes nothing. */
export interface SettlementDesk {
  /** @throws TraceError NOT_FOUND when nothing is on file under the visit, DESTINATION_UNKNOWN when no destination knows of settlements */
  traceCounts(question: VisitQuestion): Promise<VisitTraces>;
  /** @returns undefined where the region's settlement carries numbers alone; @throws as traceCounts */
  traceNode(question: VisitQuestion, feeLineOf: (line: SettledLine) => string | undefined): Promise<SettlementNode | undefined>;
}

export interface SettlementDeskDeps {
  readonly driver: SqlDriver;
  readonly institutions: readonly Institution[];
  /** the first one that knows of settlements decides */
  readonly destinations: readonly (Destination & HelpsSettlement)[];
  readonly catalogue: DrugLookup;
}

export function createSettlementDesk({ driver, institutions, destinations, catalogue }: SettlementDeskDeps): SettlementDesk {
  const helper = (): { readonly name: string; readonly help: SettlementHelp } => {
    const found = destinations.find((one) => one.settlementHelp !== undefined);
    if (found?.settlementHelp === undefined) throw new TraceError('DESTINATION_UNKNOWN', '没有医保平台目标');
    return { name: found.name, help: found.settlementHelp };
  };
  const load = async (question: VisitQuestion): Promise<readonly ReportedEvent[]> => {
    const institution = institutions.find((one) => one.code === question.institution);
    const events = institution === undefined ? undefined : await driver.read((q) => loadVisitEvents(q, catalogue, { ...question, institution }));
    if (events === undefined) throw new TraceError('NOT_FOUND', question.visitNo);
    return events;
  };
  return {
    async traceCounts(question) {
      const { name, help } = helper();
      const events = await load(question);
      return { destination: name, counts: help.traceCounts(events), lines: help.lineCounts(events), events: events.length };
    },
    async traceNode(question, feeLineOf) {
      const { help } = helper();
      return help.settlementNode({ events: await load(question), feeLineOf });
    },
  };
}
