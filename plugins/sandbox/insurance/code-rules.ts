import type { InsuranceSettings } from './settings.ts';
import type { InsuranceRow } from './state.ts';

/** What has become of a code so far: sales less returns, whole and split apart. */
interface CodeLife {
  whole: number;
  split: number;
}

/**
 * Judges the codes of one sale or return against the rows already there (insurance.md sections 9, 10, 12: one sale record per
 * whole pack; a split code may repeat; the two never mix).
 * @param before live rows of that code, in order, those of the same batch included
 */
export function judgeCodes(row: Pick<InsuranceRow, 'operation' | 'split' | 'codes'>, before: (code: string) => readonly InsuranceRow[], settings: InsuranceSettings): { readonly problem: string | undefined; readonly again: readonly string[] } {
  if (row.operation !== '3505' && row.operation !== '3506') return { problem: undefined, again: [] };
  const again: string[] = [];
  const problems: string[] = [];
  for (const code of row.codes) {
    const life = lifeOf(before(code));
    if (row.operation === '3506') {
      if (settings.strictReturn && (row.split ? life.split : life.whole) < 1) problems.push(`追溯码未查询到销售记录:${code}`);
      continue;
    }
    if (!row.split && life.whole > 0) {
      again.push(code);
      if (settings.resoldWhole === 'refuse') problems.push(`追溯码重复:${code}`);
    } else if ((row.split ? life.whole : life.split) > 0 && settings.mixedSplit === 'refuse') {
      problems.push(`追溯码拆零标志与已上传的销售记录不一致:${code}`);
    }
  }
  return { problem: problems.length === 0 ? undefined : problems.join(';'), again };
}

function lifeOf(rows: readonly InsuranceRow[]): CodeLife {
  const life: CodeLife = { whole: 0, split: 0 };
  for (const row of rows) {
    if (row.operation !== '3505' && row.operation !== '3506') continue;
    const kind = row.split ? 'split' : 'whole';
    life[kind] = row.operation === '3505' ? life[kind] + 1 : Math.max(0, life[kind] - 1);
  }
  return life;
}
