/** Longest name that is compared: what comes from outside is bounded. */
const MAX_LENGTH = 40;
const MAX_CANDIDATES = 100;

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * Finds what was probably meant. `nearestName('quantity', ['quantitiy', 'unit'])` → `quantitiy`
 * @returns the candidate that differs only in case, separators or at most two letters; undefined when none does
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(name);
  const allowed = wanted.length < 5 ? 1 : 2;
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    if (candidate === name || candidate.length > MAX_LENGTH) continue;
    if (editDistance(wanted, plain(candidate)) <= allowed) return candidate;
  }
  return undefined;
}
