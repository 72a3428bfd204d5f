import { findDelivery, type DeliveryRow } from '../delivery/delivery-store.ts';
import { loadSubjects, reportsOf } from '../delivery/load-reports.ts';
import type { AskResult } from '../domain/outcome.ts';
import type { Destination, Report } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { OurReport } from './our-reports.ts';
import type { Patience } from './patience.ts';

/** What asking about one report showed. */
export type Confirmation = 'there' | 'taken-back' | 'absent' | 'no-answer';

export interface ConfirmDeps {
  readonly driver: SqlDriver;
  readonly institution: Institution;
  readonly destination: Destination;
  readonly catalogue: DrugLookup;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** questions of one run at most: a platform whose lists show nothing at all must not be asked ten thousand times */
const MOST_ASKED = 1_000;
const AT_ONCE = 20;
/** answers that failed one after the other, after which nothing more is asked */
const FAILED_IN_A_ROW = 3;

/** index event_by_refers (of the event that was reported), then delivery_by_event */
export const SELECT_TAKEN_BACK = `SELECT r.delivery_no FROM event e JOIN event v ON v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void'
  JOIN delivery r ON r.institution = v.institution AND r.event_no = v.event_no
  WHERE e.institution = ? AND e.event_no = ? AND r.reverses = ? AND r.state NOT IN ('not-owed', 'withdrawn') LIMIT 1`;

/**
 * Asks the platform by key about reports that its lists did not show: lists are read drug by drug, do not hold every transaction and may
 * lag behind. What was taken back since is not asked about.
 * @returns one answer per report, in order
 */
export async function confirmReports(deps: ConfirmDeps, reports: readonly OurReport[]): Promise<readonly Confirmation[]> {
  const answers: Confirmation[] = [];
  let failed = 0;
  for (let at = 0; at < reports.length; at += AT_ONCE) {
    const some = reports.slice(at, at + AT_ONCE);
    if (at >= MOST_ASKED || failed >= FAILED_IN_A_ROW) {
      answers.push(...some.map(() => 'no-answer' as const));
      continue;
    }
    await deps.patience.turn(deps.signal);
    const found = await confirmSome(deps, some);
    failed = found.length > 0 && found.every((answer) => answer === 'no-answer') ? failed + 1 : 0;
    answers.push(...found);
  }
  return answers;
}

async function confirmSome(deps: ConfirmDeps, some: readonly OurReport[]): Promise<readonly Confirmation[]> {
  const asked = await loadReports(deps, some);
  const results = asked.length === 0 ? [] : await ask(deps, asked.map(({ report }) => report));
  const byNo = new Map(asked.map(({ report }, at) => [report.deliveryNo, results[at]]));
  return some.map(({ deliveryNo }) => (byNo.has(deliveryNo) ? meaningOf(byNo.get(deliveryNo)) : 'taken-back'));
}

async function loadReports({ driver, institution, catalogue }: ConfirmDeps, some: readonly OurReport[]): Promise<readonly { readonly report: Report }[]> {
  return driver.read(async (q) => {
    const rows: DeliveryRow[] = [];
    for (const { deliveryNo, subjectNo, reverses } of some) {
      const row = await findDelivery(q, institution.code, deliveryNo);
      const back = reverses === undefined ? await q.get(SELECT_TAKEN_BACK, [institution.code, subjectNo, deliveryNo]) : undefined;
      if (row !== undefined && back === undefined) rows.push(row);
    }
    return reportsOf(rows, await loadSubjects({ q, institution, catalogue }, rows)).map((report) => ({ report }));
  });
}

async function ask({ destination, signal }: ConfirmDeps, reports: readonly Report[]): Promise<readonly AskResult[]> {
  try {
    return await destination.ask(reports, { signal });
  } catch {
    return [];
  }
}

function meaningOf(result: AskResult | undefined): Confirmation {
  switch (result?.kind) {
    case 'settled': return result.outcome.kind === 'accepted' || result.outcome.kind === 'duplicate' ? 'there' : 'no-answer';
    case 'absent': return 'absent';
    default: return 'no-answer';
  }
}
