import type { AskResult } from '../domain/outcome.ts';
import type { Clock } from '../ports/clock.ts';
import type { Report } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { Numbers } from '../store/numbers.ts';
import { deliveriesOfEvent, type DeliveryRow } from './delivery-store.ts';
import { loadSubjects, reportsOf } from './load-reports.ts';
import { fileUnderNewNumber, withNewNumber, type Closing, type RenumberingDestination } from './new-number.ts';
import { recordAttempt, releaseWaiting } from './settle.ts';

interface Deps { readonly driver: SqlDriver; readonly numbers: Numbers; readonly catalogue: DrugLookup; readonly clock: Clock }

/** What the person is told when nothing could be done. */
export type Resent = { readonly kind: 'changed' } | { readonly kind: 'skip'; readonly why: string };

interface Refused {
  readonly institution: Institution;
  readonly row: DeliveryRow;
  readonly destination: RenumberingDestination;
  readonly by: string;
}

const ASK_LIMIT_MS = 60_000;

/**
 * Sends a refused report again where numbers are never taken twice. The platform is asked first: what it has by now is not sent again,
 * of a bill taken in part only the codes it names as refused go, and nothing goes while the answer is open.
 */
export async function resendRefused(deps: Deps, refused: Refused): Promise<Resent> {
  const { row, institution } = refused;
  const report = await deps.driver.read(async (q) => {
    if (await q.get(SELECT_VOID, [institution.code, row.subjectNo]) !== undefined && row.reverses === undefined) return undefined;
    return reportsOf([row], await loadSubjects({ q, institution, catalogue: deps.catalogue }, [row]))[0];
  });
  if (report === undefined) return { kind: 'skip', why: '原事件已作废' };
  const answer = await askNow(refused, report);
  switch (answer.kind) {
    case 'processing': return { kind: 'skip', why: '平台仍在处理该单据，请稍后再试' };
    case 'no-answer': return { kind: 'skip', why: '发送前需先向平台核对，平台没有答复，请稍后再试' };
    case 'cannot-ask': return row.reason === 'PARTLY_REJECTED' ? { kind: 'skip', why: '平台无法查询被拒的码，请在平台上人工核对' } : sendWhole(deps, refused);
    case 'absent': return sendWhole(deps, refused);
    case 'settled': return afterOutcome(deps, refused, { report, outcome: answer.outcome });
  }
}

/** index event_by_refers */
const SELECT_VOID = `SELECT v.event_no FROM event e JOIN event v ON v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void' WHERE e.institution = ? AND e.event_no = ?`;

async function askNow({ destination }: Refused, report: Report): Promise<AskResult> {
  try {
    return (await destination.ask([report], { signal: AbortSignal.timeout(ASK_LIMIT_MS) }))[0] ?? { kind: 'no-answer', reason: 'FAULT_IN_CONNECTOR' };
  } catch (error) {
    return { kind: 'no-answer', reason: 'FAULT_IN_CONNECTOR', peerText: (error as Error).message };
  }
}

async function afterOutcome(deps: Deps, refused: Refused, asked: { readonly report: Report; readonly outcome: Extract<AskResult, { kind: 'settled' }>['outcome'] }): Promise<Resent> {
  const { outcome, report } = asked;
  switch (outcome.kind) {
    case 'accepted': case 'duplicate': return acceptNow(deps, refused, outcome.platformRef);
    case 'not-owed': case 'unavailable': case 'unknown': return { kind: 'skip', why: '发送前需先向平台核对，结果尚不清楚，请稍后再试' };
    case 'rejected': break;
  }
  if (outcome.reason === 'BILL_CONFLICT') return { kind: 'skip', why: '平台上已有同号单据，内容不同，请人工核对' };
  if (outcome.reason !== 'PARTLY_REJECTED') return sendWhole(deps, refused);
  const named = new Set(outcome.codes ?? []);
  const bad = refused.row.codes.filter((code) => named.has(code));
  if (bad.length === 0) return { kind: 'skip', why: '平台没有列出被拒的码，请在平台上核对' };
  const good = refused.row.codes.filter((code) => !named.has(code));
  if (good.length === 0) return sendWhole(deps, refused);
  const covers = (codes: readonly string[]): string[] => linesOf(report, refused.row, new Set(codes));
  return file(deps, refused, { codes: bad, covers: covers(bad), closing: { state: 'accepted', codes: good, covers: covers(good) } });
}

/** @returns the lines of the row that hold any of the codes; a line whose codes are not told stays on both sides */
function linesOf(report: Report, row: DeliveryRow, codes: ReadonlySet<string>): string[] {
  const held = new Map(report.reported.lines.map(({ line, codes: ofLine }) => [line.lineNo, ofLine.map((code) => code.code)]));
  return row.covers.filter((lineNo) => held.get(lineNo)?.some((code) => codes.has(code)) ?? true);
}

function sendWhole(deps: Deps, refused: Refused): Promise<Resent> {
  const { codes, covers } = refused.row;
  return file(deps, refused, { codes, covers, closing: { state: 'withdrawn', codes, covers } });
}

async function file(deps: Deps, { institution, row, destination, by }: Refused, what: { readonly codes: readonly string[]; readonly covers: readonly string[]; readonly closing: Closing }): Promise<Resent> {
  await deps.numbers.ensure(institution.code, 10);
  return deps.driver.write(async (q): Promise<Resent> => {
    const nowMs = deps.clock.now();
    const siblings = (await deliveriesOfEvent(q, institution.code, row.eventNo)).filter((one) => one.destination === row.destination);
    const { operation, key, batchKey, priority } = row;
    const report = withNewNumber(destination, { operation, key, batchKey, priority, codes: what.codes, covers: what.covers }, siblings);
    if (report === undefined) return { kind: 'skip', why: '该单据重发次数过多，请人工处理' };
    const deliveryNo = deps.numbers.take(institution.code);
    if (!await fileUnderNewNumber(q, institution.code, row, { report, closing: what.closing, deliveryNo, nowMs })) return { kind: 'skip', why: '不在待人工处理状态' };
    await recordAttempt(q, institution.code, row.deliveryNo, { at: nowMs, act: 'person', result: 'new-number', evidence: `${by} → ${report.key}` });
    await recordAttempt(q, institution.code, deliveryNo, { at: nowMs, act: 'person', result: 'new-number', evidence: `${by} ← ${row.key}` });
    return { kind: 'changed' };
  });
}

const ACCEPT = `UPDATE delivery SET state = 'accepted', reason = NULL, peer_code = NULL, detail = NULL, platform_ref = COALESCE(?, platform_ref), settled_at = ? WHERE institution = ? AND delivery_no = ? AND state = 'rejected'`;

function acceptNow(deps: Deps, { institution, row, by }: Refused, platformRef: string | undefined): Promise<Resent> {
  return deps.driver.write(async (q): Promise<Resent> => {
    const nowMs = deps.clock.now();
    if (await q.run(ACCEPT, [platformRef ?? null, nowMs, institution.code, row.deliveryNo]) === 0) return { kind: 'skip', why: '不在待人工处理状态' };
    await recordAttempt(q, institution.code, row.deliveryNo, { at: nowMs, act: 'person', result: 'accepted', evidence: by });
    await releaseWaiting(q, { institution: institution.code, deliveryNo: row.deliveryNo, state: 'accepted', nowMs });
    return { kind: 'changed' };
  });
}
