import { TraceError } from '../domain/error.ts';
import type { Destination } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import { reconcileDay, type ReconcileDeps } from './reconcile-day.ts';
import type { Reconciliation } from './reconciliation-store.ts';

export interface DayOnDemand {
  readonly institution: string;
  /** yyyy-MM-dd: the day on which the platforms accepted */
  readonly date: string;
  /** left out: every destination that can be read */
  readonly destination?: string;
}

/**
 * Compares one day now, because a person asked.
 * @returns one result for each destination that can be read
 * @throws TraceError DESTINATION_UNKNOWN, EVENT_INSTITUTION_UNKNOWN
 */
export async function reconcileOnDemand(deps: ReconcileDeps, of: { readonly institutions: readonly Institution[]; readonly destinations: readonly Destination[] }, wanted: DayOnDemand, signal: AbortSignal): Promise<readonly Reconciliation[]> {
  const institution = of.institutions.find((one) => one.code === wanted.institution);
  if (institution === undefined) throw new TraceError('EVENT_INSTITUTION_UNKNOWN', wanted.institution);
  const chosen = wanted.destination === undefined ? of.destinations : of.destinations.filter((one) => one.name === wanted.destination);
  if (wanted.destination !== undefined && chosen.length === 0) throw new TraceError('DESTINATION_UNKNOWN', wanted.destination);
  const results: Reconciliation[] = [];
  for (const destination of chosen) {
    const result = await reconcileDay(deps, { institution, destination, day: wanted.date }, signal);
    if (result !== undefined) results.push(result);
  }
  return results;
}
