import type { ScheduledCheck } from '../../ports/check.ts';
import type { SqlDriver } from '../../ports/sql-driver.ts';
import { closeFinding, readFinding, type FindingRow } from './finding-store.ts';
import { overdueEmergencies } from './overdue-emergencies.ts';

/** Checks whose findings mean more than themselves when a person closes them. */
const CHECKS: readonly ScheduledCheck[] = [overdueEmergencies];

export interface PersonsClosing { readonly institution: string; readonly findingNo: number; readonly by: string; readonly reason: string; readonly atMs: number }

/**
 * Closes a finding for a person, with a reason, and does what that means, in one transaction.
 * @returns the finding as it stands now, and whether this call closed it; undefined when there is none of the number
 */
export async function closeByPerson(driver: SqlDriver, closing: PersonsClosing): Promise<{ readonly finding: FindingRow; readonly changed: boolean } | undefined> {
  const { institution, findingNo, by, reason, atMs } = closing;
  return driver.write(async (q) => {
    const before = await readFinding(q, institution, findingNo);
    if (before === undefined) return undefined;
    const changed = await closeFinding(q, institution, findingNo, { by, reason, atMs });
    if (changed) await CHECKS.find(({ name }) => name === before.check_name)?.closed?.(q, { institution, subject: before.subject, by, reason, atMs });
    return { finding: await readFinding(q, institution, findingNo) ?? before, changed };
  });
}
