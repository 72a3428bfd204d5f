import { parseQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import type { LineCodes } from './trace-codes.ts';

/** What a sender writes to say it outright (RXD-24, RXD-33, ZTC-4). */
const SPLIT_WORDS = new Set(['SPLIT', 'S', '拆零', '拆零发药', '散', '0']);
const WHOLE_WORDS = new Set(['WHOLE', 'PACK', '整包装', '整包', '整盒', '整']);
/** RXD-24 and RXD-33 have tables of their own, in which S and 0 mean other things. */
const TABLE_CODES = new Set(['S', '0']);
/** Units that never are a pack by themselves. */
const LOOSE_UNITS = new Set(['片', '粒', '丸', '颗', 'TAB', 'TABLET', 'CAP', 'CAPSULE', 'PILL']);

export interface SplitEvidence {
  /** packaging method and dispense type, as identifier and text */
  readonly words: readonly string[];
  readonly codes: LineCodes;
  readonly whole: boolean;
  readonly unit: string;
}

/**
 * Whether a line is 拆零: taken out of an opened pack. In this order: said outright; one code stands for more or less than one unit of
 * the line; the quantity is a fraction; the unit is one that never is a pack. The catalogue decides the rest in the intake.
 */
export function isSplit(evidence: SplitEvidence): boolean {
  const said = [...evidence.words.map((word) => word.trim().toUpperCase()).filter((word) => !TABLE_CODES.has(word)), ...evidence.codes.marks];
  if (said.some((word) => SPLIT_WORDS.has(word))) return true;
  if (said.some((word) => WHOLE_WORDS.has(word))) return false;
  if (evidence.codes.amounts.some((amount) => parseQuantity(amount) !== wholeQuantity(1))) return true;
  return !evidence.whole || LOOSE_UNITS.has(evidence.unit.toUpperCase());
}
