import type { EventKind } from '../domain/event.ts';
import { countMove, type CodeMove, type CodeRow } from '../ledger/code-state.ts';

/** A move of a code on file, with the event that made it. */
export interface FiledMove extends CodeMove {
  readonly eventNo: number;
  readonly kind: EventKind;
}

/**
 * What the ledger held about a code before some of its moves. State, units and counts are undone move by move; lot, expiry and place stay
 * as they are known today, because a move does not say what they were before.
 * @param row as it stands today
 * @param later moves to be undone, in the order in which they were made
 * @param lastEventNo of the last event before them; undefined = there is none
 * @returns undefined when the code was not yet known then
 */
export function rewound(row: CodeRow, later: readonly FiledMove[], lastEventNo: number | undefined): CodeRow | undefined {
  const [first] = later;
  if (first === undefined) return row;
  if (first.from === 'unseen' || lastEventNo === undefined) return undefined;
  const past = later.reduceRight((after, move) => {
    const unitsLeft = move.from === 'in-stock' ? after.unitsTotal : move.from === 'opened' ? (after.unitsLeft ?? 0n) + move.units : 0n;
    const counted = move.kind === 'void' ? after : countMove(after, move.kind, move, -1);
    return { ...counted, state: move.from, unitsLeft, ...(move.firstOpening ? { openedAt: undefined } : {}) };
  }, row);
  return { ...past, lastEventNo };
}
