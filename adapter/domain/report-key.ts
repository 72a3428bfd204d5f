import { hash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Key of a report at a platform, made before anything is sent (fixmedins_bchno ≤ 30 characters, insurance.md section 9).
 * Derived from what the report is about, so the same report gets the same key even after a restored store.
 * @param prefix two to four characters that tell a person what it is, for example `S1122`
 * @param parts institution, source, event id, line number, operation, revision: together they name exactly one report
 * @returns prefix + 22 characters (110 bits) of upper-case letters and digits
 */
export function reportKey(prefix: string, parts: readonly string[]): string {
  const digest = hash('sha256', joined(parts), 'buffer');
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of digest) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < 22) {
      text += ALPHABET.charAt((buffer >> (bits - 5)) & 31);
      bits -= 5;
    }
    buffer &= (1 << bits) - 1;
  }
  return prefix + text;
}

/** The length before each part keeps two lists of parts from meaning the same text. */
function joined(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${text === '' ? '' : '|'}${String(part.length)}:${part}`;
  return text;
}
