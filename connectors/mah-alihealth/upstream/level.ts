import type { PackageLevel } from '../../../adapter/domain/drug.ts';
import { textOf, type Tree } from '../reply-tree.ts';

/** @returns the package level of a member in which 1 is the smallest (never `code_level` of query.relation, mah.md 0.6) */
export function levelOf(value: Tree): PackageLevel | undefined {
  switch (textOf(value)) {
    case '1': return 1;
    case '2': return 2;
    case '3': return 3;
    default: return undefined;
  }
}
