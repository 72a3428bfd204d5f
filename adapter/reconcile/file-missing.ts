import { recordAttempt } from '../delivery/settle.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { OurReport } from './our-reports.ts';

const MARK = `UPDATE delivery SET state = 'needs-attention', reason = NULL, peer_code = NULL, detail = ?, settled_at = ? WHERE institution = ? AND delivery_no = ? AND state IN ('accepted', 'duplicate') AND settled_at = ?`;
const AT_ONCE = 50;

/**
 * Files reports that the platform took and has no more as needing attention. Nothing is sent again by itself: somebody may have deleted
 * them there on purpose. When a person resends them, the platform is asked once more first.
 * @returns how many
 */
export async function fileMissing(driver: SqlDriver, missing: readonly OurReport[], by: { readonly institution: string; readonly day: string; readonly nowMs: number }): Promise<number> {
  const detail = `对账 ${by.day}：平台曾接受，但按药品和按编号都查不到，请在平台上核对后重发`;
  let filed = 0;
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    filed += await driver.write(async (q) => {
      let count = 0;
      for (const report of missing.slice(at, at + AT_ONCE)) {
        const changed = await q.run(MARK, [detail, by.nowMs, by.institution, report.deliveryNo, report.acceptedAt]);
        if (changed > 0) await recordAttempt(q, by.institution, report.deliveryNo, { at: by.nowMs, act: 'ask', result: 'absent', evidence: detail });
        count += changed;
      }
      return count;
    });
  }
  return filed;
}
