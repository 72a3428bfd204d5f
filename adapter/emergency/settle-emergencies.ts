import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { catchUpCode, readCodes, readOpen, SELECT_RECEIPT_OF_CODE, SELECT_VOID_OF, settle, type EmergencyRow, type OpenAfter } from './emergency-store.ts';

/** clocks looked at in one transaction */
const AT_ONCE = 100;
/** transactions of one run: 20,000 open clocks are a site's fault, not a day's work */
const MAX_ROUNDS = 200;

/**
 * Settles what was caught up since: a dispense that was voided, codes whose receipt came in. Judged from what is on file, so
 * nothing is missed by a crash or while the service was down; the moment counted is that of the receipt, not that of this look.
 * @returns how many clocks were settled
 */
export async function settleCaughtUp(driver: SqlDriver, institution: string, signal?: AbortSignal): Promise<number> {
  let settled = 0;
  let after: OpenAfter | undefined;
  for (let round = 0; round < MAX_ROUNDS && signal?.aborted !== true; round += 1) {
    const from = after;
    const done = await driver.write(async (q) => {
      const open = await readOpen(q, institution, from, AT_ONCE);
      let count = 0;
      for (const emergency of open) if (await settleOne(q, institution, emergency)) count += 1;
      return { count, last: open.length === AT_ONCE ? open.at(-1) : undefined };
    });
    settled += done.count;
    if (done.last === undefined) return settled;
    after = { dueAt: done.last.due_at, eventNo: done.last.event_no };
  }
  return settled;
}

async function settleOne(q: SqlQuery, institution: string, emergency: EmergencyRow): Promise<boolean> {
  const voided = await q.get<{ received_at: number }>(SELECT_VOID_OF, [institution, emergency.source, emergency.event_id]);
  if (voided !== undefined) return settle(q, institution, emergency.event_no, { by: 'void', at: voided.received_at });
  let latest = 0;
  let open = emergency.uncoded_lines;
  for (const { code, caughtUpAt } of await readCodes(q, institution, emergency.event_no)) {
    const at = caughtUpAt ?? await receiptOf(q, institution, code);
    if (at === undefined) open += 1;
    else latest = Math.max(latest, at);
  }
  return open === 0 && await settle(q, institution, emergency.event_no, { by: 'receipt', at: latest });
}

async function receiptOf(q: SqlQuery, institution: string, code: string): Promise<number | undefined> {
  const receipt = await q.get<{ received_at: number }>(SELECT_RECEIPT_OF_CODE, [institution, code]);
  if (receipt === undefined) return undefined;
  await catchUpCode(q, institution, code, receipt.received_at);
  return receipt.received_at;
}

/**
 * Notes that codes were verified against upstream (补核对), by whoever did it, in that one's transaction: clocks that wait for
 * nothing else are settled.
 * @returns the numbers of the events whose clocks stopped
 */
export async function settleVerified(q: SqlQuery, verified: { readonly institution: string; readonly codes: readonly string[]; readonly atMs: number }): Promise<readonly number[]> {
  const { institution, codes, atMs } = verified;
  const touched = new Set<number>();
  for (const code of new Set(codes)) for (const eventNo of await catchUpCode(q, institution, code, atMs)) touched.add(eventNo);
  const stopped: number[] = [];
  for (const eventNo of touched) {
    const emergency = await q.get<{ uncoded_lines: number }>('SELECT uncoded_lines FROM emergency_use WHERE institution = ? AND event_no = ?', [institution, eventNo]);
    if (emergency?.uncoded_lines !== 0) continue;
    if ((await readCodes(q, institution, eventNo)).some(({ caughtUpAt }) => caughtUpAt === undefined)) continue;
    if (await settle(q, institution, eventNo, { by: 'verification', at: atMs })) stopped.push(eventNo);
  }
  return stopped;
}
