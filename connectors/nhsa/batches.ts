import type { Prepared } from './prepare.ts';

export interface BatchLimits {
  readonly rows: number;
  readonly chars: number;
}

/** `{"selinfoDetail":[` and its end */
const CHARS_AROUND_ROWS = 30;

/**
 * Pure: rows that may share a call. The envelope names one institution and one insured area; rows and characters are bounded
 * (section 9). A row larger than the limit travels alone.
 */
export function batchesOf(rows: readonly Prepared[], limits: BatchLimits, alone: (row: Prepared) => boolean): readonly (readonly Prepared[])[] {
  const groups = new Map<string, Prepared[]>();
  for (const row of rows) {
    const name = alone(row) ? `alone|${String(row.index)}` : [row.institution.code, row.infno, row.insuredArea].join('|');
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  // those that travel alone have been trouble before: they go last
  const ordered = [...groups].sort(([a], [b]) => Number(a.startsWith('alone|')) - Number(b.startsWith('alone|')));
  return ordered.flatMap(([, group]) => cut(group, limits));
}

function cut(group: readonly Prepared[], limits: BatchLimits): readonly (readonly Prepared[])[] {
  const batches: Prepared[][] = [];
  let batch: Prepared[] = [];
  let chars = CHARS_AROUND_ROWS;
  for (const row of group) {
    if (batch.length > 0 && (batch.length >= limits.rows || chars + row.chars + 1 > limits.chars)) {
      batches.push(batch);
      batch = [];
      chars = CHARS_AROUND_ROWS;
    }
    batch.push(row);
    chars += row.chars + 1;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
