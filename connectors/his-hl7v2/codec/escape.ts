import type { Hl7Delimiters } from '../../../adapter/ports/hl7-message.ts';

/** turns the bytes of an \X..\ escape into text: the message's own charset */
export type ByteReader = (bytes: Uint8Array) => string;

const HEX = /^X(?:[0-9A-Fa-f]{2})+$/;
/** an escape is short; a lone escape character far from the next one is data (`C:\a … D:\b`) */
const LONGEST_ESCAPE = 512;

function meaning(body: string, delimiters: Hl7Delimiters, readBytes: ByteReader): string | undefined {
  switch (body) {
    case 'F': return delimiters.field;
    case 'S': return delimiters.component;
    case 'T': return delimiters.subcomponent;
    case 'R': return delimiters.repetition;
    case 'E': return delimiters.escape;
    case 'P': return '#';
    case 'H': case 'N': return '';
    case '.br': case '.BR': return '\n';
    default: return HEX.test(body) ? readBytes(Buffer.from(body.slice(1), 'hex')) : undefined;
  }
}

/**
 * Decodes `\F\ \S\ \T\ \R\ \E\ \P\ \X..\ \.br\`, drops highlighting; whatever is not known is kept as it stands, and so is a
 * lone escape character.
 */
export function decodeEscapes(text: string, delimiters: Hl7Delimiters, readBytes: ByteReader): string {
  const { escape } = delimiters;
  let at = text.indexOf(escape);
  if (at < 0) return text;
  let decoded = '';
  let from = 0;
  while (at >= 0) {
    const end = text.indexOf(escape, at + 1);
    if (end < 0) break;
    const known = end - at > LONGEST_ESCAPE ? undefined : meaning(text.slice(at + 1, end), delimiters, readBytes);
    if (known === undefined) {
      // the closing character may itself open the next escape
      at = end;
      continue;
    }
    decoded += text.slice(from, at) + known;
    from = end + 1;
    at = text.indexOf(escape, from);
  }
  return decoded + text.slice(from);
}

/** Writes text as HL7 data: delimiters escaped, line ends and control characters as \X..\ so that no segment can be smuggled in. */
export function encodeEscapes(text: string, delimiters: Hl7Delimiters): string {
  const { field, component, repetition, escape, subcomponent } = delimiters;
  const letters = new Map([[field, 'F'], [component, 'S'], [repetition, 'R'], [escape, 'E'], [subcomponent, 'T']]);
  let encoded = '';
  for (const character of text) {
    const letter = letters.get(character);
    const code = character.charCodeAt(0);
    if (letter !== undefined) encoded += `${escape}${letter}${escape}`;
    else if (code < 0x20 || code === 0x7f) encoded += `${escape}X${code.toString(16).toUpperCase().padStart(2, '0')}${escape}`;
    else encoded += character;
  }
  return encoded;
}
