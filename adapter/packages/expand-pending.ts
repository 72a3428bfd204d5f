import type { Clock } from '../ports/clock.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { ExpandedPackage, UpstreamAccess } from '../ports/upstream.ts';
import type { PackageNode } from './package-tree.ts';
import { saveNodes } from './tree-store.ts';

export interface ExpandDeps {
  readonly driver: SqlDriver;
  /** only what is needed of the platform */
  readonly upstream: Pick<UpstreamAccess, 'expand'>;
  readonly clock: Clock;
  readonly log: Log;
  /** a receipt that waited for these packages may be compared again */
  readonly onExpanded?: (institution: string, codes: readonly string[]) => Promise<void>;
}

/** index package_node_due */
export const SELECT_DUE = `SELECT code, asks FROM package_node WHERE institution = ? AND state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT 100`;
const SETTLE = `UPDATE package_node SET state = ?, reason = ?, asks = asks + 1, updated_at = ? WHERE institution = ? AND code = ? AND state = 'pending'`;
const PUT_OFF = `UPDATE package_node SET asks = asks + 1, due_at = ?, reason = ?, updated_at = ? WHERE institution = ? AND code = ? AND state = 'pending'`;

/** a carton opens some seconds after our own receipt bill was processed (mah.md 5.6) */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** 15 s doubling to an hour, then hourly: about a day */
const MAX_ASKS = 30;
/** packages the platform opens in one question */
const CALL_MS = 60_000;

/**
 * Asks the platform once for the content of the cartons that are due, at most 100. What it opens is kept; what it does not open yet is asked
 * again later; after a day, or where it never will, the carton is given up: its packs are scanned one by one.
 * @returns how many were opened, put off and given up
 */
export async function expandPending(deps: ExpandDeps, institution: Institution, signal: AbortSignal): Promise<{ readonly opened: number; readonly waiting: number; readonly broken: number }> {
  const now = deps.clock.now();
  const due = await deps.driver.read((q) => q.all<{ code: string; asks: number }>(SELECT_DUE, [institution.code, now]));
  if (due.length === 0) return { opened: 0, waiting: 0, broken: 0 };
  const codes = due.map(({ code }) => code);
  const answer = await deps.upstream.expand({ codes, patienceMs: 0 }, { institution, priority: 5, signal, maxWaitMs: CALL_MS });
  const expanded = answer.kind === 'found' ? answer.value.expanded.filter(({ code }) => codes.includes(code)) : [];
  const opened = new Set(expanded.map(({ code }) => code));
  const given = answer.kind === 'not-granted' || answer.kind === 'refused' || answer.kind === 'none';
  const why = answer.kind === 'not-granted' || answer.kind === 'not-ready' ? answer.why : answer.kind === 'found' ? '平台尚未给出包装关系' : '平台没有给出包装关系';
  let [waiting, broken] = [0, 0];
  await deps.driver.write(async (q) => {
    [waiting, broken] = [0, 0];
    for (const one of expanded) {
      await saveNodes(q, institution.code, nodesOf(one), { origin: 'relation', atMs: now });
      await q.run(SETTLE, [one.isWhole ? 'known' : 'broken', one.isWhole ? null : '关联关系与声明的数量不符', now, institution.code, one.code]);
      if (!one.isWhole) broken += 1;
    }
    for (const { code, asks } of due) {
      if (opened.has(code)) continue;
      // a platform that cannot be reached says nothing about the carton: that attempt does not count towards giving it up
      const ends = given || (asks + 1 >= MAX_ASKS && answer.kind !== 'unavailable');
      if (ends) broken += await q.run(SETTLE, ['broken', why, now, institution.code, code]);
      else waiting += await q.run(PUT_OFF, [now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(asks, 10)), why, now, institution.code, code]);
    }
  });
  const settled = given ? codes : [...opened];
  if (settled.length > 0) await deps.onExpanded?.(institution.code, settled);
  deps.log.info('packages expanded', { institution: institution.code, asked: due.length, opened: opened.size, waiting, broken });
  return { opened: expanded.filter(({ isWhole }) => isWhole).length, waiting, broken };
}

/** The platform's tree as our own nodes; the code itself keeps its declared content, so that a later change of the tree shows. */
export function nodesOf(expanded: ExpandedPackage): readonly PackageNode[] {
  const declared = /^\d{1,6}$/.test(expanded.declaredPacks) ? Number(expanded.declaredPacks) : undefined;
  const smallest = new Set(expanded.smallest);
  return expanded.tree.map(({ code, level, parent }) => ({
    code, level, ...(parent === '' ? {} : { parent }), ...(smallest.has(code) ? { smallest: true } : {}),
    ...(code !== expanded.code || smallest.has(code) || declared === undefined ? {} : { packs: declared }),
  }));
}
