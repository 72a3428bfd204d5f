/** What is wrong in an override file: where, and in Chinese what and how to mend it. */
export interface OverrideProblem {
  readonly line: number;
  /** `overrides.outpatient.fields.line.codes`; '' for the file itself */
  readonly path: string;
  readonly reason: string;
}

/** @returns one line for a person */
export function describeOverrideProblem({ line, path, reason }: OverrideProblem): string {
  return `第 ${String(line)} 行${path === '' ? '' : ` ${path}`}：${reason}`;
}

/** @returns the known name that a mistyped one most likely meant, as half a sentence; '' when none is near */
export function meant(name: string, known: readonly string[]): string {
  const near = known.map((candidate) => ({ candidate, distance: distance(fold(name), fold(candidate)) })).filter((each) => each.distance <= (each.candidate.length <= 5 ? 2 : Math.floor(each.candidate.length / 3)));
  const [best] = near.sort((a, b) => a.distance - b.distance);
  return best === undefined ? '' : `，是否想写 ${best.candidate}？`;
}

const fold = (name: string): string => name.slice(0, 60).toLowerCase().replace(/[-_\s]/g, '');

/** Characters to put in, take out or replace. */
function distance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, one] of [...from].entries()) {
    const next = [row + 1];
    for (const [column, other] of [...to].entries()) next.push(Math.min((last[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, (last[column] ?? 0) + (one === other ? 0 : 1)));
    last = next;
  }
  return last[to.length] ?? 0;
}
