import type { Clock } from '../../../adapter/ports/clock.ts';
import type { UpstreamAccess, UpstreamAnswer, UpstreamCapability, UpstreamQuestion } from '../../../adapter/ports/upstream.ts';
import type { Gateway } from '../gateway.ts';
import type { MethodGrants } from '../method-grants.ts';
import { METHOD_LABELS, METHODS, type Method } from '../methods.ts';
import { putQuestion, type Asking, type Given } from './asking.ts';
import { askBill, askOwnBill } from './bill-detail.ts';
import { askBills, askBillsOfCode } from './bill-list.ts';
import { askCodes, askWarnings } from './codes.ts';
import { askBillCounts, askServiceEnd } from './counts.ts';
import { askDrugs } from './drugs.ts';
import { askEnterprises, askPartners } from './enterprises.ts';
import { expandPackages } from './expand.ts';

export interface UpstreamDeps {
  readonly gateway: Gateway;
  readonly grants: MethodGrants;
  readonly clock: Clock;
  /** days one list query may span at most */
  readonly windowDays: number;
  /** ends with the destination */
  readonly stopping: AbortSignal;
}

/** Everything the hospital pack tells about goods on their way to us (mah.md 5–8, 13), as the port wants it. */
export function createUpstreamAccess(deps: UpstreamDeps): UpstreamAccess {
  const { windowDays, stopping } = deps;
  const put = <T>(question: UpstreamQuestion, ask: (asking: Asking) => Promise<Given<T>>, as?: string): Promise<UpstreamAnswer<T>> =>
    putQuestion(deps, { ...question, signal: AbortSignal.any([question.signal, stopping]) }, as ?? question.institution.mah?.refEntId, ask);
  return {
    enterprises: (wanted, question) => put(question, (asking) => askEnterprises(wanted, asking), wanted.as),
    partners: (wanted, question) => put(question, (asking) => askPartners(wanted, asking)),
    bills: (search, question) => put(question, (asking) => askBills(search, asking, windowDays)),
    bill: (wanted, question) => put(question, (asking) => askBill(wanted, asking, windowDays)),
    billsOfCode: (code, question) => put(question, (asking) => askBillsOfCode(code, asking)),
    ownBill: (billNo, question) => put(question, (asking) => askOwnBill(billNo, asking)),
    expand: (wanted, question) => put(question, (asking) => expandPackages(wanted, asking)),
    codes: (codes, question) => put(question, (asking) => askCodes(codes, asking)),
    warnings: (code, question) => put(question, (asking) => askWarnings(code, asking)),
    drugs: (wanted, question) => put(question, (asking) => askDrugs(wanted, asking)),
    billCounts: (wanted, question) => put(question, (asking) => askBillCounts(wanted, asking)),
    serviceEnd: (question) => put(question, askServiceEnd),
    capabilities: () => Promise.all(Object.values(METHODS).map((method) => capabilityOf(method, deps.grants))),
  };
}

async function capabilityOf(method: Method, grants: MethodGrants): Promise<UpstreamCapability> {
  const grant = await grants.of(method);
  return { operation: method, what: METHOD_LABELS[method], granted: grant?.granted, ...(grant === undefined ? {} : { since: grant.since }) };
}
