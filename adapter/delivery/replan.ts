import type { TraceEvent } from '../domain/event.ts';
import { insertDelivery, deliveriesOfEvent, type DeliveryRow } from './delivery-store.ts';
import { draftDeliveries, type DeliveryDraft } from './delivery-draft.ts';
import { fileWaits, loadPredecessors } from './order.ts';
import { releaseWaiting } from './settle.ts';
import { loadReported } from './load-reported.ts';
import { attachLateSettlement } from '../intake/settlement.ts';
import type { Destination } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Policy } from '../ports/policy.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';

export interface Replanning {
  readonly q: SqlQuery;
  readonly institution: Institution;
  readonly destination: Destination;
  readonly catalogue: DrugLookup;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly take: () => number;
}

const REFRESH = `UPDATE delivery SET operation = ?, covers = ?, codes = ?, batch_key = ?, priority = ?, state = ?, hold = ?, reason = ?, detail = ?, due_at = ?, settled_at = NULL WHERE institution = ? AND delivery_no = ? AND first_sent_at IS NULL AND state <> 'claimed'`;
const RETIRE = `UPDATE delivery SET state = 'withdrawn', detail = '已按现在的目录和规则重新安排', settled_at = ? WHERE institution = ? AND delivery_no = ? AND first_sent_at IS NULL`;
const REFRESH_LINE = `UPDATE event_line SET units = ?, exclusion = ? WHERE institution = ? AND event_no = ? AND line_no = ?`;

/**
 * Plans an event's reports again at one destination, with today's catalogue and rules. Only rows of which nothing ever went
 * out are touched; blocked lines stay blocked.
 * @returns how many rows can now be sent
 */
export async function replanEvent(replanning: Replanning, eventNo: number): Promise<number> {
  const { q, institution, destination, nowMs } = replanning;
  const rows = (await deliveriesOfEvent(q, institution.code, eventNo)).filter((row) => row.destination === destination.name);
  const open = rows.filter((row) => row.firstSentAt === undefined && row.operation !== 'blocked' && row.reverses === undefined && ['needs-attention', 'queued', 'held'].includes(row.state));
  const lineNos = [...new Set(open.flatMap((row) => row.covers))];
  // a settlement may have come while a line waited for the catalogue; what this destination was already told keeps the one it went out with
  if (lineNos.length > 0 && !rows.some((row) => row.firstSentAt !== undefined || row.state === 'claimed')) await attachLateSettlement(q, { institution: institution.code, eventNo, nowMs });
  const reported = lineNos.length === 0 ? undefined : await loadReported(replanning, eventNo, lineNos);
  if (reported === undefined) return 0;
  const excluded = await refreshLines(replanning, { eventNo, event: reported.event, lines: reported.lines });
  const owed = reported.lines.filter(({ line }) => !excluded.some((one) => one.lineNo === line.lineNo));
  const drafts = draftDeliveries(destination, { institution, event: reported.event }, { owed, excluded, blocked: [] });
  const kept = new Set<number>();
  const taken = new Set<string>();
  let sendable = 0;
  for (const draft of drafts) {
    // the key belongs to a report that went out: it cannot carry these lines as well, so their rows stay as they are
    if (rows.some((row) => row.key === draft.key && row.firstSentAt !== undefined)) {
      for (const lineNo of draft.covers) taken.add(lineNo);
      continue;
    }
    kept.add(await fileDraft(replanning, { draft, rows, eventNo, event: reported.event }));
    if (draft.state === 'queued' || draft.state === 'held') sendable += 1;
  }
  for (const row of open) {
    if (kept.has(row.deliveryNo) || row.covers.some((lineNo) => taken.has(lineNo))) continue;
    await q.run(RETIRE, [nowMs, institution.code, row.deliveryNo]);
    await releaseWaiting(q, { institution: institution.code, deliveryNo: row.deliveryNo, state: 'withdrawn', nowMs });
  }
  return sendable;
}

async function refreshLines({ q, institution, policy, destination }: Replanning, what: { readonly eventNo: number; readonly event: TraceEvent; readonly lines: NonNullable<Awaited<ReturnType<typeof loadReported>>>['lines'] }): Promise<{ lineNo: string; reason: string }[]> {
  const excluded: { lineNo: string; reason: string }[] = [];
  for (const { line, drug, units } of what.lines) {
    const exclusion = policy.exclusionOf({ institution, event: what.event, line, drug });
    await q.run(REFRESH_LINE, [units ?? null, exclusion ?? null, institution.code, what.eventNo, line.lineNo]);
    const here = exclusion ?? (destination.regime === undefined ? undefined : policy.exclusionOf({ institution, event: what.event, line, drug, regime: destination.regime }));
    if (here !== undefined) excluded.push({ lineNo: line.lineNo, reason: here });
  }
  return excluded;
}

async function fileDraft({ q, institution, destination, nowMs, take }: Replanning, what: { readonly draft: DeliveryDraft; readonly rows: readonly DeliveryRow[]; readonly eventNo: number; readonly event: TraceEvent }): Promise<number> {
  const { draft, rows, eventNo } = what;
  const known = rows.find((row) => row.key === draft.key);
  if (known !== undefined) {
    await q.run(REFRESH, [
      draft.operation, JSON.stringify(draft.covers), JSON.stringify(draft.codes), draft.batchKey, draft.priority, draft.state, draft.hold ?? null, draft.reason ?? null,
      draft.detail ?? null, nowMs, institution.code, known.deliveryNo,
    ]);
    return known.deliveryNo;
  }
  const deliveryNo = take();
  await insertDelivery(q, draft, { institution: institution.code, deliveryNo, eventNo, subjectNo: eventNo, atMs: nowMs });
  const predecessors = { eventNos: await earlierEvents(q, institution.code, draft.codes, eventNo), referredEventNo: undefined, hard: what.event.kind === 'dispense-return' };
  await fileWaits(q, institution.code, { deliveryNo, destination: destination.name, codes: draft.codes }, await loadPredecessors(q, institution.code, predecessors), predecessors);
  return deliveryNo;
}

async function earlierEvents(q: SqlQuery, institution: string, codes: readonly string[], before: number): Promise<number[]> {
  const eventNos = new Set<number>();
  for (const code of codes) {
    const row = await q.get<{ event_no: number }>(`SELECT event_no FROM code_event WHERE institution = ? AND code = ? AND event_no < ? ORDER BY event_no DESC LIMIT 1`, [institution, code, before]);
    if (row !== undefined) eventNos.add(row.event_no);
  }
  return [...eventNos];
}
