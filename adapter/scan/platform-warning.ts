import type { SqlQuery } from '../ports/sql-driver.ts';
import { readTraceCode } from '../domain/trace-code.ts';

/** What a platform said about a code: types of `myj.codewarn.getwarninfo` (mah.md section 7); none = nothing against it. */
export interface PlatformWarning {
  readonly types: readonly number[];
  /** ms since epoch */
  readonly atMs: number;
}

/** An answer older than this says nothing any more. */
export const WARNING_VALID_MS = 24 * 3_600_000;

const MEANING: readonly { readonly type: number; readonly grave: boolean; readonly zh: string }[] = [
  { type: 2, grave: true, zh: '已在别处售出使用' },
  { type: 6, grave: true, zh: '已注销' },
  { type: 1, grave: true, zh: '别处已有终止类单据' },
  { type: 5, grave: true, zh: '不是平台发放的码段' },
  { type: 3, grave: false, zh: '在别处流转且没有退回' },
  { type: 4, grave: false, zh: '未激活' },
];

/** @returns the gravest thing the platform said, undefined when it said nothing against the code */
export function gravestWarning(warning: PlatformWarning | undefined): (typeof MEANING)[number] | undefined {
  return warning === undefined ? undefined : MEANING.find(({ type }) => warning.types.includes(type));
}

/** @returns the stored answer, undefined when there is none or it is older than a day */
export function validWarning(row: { readonly warning: string | undefined; readonly warnedAt: number | undefined } | undefined, nowMs: number): PlatformWarning | undefined {
  if (row?.warning === undefined || row.warnedAt === undefined || nowMs - row.warnedAt > WARNING_VALID_MS) return undefined;
  const types: unknown = JSON.parse(row.warning);
  return Array.isArray(types) ? { types: types.filter((type): type is number => typeof type === 'number'), atMs: row.warnedAt } : undefined;
}

/** primary key of code; of a code nobody has seen yet only the answer is kept, its life begins with its first event */
export const UPSERT_WARNING = `INSERT INTO code (institution, code, scheme, prefix, state, level, last_event_no, updated_at, warning, warned_at) VALUES (?,?,?,?,'unseen',1,0,?,?,?)
  ON CONFLICT (institution, code) DO UPDATE SET warning = excluded.warning, warned_at = excluded.warned_at`;

/**
 * Keeps what a platform answered about codes, for the scans of the next 24 hours. Called by whoever asks it in the background; a scan
 * never waits for a network.
 * @param answers canonical code → warning types, [] = clean
 */
export async function savePlatformWarnings(q: SqlQuery, institution: string, answers: ReadonlyMap<string, readonly number[]>, nowMs: number): Promise<void> {
  // one order for all who write codes
  for (const [code, types] of [...answers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const reading = readTraceCode(code);
    const read = reading.kind === 'unusable' ? undefined : reading.codes[0];
    await q.run(UPSERT_WARNING, [institution, code, read?.scheme ?? 'other', read?.productResourceCode ?? '', nowMs, JSON.stringify(types), nowMs]);
  }
}
