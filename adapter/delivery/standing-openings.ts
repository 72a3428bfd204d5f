import type { SqlQuery } from '../ports/sql-driver.ts';
import { byKeys } from '../store/many-rows.ts';
import type { DeliveryDraft } from './delivery-draft.ts';

/**
 * A system that is told of a split pack once, at its opening (mah.md 6: 323 once per code), is told by whoever opened it, on behalf of
 * everybody who takes from it afterwards. When that dispense is voided and the ledger keeps the pack open, because others took from
 * it since, the pack is used all the same: its report stands, or still has to go.
 */

/** codes the event opened, which the ledger still holds as opened (index code_event_by_event, primary key of code) */
const SELECT_STANDING = `SELECT DISTINCT f.code AS code FROM code_event f JOIN code c ON c.institution = f.institution AND c.code = f.code
  WHERE f.institution = ? AND f.event_no = ? AND f.first_opening = 1 AND c.opened_at IS NOT NULL`;
/** whether a later report of the destination carries the code itself (primary key of code_event, index delivery_by_event) */
const SELECT_TOLD_LATER = `SELECT 1 AS told FROM code_event l JOIN delivery d ON d.institution = l.institution AND d.event_no = l.event_no
  WHERE l.institution = ? AND l.code = ? AND l.event_no > ? AND d.destination = ? AND d.reverses IS NULL AND REPLACE(d.codes, '"' || l.code || '"', '') <> d.codes LIMIT 1`;
const selectOpened = byKeys('SELECT code FROM code WHERE opened_at IS NOT NULL AND institution = ? AND code IN');

/** @returns whether an unsent report opened a pack that stays open and that no later report to the same destination names */
export async function tellsForOthers(q: SqlQuery, institution: string, delivery: { readonly subjectNo: number; readonly destination: string; readonly codes: readonly string[]; readonly reverses: number | undefined }): Promise<boolean> {
  if (delivery.reverses !== undefined || delivery.codes.length === 0) return false;
  const codes = new Set(delivery.codes);
  for (const { code } of await q.all<{ code: string }>(SELECT_STANDING, [institution, delivery.subjectNo])) {
    if (codes.has(code) && (await q.get(SELECT_TOLD_LATER, [institution, code, delivery.subjectNo, delivery.destination])) === undefined) return true;
  }
  return false;
}

/** @returns the reversal without the codes whose opening stands; not owed when nothing else is left of it */
export async function withoutStandingOpenings(q: SqlQuery, institution: string, draft: DeliveryDraft): Promise<DeliveryDraft> {
  const { unlessOpened, ...rest } = draft;
  if (unlessOpened === undefined || unlessOpened.length === 0 || draft.state !== 'queued') return rest;
  const standing = new Set((await selectOpened<{ code: string }>(q, [institution], unlessOpened)).map((row) => row.code));
  if (standing.size === 0) return rest;
  const codes = draft.codes.filter((code) => !standing.has(code));
  if (codes.length > 0) return { ...rest, codes };
  return { ...rest, codes, state: 'not-owed', detail: '该盒拆零后已有其他业务从中取用，仍处于拆零状态：首次拆零时的上报继续有效，不撤销' };
}
