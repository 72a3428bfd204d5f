import type { Drug } from './drug.ts';
import type { EventLine } from './event.ts';

/**
 * A pack of one smallest unit (支, 袋) cannot be split: a HIS that counts in smallest units says "split" of what is a whole
 * pack. Such a line is taken, kept and reported as whole packs.
 * @returns the line, with `split` as it really is
 */
export function asCounted(line: EventLine, drug: Drug | undefined): EventLine {
  return line.split && drug?.unitsPerPack === 1 ? { ...line, split: false } : line;
}
