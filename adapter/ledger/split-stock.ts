import type { Quantity } from '../domain/quantity.ts';
import type { CodeRow } from './code-state.ts';

/** Units taken from one opened pack by one line. */
export interface SplitTake {
  readonly code: string;
  readonly units: Quantity;
}

/**
 * Takes units from packs in the order given, each at most what is left in it.
 * @returns the takes, or undefined when the packs together hold too little: nothing is taken then
 */
export function takeUnits(packs: readonly Pick<CodeRow, 'code' | 'unitsLeft'>[], wanted: Quantity): readonly SplitTake[] | undefined {
  const takes: SplitTake[] = [];
  let open = wanted;
  for (const pack of packs) {
    if (open <= 0n) break;
    const left = pack.unitsLeft ?? 0n;
    if (left <= 0n) continue;
    const units = left < open ? left : open;
    takes.push({ code: pack.code, units });
    open -= units;
  }
  return open > 0n ? undefined : takes;
}

/**
 * Puts units back into the packs they came from, last taken first.
 * @param taken what the original line took, net of what was already returned
 * @returns the units per code, or undefined when more would come back than was taken
 */
export function putBack(taken: readonly SplitTake[], returned: Quantity): readonly SplitTake[] | undefined {
  const backs: SplitTake[] = [];
  let open = returned;
  for (const take of [...taken].reverse()) {
    if (open <= 0n) break;
    if (take.units <= 0n) continue;
    const units = take.units < open ? take.units : open;
    backs.push({ code: take.code, units });
    open -= units;
  }
  return open > 0n ? undefined : backs;
}

/** Order in which opened packs are used up: oldest expiry first, then opened first, then by code so that it is the same everywhere. */
export function byOldestExpiry(a: CodeRow, b: CodeRow): number {
  const expiry = (a.expiresOn ?? '9999-12-31').localeCompare(b.expiresOn ?? '9999-12-31');
  if (expiry !== 0) return expiry;
  if (a.openedAt !== b.openedAt) return (a.openedAt ?? 0) - (b.openedAt ?? 0);
  return a.code < b.code ? -1 : 1;
}
