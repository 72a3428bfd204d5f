import { GROUP_SEPARATOR } from './scan-cleaning.ts';
import { gs1Date, gtin14, hasCheckDigit, identifierAt, isValueOf, parseElementString, type Gs1Element } from './gs1-elements.ts';
import type { ReadingNote, UnusableReason } from './trace-reading.ts';

/** One pack as GS1 elements tell it. */
export interface Gs1Pack {
  readonly gtin: string;
  readonly serial: string;
  readonly lot?: string;
  readonly expiresOn?: string;
  readonly producedOn?: string;
}

export type Gs1Reading =
  | { readonly packs: readonly Gs1Pack[]; readonly notes: readonly ReadingNote[] }
  | { readonly reason: UnusableReason };

/** @returns whether the text can only be meant as GS1: FNC1 in it, or a GTIN element in front of another element. */
export function looksLikeGs1(text: string): boolean {
  if (text.includes(GROUP_SEPARATOR)) return true;
  if (/^01\d{14}$/.test(text)) return hasCheckDigit(text.slice(2));
  if (/^01\d{14}/.test(text)) return hasCheckDigit(text.slice(2, 16)) || identifierAt(text.slice(16)) !== undefined;
  if (!/^(?:1[0-9]|2[0-2]|30|37|7|8|9)/.test(text) || identifierAt(text) === undefined) return false;
  const gtin = /01(\d{14})/.exec(text.slice(2))?.[1];
  return gtin !== undefined && hasCheckDigit(gtin);
}

/** Reads an element string with FNC1 (`0x1D`) or without, elements in any order. */
export function readElementString(text: string): Gs1Reading {
  const elements = parseElementString(text);
  if (elements === undefined) return { reason: 'gs1-ambiguous' };
  const hidden = text.includes(GROUP_SEPARATOR) ? false : hidesElements(elements);
  return hidden ? { reason: 'gs1-ambiguous' } : packsOf(elements);
}

/**
 * Whether the last element may have swallowed others because FNC1 was lost on the way (mah.md 10.3: reject, scan again).
 * A scanner that passed one FNC1 passes all, so this is asked only of strings without any. Not every `10` inside a serial
 * counts: packs with GTIN and serial alone exist, and their serials may hold any digits.
 */
function hidesElements(elements: readonly Gs1Element[]): boolean {
  const last = elements.at(-1);
  if (last === undefined || last.closed) return false;
  const seen = new Set(elements.map((element) => element.ai));
  if (last.ai !== '21') return !seen.has('21') && /.21./.test(last.value);
  const dated = seen.has('17') || seen.has('11');
  // an expiry is never printed without a lot, so a lot must be somewhere in here; without an expiry a lot begins with a letter to be taken for one
  if (!seen.has('10') && (dated ? /.10./ : /.10[A-Za-z]/).test(last.value)) return true;
  for (let at = 1; at < last.value.length; at += 1) {
    const tail = last.value.slice(at);
    if (startsWithNewDate(tail, seen) || startsWithGtin(tail)) return true;
  }
  return false;
}

function startsWithNewDate(tail: string, seen: ReadonlySet<string>): boolean {
  const ai = tail.slice(0, 2);
  if ((ai !== '17' && ai !== '11') || seen.has(ai) || gs1Date(tail.slice(2, 8)) === undefined) return false;
  return tail.length === 8 || identifierAt(tail.slice(8)) !== undefined;
}

function startsWithGtin(tail: string): boolean {
  return tail.startsWith('01') && tail.length >= 16 && hasCheckDigit(tail.slice(2, 16));
}

const BRACKETED = /[([](\d{2,4})[)\]]/g;

/** @returns whether the text is the printed form, `(01)…(21)…` or with square brackets. */
export function isBracketed(text: string): boolean {
  const first = /^[([](\d{2,4})[)\]]/.exec(text)?.[1];
  return first !== undefined && identifierAt(first)?.ai === first;
}

/** Reads the printed form. A bracketed number that is no identifier belongs to the value before it. */
export function readBracketed(text: string): Gs1Reading {
  const starts = [...text.matchAll(BRACKETED)].filter((match) => identifierAt(match[1] ?? '')?.ai === match[1]);
  const elements: Gs1Element[] = [];
  for (const [at, match] of starts.entries()) {
    const ai = match[1] ?? '';
    const raw = text.slice(match.index + match[0].length, starts[at + 1]?.index).replaceAll(GROUP_SEPARATOR, '');
    const value = ai === '01' || ai === '02' ? gtin14(raw) ?? raw : raw;
    if (!isValueOf(ai, value)) return { reason: 'gs1-ambiguous' };
    elements.push({ ai, value, closed: true });
  }
  return packsOf(elements);
}

const LINK_NAMES: Readonly<Record<string, string>> = { gtin: '01', lot: '10', ser: '21', sn: '21', exp: '17', batch: '10' };

