import { packsInLevel, type PackageLevel } from '../../adapter/domain/drug.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import { parseQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import type { LineCode, ReportLine } from '../../adapter/ports/destination.ts';
import type { MahSettings } from './settings.ts';

/** What becomes of the codes of one line. */
export interface LinePlan {
  /** go into a bill of the type */
  readonly owed: readonly string[];
  readonly billType: string;
  /** why nothing, or nothing more, of the line is reported */
  readonly notOwed?: string;
  readonly unsendable: readonly { readonly reason: FaultReason; readonly detail: string; readonly codes: readonly string[] }[];
}

/** @returns whether the code is one of the platform's: 20 digits in its range */
export function isOurs(code: LineCode, acceptPrefix: string): boolean {
  return code.scheme === 'cn20' && /^\d{20}$/.test(code.code) && code.code.startsWith(acceptPrefix);
}

/** Sets codes of other trace systems aside; this gateway refuses them (mah.md 10.3). */
export function sortOwners(codes: readonly LineCode[], settings: Pick<MahSettings, 'acceptPrefix' | 'otherOwners'>): { readonly ours: readonly LineCode[]; readonly others: LinePlan['unsendable']; readonly otherwhere: boolean } {
  const ours = codes.filter((code) => isOurs(code, settings.acceptPrefix));
  const foreign = codes.filter((code) => !isOurs(code, settings.acceptPrefix)).map((code) => code.code);
  if (foreign.length === 0) return { ours, others: [], otherwhere: false };
  if (settings.otherOwners === 'not-owed') return { ours, others: [], otherwhere: true };
  return {
    ours, otherwhere: false,
    others: [{ reason: 'OWNER_UNKNOWN', codes: foreign, detail: `有 ${String(foreign.length)} 个码不是码上放心的 20 位追溯码（应以 ${settings.acceptPrefix} 开头），不知应上报到哪个追溯系统` }],
  };
}

/** The smallest coded package may be dispensed; a carton only where the drug has no smaller code (mah.md C28). */
export function sortLevels(codes: readonly LineCode[], line: ReportLine): { readonly smallest: readonly LineCode[]; readonly others: LinePlan['unsendable'] } {
  const smallerCodeExists = (code: LineCode): boolean => {
    const { drug } = line;
    return code.level > 1 && (drug === undefined || (drug.prefixUnit ?? '') !== '' || (code.level === 3 && (drug.prefixInner ?? '') !== ''));
  };
  const large = codes.filter(smallerCodeExists).map((code) => code.code);
  const smallest = codes.filter((code) => !smallerCodeExists(code));
  return {
    smallest,
    others: large.length === 0 ? [] : [{ reason: 'INVALID_CODE', codes: large, detail: '发药、退药只能上报最小销售包装的追溯码，请改扫小包装' }],
  };
}

/** Which levels to try, all first, then the larger packages: a carton speaks for the packs in it. */
const LEVEL_CHOICES: readonly (readonly PackageLevel[])[] = [[1, 2, 3], [2, 3], [3], [1, 3], [2], [1, 2], [1]];

/**
 * Never a parent together with its child in one bill (mah.md 4). Before the package tree is known the line's quantity decides:
 * the levels whose packs make up the quantity are reported, the others were scanned besides. When none does, the codes go
 * out as scanned, and the platform names a parent and child if there are any.
 */
export function withoutParentsOrChildren(codes: readonly LineCode[], line: ReportLine): readonly LineCode[] {
  const quantity = line.packs === undefined ? undefined : parseQuantity(line.packs);
  const levels = new Set(codes.map((code) => code.level));
  if (quantity === undefined || levels.size < 2) return codes;
  for (const choice of LEVEL_CHOICES) {
    const chosen = codes.filter((code) => choice.includes(code.level));
    const packs = chosen.reduce((sum, code) => sum + packsInLevel(line.drug, code.level), 0);
    if (chosen.length > 0 && wholeQuantity(packs) === quantity) return chosen;
  }
  return codes;
}
