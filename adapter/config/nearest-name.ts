/** @returns the known name that a mistyped one most likely meant, or undefined when none is near: `prot` → `port` */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = fold(name);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(wanted, fold(candidate));
    if (distance <= limitOf(wanted) && (best === undefined || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

const fold = (name: string): string => name.slice(0, 60).toLowerCase().replace(/[-_\s]/g, '');
const limitOf = (name: string): number => (name.length <= 3 ? 1 : name.length <= 6 ? 2 : 3);

/** Changes of one character (put in, taken out, replaced, two neighbours swapped) that lead from one text to the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
