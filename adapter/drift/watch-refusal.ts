import { chinaDate } from '../domain/china-time.ts';
import type { FaultReason } from '../domain/outcome.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { acceptedSince, drugOf, findGroup, holdOf, openGroup, park, SELECT_REFUSED, SELECT_REFUSED_BEFORE, takeIn, type DriftGroup, type DriftKey } from './drift-store.ts';
import { ANY_PRODUCT, driftKind, REMEMBERED_MS, SERIES_MS, suspect, textKey, type EarlierRefusal } from './rules.ts';

/** A report the platform has just refused. */
export interface RefusedReport {
  readonly institution: string;
  readonly deliveryNo: number;
  readonly destination: string;
  readonly operation: string;
  readonly subjectNo: number;
  readonly covers: readonly string[];
  readonly reverses: number | undefined;
  readonly reason: FaultReason | undefined;
  /** undefined where we refused it ourselves: no platform has changed then */
  readonly peerCode: string | undefined;
  /** what the platform said */
  readonly detail: string | undefined;
  readonly nowMs: number;
}

/** characters of the platform's text that an alert shows */
const SAMPLE = 200;

/**
 * Looks at a refusal before it is filed: part of a group that is known, or the beginning of one, or an ordinary refusal. What of the
 * group waits to be sent is parked in the same transaction, so that none of it burns an attempt.
 * @returns what is to stand in `delivery.hold` of the refused report; undefined for an ordinary refusal
 */
export async function watchRefusal(q: SqlQuery, report: RefusedReport): Promise<string | undefined> {
  const { institution, reason } = report;
  if (reason === undefined || report.peerCode === undefined || report.reverses !== undefined || driftKind(reason) === 'none') return undefined;
  const text = textKey(report.detail ?? '');
  const drug = await drugOf(q, institution, report);
  if (await isItsOwnFault(q, report, drug)) return undefined;
  const group = await knownGroup(q, report, { reason, text, drug }) ?? await newGroup(q, report, { reason, text, drug });
  if (group === undefined) return undefined;
  await park(q, institution, group);
  return holdOf(group);
}

/** Refused for the second time, while others of its kind that were sent since the first time were taken: nothing of the platform's. */
async function isItsOwnFault(q: SqlQuery, { institution, deliveryNo, destination, operation, nowMs }: RefusedReport, drug: string | undefined): Promise<boolean> {
  const before = (await q.get<{ at: number | null }>(SELECT_REFUSED_BEFORE, [institution, deliveryNo]))?.at ?? undefined;
  if (before === undefined) return false;
  return await acceptedSince(q, institution, { destination, operation, product: drug ?? ANY_PRODUCT }, { since: before, nearNo: deliveryNo, day: chinaDate(nowMs - REMEMBERED_MS) });
}

interface Seen { readonly reason: FaultReason; readonly text: string; readonly drug: string | undefined }

async function knownGroup(q: SqlQuery, { institution, destination, operation }: RefusedReport, { reason, text, drug }: Seen): Promise<DriftGroup | undefined> {
  for (const product of [...(drug === undefined ? [] : [drug]), ...(driftKind(reason) === 'field' ? [ANY_PRODUCT] : [])]) {
    const group = await findGroup(q, institution, { destination, operation, product, reason, textKey: text });
    if (group !== undefined) return group;
  }
  return undefined;
}

async function newGroup(q: SqlQuery, report: RefusedReport, { reason, text, drug }: Seen): Promise<DriftGroup | undefined> {
  const { institution, destination, operation, nowMs } = report;
  const suspicion = suspect({ reason, textKey: text, drug, at: nowMs }, await earlierRefusals(q, report, reason));
  if (suspicion === undefined) return undefined;
  const key: DriftKey = { destination, operation, product: suspicion.product, reason, textKey: text };
  const asking = (since: number): Promise<boolean> => acceptedSince(q, institution, key, { since, nearNo: report.deliveryNo, day: chinaDate(nowMs - REMEMBERED_MS) });
  // never accepted before: a drug or a field that was wrong from the start is no change of the platform
  if (!await asking(nowMs - REMEMBERED_MS)) return undefined;
  // others of the kind pass: then it is about these reports
  if (suspicion.with.length > 0 && await asking(suspicion.since)) return undefined;
  const group = await openGroup(q, institution, { ...key, sample: (report.detail ?? '').slice(0, SAMPLE), nowMs });
  await takeIn(q, institution, group, suspicion.with.map((one) => one.deliveryNo));
  return group;
}

interface RefusedRow { readonly delivery_no: number; readonly subject_no: number; readonly covers: string; readonly detail: string | null; readonly settled_at: number }

async function earlierRefusals(q: SqlQuery, { institution, destination, operation, deliveryNo, nowMs }: RefusedReport, reason: FaultReason): Promise<readonly EarlierRefusal[]> {
  const earlier: EarlierRefusal[] = [];
  for (const row of await q.all<RefusedRow>(SELECT_REFUSED, [institution, destination, operation, reason, nowMs - SERIES_MS])) {
    if (row.delivery_no === deliveryNo) continue;
    const drug = await drugOf(q, institution, { subjectNo: row.subject_no, covers: JSON.parse(row.covers) as string[] });
    earlier.push({ deliveryNo: row.delivery_no, textKey: textKey(row.detail ?? ''), drug, at: row.settled_at });
  }
  return earlier;
}
