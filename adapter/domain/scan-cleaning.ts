/**
 * What a scan goes through before anybody looks at it: scanners type like keyboards, so input methods, Caps Lock, stuck
 * Shift, lost control characters and clipboards leave their marks on it (his.md d, "Scanning").
 */

/** FNC1 as scanners transmit it: ASCII 29, the group separator. */
export const GROUP_SEPARATOR = '\u001D';

/** How scanners and editors spell a group separator that cannot be shown. */
const SEPARATOR_SPELLINGS = /<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|\[FNC1\]|\\x1d|\\u001d|\\035|&#29;|&#x1d;|\u241D|\^\]/gi;

/** What a Chinese input method makes of ASCII punctuation. `、` stands for `/`: the other key it may come from, `\`, occurs in no code. */
const INPUT_METHOD_PUNCTUATION: Readonly<Record<string, string>> = {
  '【': '[', '】': ']', '〔': '(', '〕': ')', '「': '[', '」': ']', '。': '.', '、': '/', '《': '<', '》': '>',
  '“': '"', '”': '"', '‘': "'", '’': "'", '－': '-', '–': '-', '—': '-', '‐': '-', '‑': '-', '−': '-', '·': '.',
};
const PUNCTUATION = new RegExp(`[${Object.keys(INPUT_METHOD_PUNCTUATION).join('')}]`, 'g');

/** Zero-width characters, direction marks, soft hyphen, byte-order mark, variation selectors. */
const INVISIBLE = /[\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF]/g;
const LINE_BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** all but 0x1D, which is FNC1 */
const CONTROL = /[\u0000-\u001C\u001E\u001F\u007F-\u009F]/g;
const SPACE = /[\u0020\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]+/g;
/** ISO/IEC 15434 wrapping of GS1 data in two-dimensional codes: `[)>` RS 05 GS … RS EOT. */
const ISO15434 = /^\s*\[\)>\u001E05\u001D([^\u001E]*)(?:\u001E\u0004?)?\s*$/;

/**
 * @returns the scan with full-width forms and input-method punctuation back in ASCII, invisible and control characters gone,
 *   FNC1 in one spelling, line breaks as `\n`, spaces as single blanks, ends trimmed. Idempotent up to nesting.
 */
export function cleanScan(scanned: string): string {
  const unwrapped = ISO15434.exec(scanned)?.[1];
  const text = unwrapped === undefined ? scanned : GROUP_SEPARATOR + unwrapped;
  const lines = text
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xFEE0))
    .replace(PUNCTUATION, (mark) => INPUT_METHOD_PUNCTUATION[mark] ?? mark)
    .replace(INVISIBLE, '')
    .replace(SEPARATOR_SPELLINGS, GROUP_SEPARATOR)
    .replace(LINE_BREAK, '\n')
    .replace(CONTROL, (control) => (control === '\n' ? '\n' : ''))
    .replace(SPACE, ' ')
    .split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '').join('\n');
}

/** Symbology identifier (AIM) some scanners put before the data, and what it tells. */
export interface SymbologyPrefix {
  /** the scanner says the data are GS1 elements */
  readonly gs1: boolean;
  /** the letter has the wrong case: Caps Lock was on, and every letter that follows is inverted too */
  readonly capsLock: boolean;
  /** the data without the prefix */
  readonly rest: string;
}

const IDENTIFIER = /^\]([A-Za-z])(\d)/;
/** GS1 DataMatrix, GS1-128, GS1 QR, GS1 DataBar, GS1 DotCode. */
const GS1_IDENTIFIERS: ReadonlySet<string> = new Set(['d2', 'C1', 'Q3', 'e0', 'J1']);

/**
 * Takes symbology identifiers off the front: `]d2`, `]C1`, `]Q3`, `]e0` …, also with the letter inverted by Caps Lock.
 * `]E0` is both an EAN bar code and an inverted `]e0`; it is taken as neither GS1 nor Caps Lock.
 */
export function takePrefix(text: string): SymbologyPrefix {
  let gs1 = false;
  let capsLock = false;
  let rest = text;
  for (let match = IDENTIFIER.exec(rest); match !== null; match = IDENTIFIER.exec(rest)) {
    const identifier = (match[1] ?? '') + (match[2] ?? '');
    const inverted = invertCase(identifier);
    gs1 ||= GS1_IDENTIFIERS.has(identifier) || (identifier !== 'E0' && GS1_IDENTIFIERS.has(inverted));
    capsLock ||= identifier !== 'E0' && !GS1_IDENTIFIERS.has(identifier) && GS1_IDENTIFIERS.has(inverted);
    rest = rest.slice(3);
  }
  return { gs1, capsLock, rest: capsLock ? invertCase(rest) : rest };
}

/** @returns the texts between symbology identifiers, each with its own identifier: what two scans run together look like. */
export function splitAtPrefixes(text: string): string[] {
  return text.split(/(?=\][A-Za-z]\d)/).filter((part) => part !== '');
}

/** @returns letters in the other case, as Caps Lock makes them. */
function invertCase(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));
}

const SHIFTED_DIGITS = ')!@#$%^&*(';

/** @returns the digits behind a scan that was typed with Shift held down (`!@#…`), or undefined when it was not. */
export function unshiftDigits(text: string): string | undefined {
  if (text.length !== 20) return undefined;
  let digits = '';
  for (const char of text) {
    const digit = SHIFTED_DIGITS.indexOf(char);
    if (digit < 0) return undefined;
    digits += String(digit);
  }
  return digits;
}

/** @returns the scan in a form that can be put into a message: at most 60 characters, FNC1 visible, nothing invisible. */
export function showScan(scanned: string): string {
  const text = scanned.slice(0, 400).replace(/\u001D/g, '<GS>').replace(LINE_BREAK, ' ').replace(CONTROL, '').replace(INVISIBLE, '').replace(/\p{Cs}/gu, '?').trim();
  const chars = [...text];
  return chars.length > 60 ? `${chars.slice(0, 59).join('')}…` : text;
}
