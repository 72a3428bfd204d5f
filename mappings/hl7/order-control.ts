/** What the order control code of a dispensing message means for the goods (ORC-1, HL7 table 0119). */
export type Movement = 'out' | 'back' | 'none';

/**
 * Goods come back. In a message that tells of a dispensing, cancelling or discontinuing its order means that the dispensing is undone:
 * CR cancelled as requested (Neusoft family: 反向), CA cancel request, OC cancelled by the pharmacy, DC discontinue request, DR discontinued as
 * requested, OD discontinued by the pharmacy.
 */
const BACK = new Set(['CR', 'CA', 'OC', 'DC', 'DR', 'OD']);

/** No goods move: unable to …, held, denied, data errors, status questions and answers. */
const NONE = new Set(['UA', 'UC', 'UD', 'UF', 'UH', 'UM', 'UN', 'UR', 'UX', 'HD', 'HR', 'OH', 'DF', 'DE', 'SC', 'SR', 'SS']);

/** @returns `out` for every other code and for none: a dispensing message tells of a dispensing (NW, RE, OK, XO, SN, …) */
export function movementOf(orderControl: string): Movement {
  const code = orderControl.toUpperCase();
  return BACK.has(code) ? 'back' : NONE.has(code) ? 'none' : 'out';
}
