import type { SqlQuery } from '../ports/sql-driver.ts';
import { RUN_LENGTH } from './rules.ts';

/**
 * Runs of serial numbers that look made up (复制码、编造码). Packs of one carton do follow each other, but their check digits do not: whoever
 * counts serials up and leaves the last four digits as they are, or counts those up too, has no genuine list (20 digits: 7 resource
 * code, 9 serial, 4 check digits by an undisclosed algorithm).
 */
export interface SerialRun { readonly first: string; readonly last: string; readonly codes: readonly string[] }

const CN20 = /^\d{20}$/;
const serialOf = (code: string): number => Number(code.slice(7, 16));
const checkOf = (code: string): number => Number(code.slice(16));

/**
 * @param codes sorted; anything that is no 20-digit code is passed over
 * @returns runs of at least `least` codes of one product with consecutive serials and check digits in even steps
 */
export function serialRuns(codes: readonly string[], least = RUN_LENGTH): readonly SerialRun[] {
  const runs: SerialRun[] = [];
  let run: string[] = [];
  const close = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first !== undefined && last !== undefined && run.length >= least) runs.push({ first, last, codes: run });
  };
  for (const code of codes) {
    if (!CN20.test(code)) continue;
    const before = run.at(-1);
    if (before !== undefined && follows(run, before, code)) {
      run.push(code);
      continue;
    }
    close();
    // the step may begin anew with the last two: the code before belonged to nothing
    run = before !== undefined && isNext(before, code) ? [before, code] : [code];
  }
  close();
  return runs;
}

function follows(run: readonly string[], before: string, code: string): boolean {
  if (!isNext(before, code)) return false;
  const earlier = run.at(-2);
  return earlier === undefined || step(earlier, before) === step(before, code);
}

function isNext(before: string, code: string): boolean {
  return before.startsWith(code.slice(0, 7)) && serialOf(code) === serialOf(before) + 1;
}

function step(a: string, b: string): number {
  return (checkOf(b) - checkOf(a) + 10_000) % 10_000;
}

/** primary key of code: a range of serials of one product */
export const SELECT_NEIGHBOURS = `SELECT code FROM code WHERE institution = ? AND code >= ? AND code <= ? AND received_count = 0 AND sold_count > 0 ORDER BY code LIMIT 200`;
const REACH = 12;

/** @returns how many consecutive serials around the code, itself included, were sold here without ever coming in; 0 when they make no run */
export async function runAround(q: SqlQuery, institution: string, code: string): Promise<number> {
  if (!CN20.test(code)) return 0;
  const edge = (serial: number, check: string): string => `${code.slice(0, 7)}${String(Math.min(Math.max(serial, 0), 999_999_999)).padStart(9, '0')}${check}`;
  const rows = await q.all<{ code: string }>(SELECT_NEIGHBOURS, [institution, edge(serialOf(code) - REACH, '0000'), edge(serialOf(code) + REACH, '9999')]);
  const sold = [...new Set([...rows.map((row) => row.code), code])].sort();
  return serialRuns(sold).find((run) => run.codes.includes(code))?.codes.length ?? 0;
}