/** @returns whether the text is a GS1 Digital Link: an address with `/01/` and a GTIN in its path. */
export function isDigitalLink(text: string): boolean {
  return /\/(?:01|gtin)\/\d{8,14}(?:[/?#]|$)/i.test(text);
}

/** Reads a Digital Link: `https://…/01/{gtin}/10/{lot}/21/{serial}?17=…`; elements may stand in the query as well. */
export function readDigitalLink(text: string): Gs1Reading {
  const [address = '', query = ''] = (text.split('#')[0] ?? '').split(/\?(.*)/s);
  const segments = address.slice(address.search(/\/(?:01|gtin)\/\d/i) + 1).split('/').filter((segment) => segment !== '');
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < segments.length; at += 2) pairs.push([segments[at] ?? '', segments[at + 1] ?? '']);
  for (const pair of query.split(/[&;]/)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    pairs.push([name, value]);
  }
  const elements: Gs1Element[] = [];
  for (const [name, encoded] of pairs) {
    const ai = LINK_NAMES[name.toLowerCase()] ?? name;
    if (identifierAt(ai)?.ai !== ai) continue;
    const raw = percentDecode(encoded);
    const value = ai === '01' ? gtin14(raw) ?? raw : raw;
    if (!isValueOf(ai, value)) return { reason: 'gs1-ambiguous' };
    elements.push({ ai, value, closed: true });
  }
  return packsOf(elements);
}

function percentDecode(text: string): string {
  try { return decodeURIComponent(text); } catch { return text; }
}

/** Groups elements into packs: an identifier that comes again after a complete pack begins the next one. */
function packsOf(elements: readonly Gs1Element[]): Gs1Reading {
  const grouped = groupElements(elements);
  if (grouped === undefined) return { reason: 'gs1-ambiguous' };
  const notes: ReadingNote[] = [];
  const packs: Gs1Pack[] = [];
  for (const group of grouped) {
    const result = packOf(group, notes);
    if ('reason' in result) return result;
    packs.push(result);
  }
  return { packs, notes };
}

function groupElements(elements: readonly Gs1Element[]): readonly ReadonlyMap<string, string>[] | undefined {
  const groups: Map<string, string>[] = [];
  let current = new Map<string, string>();
  for (const { ai, value } of elements) {
    const earlier = current.get(ai);
    if (earlier !== undefined && current.has('01') && current.has('21')) {
      groups.push(current);
      current = new Map();
    } else if (earlier !== undefined && earlier !== value) return undefined;
    current.set(ai, value);
  }
  const previous = groups.at(-1);
  // elements said twice (lot in the path and in the query) are no pack of their own
  const repeated = previous !== undefined && !current.has('01') && !current.has('21') && [...current].every(([ai, value]) => previous.get(ai) === value);
  return repeated ? groups : [...groups, current];
}

function packOf(elements: ReadonlyMap<string, string>, notes: ReadingNote[]): Gs1Pack | { readonly reason: UnusableReason } {
  const gtin = elements.get('01');
  const serial = elements.get('21');
  if (gtin === undefined) return { reason: elements.has('00') || elements.has('02') ? 'logistics-label' : 'gs1-ambiguous' };
  if (serial === undefined) return { reason: 'gs1-no-serial' };
  // it could not be told from a printed element or a spelled-out FNC1, and the canonical text is the printed form
  if (/[([]\d{2,4}[)\]]|<(?:GS|FNC1)>/i.test(serial)) return { reason: 'gs1-ambiguous' };
  if (!hasCheckDigit(gtin)) notes.push('gtin-check-digit');
  const folded = foldCase(serial);
  if (folded !== serial) notes.push('case-folded');
  const lot = elements.get('10');
  const expiresOn = dateOf(elements.get('17'), notes);
  const producedOn = dateOf(elements.get('11'), notes);
  return {
    gtin, serial: folded,
    ...(lot === undefined ? {} : { lot }), ...(expiresOn === undefined ? {} : { expiresOn }), ...(producedOn === undefined ? {} : { producedOn }),
  };
}

function dateOf(yymmdd: string | undefined, notes: ReadingNote[]): string | undefined {
  if (yymmdd === undefined) return undefined;
  const date = gs1Date(yymmdd);
  if (date === undefined) notes.push('date-unreadable');
  return date;
}

/**
 * Serials are case sensitive in GS1, yet Caps Lock inverts what a scanner types. A serial without any capital letter is
 * taken as inverted and folded to capitals in every form, so that the same pack has one key however it was scanned: makers
 * print capitals (GS1 healthcare guidance advises against mixing), and the few that would print small letters only still
 * get one stable key. A serial with both cases is kept as it is: folding it could report another pack's code.
 */
function foldCase(serial: string): string {
  return /[A-Z]/.test(serial) ? serial : serial.toUpperCase();
}
