import type { Hl7Delimiters } from '../../../adapter/ports/hl7-message.ts';

export const STANDARD_DELIMITERS: Hl7Delimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' };

/** MSH-2 has four characters, five since 2.7 (truncation character); older senders leave the last ones out. */
const MAX_ENCODING_CHARACTERS = 5;

/** A delimiter may be any printable character that cannot be part of plain data. */
function usable(character: string): boolean {
  return /^[\u0021-\u007e\u00a1-\uffff]$/.test(character) && !/[\p{L}\p{N}]/u.test(character);
}

/**
 * Delimiters as MSH-1 and MSH-2 declare them; what MSH-2 leaves out keeps its standard character.
 * @param header text that begins with the three letters of MSH (or FHS, BHS)
 * @returns undefined when the declaration cannot be right (letters or digits as delimiters, the same character twice)
 */
export function readDelimiters(header: string): Hl7Delimiters | undefined {
  const field = header.charAt(3);
  if (!usable(field)) return undefined;
  const end = header.indexOf(field, 4);
  const declared = header.slice(4, end < 0 ? header.length : end).trim();
  if (declared.length > MAX_ENCODING_CHARACTERS) return undefined;
  const characters = [...declared];
  if (!characters.every(usable) || new Set([field, ...characters]).size !== characters.length + 1) return undefined;
  const [component, repetition, escape, subcomponent] = characters;
  return {
    field,
    component: component ?? STANDARD_DELIMITERS.component,
    repetition: repetition ?? STANDARD_DELIMITERS.repetition,
    escape: escape ?? STANDARD_DELIMITERS.escape,
    subcomponent: subcomponent ?? STANDARD_DELIMITERS.subcomponent,
  };
}
