import { isBracketed, isDigitalLink, looksLikeGs1, readBracketed, readDigitalLink, readElementString, type Gs1Pack, type Gs1Reading } from './gs1.ts';
import { hasCheckDigit, parseElementString } from './gs1-elements.ts';
import { cleanScan, GROUP_SEPARATOR, showScan, splitAtPrefixes, takePrefix, unshiftDigits } from './scan-cleaning.ts';
import type { ReadingNote, UnusableReason } from './trace-reading.ts';

export { noteText, unusableText, READING_NOTES, UNUSABLE_REASONS, type ReadingNote, type UnusableReason } from './trace-reading.ts';

/**
 * cn20: 20 digits, 7 product resource code + 9 serial + 4 check digits (闽药监规〔2026〕5号 附件); gs1: GTIN + serial (mah.md 10.3);
 * other: a scheme of the maker's own, kept as it is.
 */
export type CodeScheme = 'cn20' | 'gs1' | 'other';

/** Drug trace code (药品追溯码): the identity of one pack. */
export interface TraceCode {
  /** key of the ledger, at most 100 characters, the same however it was scanned: the 20 digits, `(01)<GTIN-14>(21)<serial>`, or the text itself */
  readonly text: string;
  readonly scheme: CodeScheme;
  /** the first 7 digits of cn20, GTIN-14 of gs1, '' for other */
  readonly productResourceCode: string;
  /** 9 digits of cn20 (characters 8–16), AI 21 of gs1, the whole text for other */
  readonly serial: string;
  /** characters 17–20 of cn20, else ''; made by an undisclosed algorithm, so they cannot be verified here */
  readonly checkDigits: string;
  readonly lot?: string;
  readonly expiresOn?: string;
  readonly producedOn?: string;
}

export type CodeReading =
  /** one code, or several that were run together; each once, in the order scanned */
  | { readonly kind: 'codes'; readonly codes: readonly TraceCode[]; readonly notes: readonly ReadingNote[] }
  /** `shown` is the scan cut to fit into a message */
  | { readonly kind: 'unusable'; readonly reason: UnusableReason; readonly shown: string };

type Reading = { readonly codes: readonly TraceCode[]; readonly notes: readonly ReadingNote[] } | { readonly reason: UnusableReason };

/** Longest scan that is looked at: several codes, or a link. */
const MAX_SCAN = 2_000;
const MAX_CODE = 100;
const MIN_CODE = 7;
const PLACEHOLDER = /^(?:null|undefined|none|nil|nan|n\/?a|无|无码|无追溯码|无追溯|未赋码|暂无|没有|-+|\/+|0+)$/i;

/**
 * Reads what a scanner, a keyboard or a HIS field gave as a trace code. Pure; never throws, whatever the text.
 * Reading the canonical text again gives the same code. `'８９９９ 0010000000011234\r'` → one cn20 code.
 * Sources: 闽药监规〔2026〕5号 附件, mah.md 10.2, 10.3, C01; his.md (d).
 */
export function readTraceCode(scanned: string): CodeReading {
  const reading: Reading = scanned.length > MAX_SCAN ? { reason: 'too-long' } : readStable(scanned);
  if ('reason' in reading) return { kind: 'unusable', reason: reading.reason, shown: showScan(scanned) };
  const unique = new Map(reading.codes.map((code) => [code.text, code]));
  const notes = new Set(reading.notes);
  if (unique.size < reading.codes.length) notes.add('doubled');
  if (unique.size > 1) notes.add('joined');
  return { kind: 'codes', codes: [...unique.values()], notes: [...notes] };
}

/** Text kept as it is may still hold noise inside noise: it is read again until it stays the same, so the key is stable. */
function readStable(scanned: string): Reading {
  let text = scanned;
  for (let round = 0; round < 8; round += 1) {
    const reading = readLines(cleanScan(text));
    if ('reason' in reading || reading.codes.every((code) => code.scheme !== 'other')) return reading;
    const [first] = reading.codes;
    if (reading.codes.length > 1 || first === undefined) return isSettled(reading.codes) ? reading : { reason: 'several-codes' };
    if (first.text === text) return reading;
    text = first.text;
  }
  return { reason: 'unreadable' };
}

function isSettled(codes: readonly TraceCode[]): boolean {
  return codes.every((code) => {
    const again = readLines(cleanScan(code.text));
    return 'codes' in again && again.codes.length === 1 && again.codes[0]?.text === code.text;
  });
}

/** Line breaks part codes, unless they fell into the middle of one: scanners end a code with Enter. */
function readLines(text: string): Reading {
  if (text === '') return { reason: 'empty' };
  const lines = text.split('\n');
  if (lines.length === 1) return readText(text);
  const separate = readEach(lines);
  if (isKnown(separate)) return separate;
  const together = readText(lines.join(''));
  return isKnown(together) ? together : separate;
}

function readEach(parts: readonly string[]): Reading {
  const codes: TraceCode[] = [];
  const notes: ReadingNote[] = [];
  for (const part of parts) {
    const reading = readText(part);
    if ('reason' in reading) return reading;
    codes.push(...reading.codes);
    notes.push(...reading.notes);
  }
  return { codes, notes };
}

function isKnown(reading: Reading): boolean {
  return 'codes' in reading && reading.codes.every((code) => code.scheme !== 'other');
}

/** One line. Several codes in it are tried last, when it cannot be read as one. */
function readText(line: string): Reading {
  const compact = line.replaceAll(' ', '');
  const whole = readCompact(compact);
  if (isKnown(whole)) return whole;
  const cuts = [splitAtPrefixes(compact), line.split(/[ ,;|]+/).filter((part) => part !== ''), halves(compact)];
  for (const parts of cuts) {
    if (parts.length < 2) continue;
    const separate = readEach(parts.map((part) => part.replaceAll(' ', '')).filter((part) => part !== ''));
    if (isKnown(separate)) return separate;
  }
  return whole;
}

function halves(text: string): string[] {
  const half = text.slice(0, text.length / 2);
  return half !== '' && text === half + half ? [half, half] : [text];
}

function readCompact(compact: string): Reading {
  if (PLACEHOLDER.test(compact)) return { reason: 'placeholder' };
  if (/[\uFFFD\p{Cs}]/u.test(compact)) return { reason: 'unreadable' };
  const prefix = takePrefix(compact.replace(/^[A-Za-z]\d(?=\d{20}$)|^[CdDcQqeEJj][0-3](?=01\d{14})/, ''));
  const text = prefix.rest;
  const noise: ReadingNote[] = text === compact.replace(/^\][A-Za-z]\d/, '') ? [] : [prefix.capsLock ? 'caps-lock' : 'noise-removed'];
  if (text === '') return { reason: 'empty' };
  const digits = unshiftDigits(text);
  if (digits !== undefined) return { codes: [cn20(digits)], notes: [...noise, 'shift-held'] };
  if (/^\d+$/.test(text)) return withNotes(readDigits(text, prefix.gs1), noise);
  return withNotes(readGs1(text, prefix.gs1) ?? readNumber(text) ?? readNoisyDigits(text) ?? readOther(text), noise);
}

function withNotes(reading: Reading, notes: readonly ReadingNote[]): Reading {
  return 'reason' in reading ? reading : { codes: reading.codes, notes: [...notes, ...reading.notes] };
}

function readDigits(digits: string, gs1: boolean): Reading {
  if (gs1) {
    const elements = readElementString(digits);
    // some label printers put FNC1 in front of a plain 20-digit code
    if ('packs' in elements || elements.reason !== 'gs1-ambiguous' || digits.length % 20 !== 0) return fromGs1(elements);
  }
  if (digits.length === 20) return { codes: [cn20(digits)], notes: isRounded(digits) ? ['looks-rounded'] : [] };
  if (digits.length % 20 === 0) return readJoined(digits);
  if (isProductBarcode(digits)) return { reason: 'product-barcode' };
  if (looksLikeGs1(digits)) return fromGs1(readElementString(digits));
  if (digits.length < MIN_CODE) return { reason: 'too-short' };
  // 20-digit codes in use begin with 8 (mah.md C01): one of another length has lost or gained digits
  if (digits.startsWith('8') && digits.length > 14) return { reason: 'wrong-length' };
  return readOther(digits);
}

function readJoined(digits: string): Reading {
  if (digits.startsWith('01') && hasCheckDigit(digits.slice(2, 16)) && parseElementString(digits) !== undefined) return { reason: 'several-codes' };
  const codes = (digits.match(/\d{20}/g) ?? []).map(cn20);
  return codes.some((code) => /^0+$/.test(code.text)) ? { reason: 'placeholder' } : { codes, notes: [] };
}

function isProductBarcode(digits: string): boolean {
  if (digits.length === 13 && digits.startsWith('69')) return true;
  return [8, 12, 13, 14].includes(digits.length) && hasCheckDigit(digits);
}

/** Whether a 64-bit floating-point number prints exactly like this: of real codes one in 16,000 does, of mangled ones all. */
function isRounded(digits: string): boolean {
  return Number(digits).toString() === digits;
}

/** `8.1E+19`, `89990010000000012345.0`: what spreadsheets and number columns make of a code. */
function readNumber(text: string): Reading | undefined {
  if (/^\d(?:[.,]\d+)?E\+?\d{1,3}$/i.test(text)) return { reason: 'number-mangled' };
  const digits = /^(\d{15,})[.,]0+$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return digits.length === 20 && !isRounded(digits) ? { codes: [cn20(digits)], notes: ['noise-removed'] } : { reason: 'number-mangled' };
}

function readGs1(text: string, flagged: boolean): Reading | undefined {
  if (isBracketed(text)) return fromGs1(readBracketed(text));
  if (isDigitalLink(text)) return fromGs1(readDigitalLink(text));
  if (text.includes('://')) return undefined;
  // some scanners are set to type `|` for FNC1; the character occurs in no GS1 value
  const elements = text.replaceAll('|', GROUP_SEPARATOR);
  if (!flagged && !looksLikeGs1(elements)) return undefined;
  const reading = readElementString(elements);
  const plain = 'reason' in reading && elements.split(GROUP_SEPARATOR).every((part) => /^(?:\d{20})*$/.test(part));
  return plain ? undefined : fromGs1(reading);
}

function fromGs1(reading: Gs1Reading): Reading {
  return 'reason' in reading ? reading : { codes: reading.packs.map(gs1Code), notes: reading.notes };
}

/** 20 digits between other things: a link, a label (`药品追溯码：…`), groups parted by hyphens, a stray character. */
function readNoisyDigits(text: string): Reading | undefined {
  const runs = text.match(/\d+/g) ?? [];
  const link = /^(?:https?:|www\.)|:\/\/|(?:code|codg|trace|zsm)["']?[:=]/i.test(text);
  const rest = text.replace(/\d+/g, '');
  if (link || !/[A-Za-z]/.test(rest)) {
    const found = [...new Set(runs.filter((run) => run.length === 20))];
    if (found.length === 1 || (found.length > 1 && !link)) return { codes: found.map(cn20), notes: [link || /\p{Script=Han}/u.test(rest) ? 'from-link' : 'noise-removed'] };
    if (found.length > 1) return { reason: 'several-codes' };
  }
  const joined = runs.join('');
  const harmless = /^[-\s]*$/.test(rest) || (rest.length <= 4 && !/[\u0021-\u007E]/.test(rest));
  return harmless && joined.length === 20 ? { codes: [cn20(joined)], notes: ['noise-removed'] } : undefined;
}

function readOther(text: string): Reading {
  if (!/^[\u0021-\u007E]+$/.test(text)) return { reason: /[A-Za-z0-9]/.test(text) ? 'foreign-characters' : text.length < MIN_CODE ? 'too-short' : 'foreign-characters' };
  if (text.length < MIN_CODE || !/[A-Za-z0-9]/.test(text)) return { reason: 'too-short' };
  if (text.length > MAX_CODE) return { reason: 'too-long' };
  return { codes: [{ text, scheme: 'other', productResourceCode: '', serial: text, checkDigits: '' }], notes: text.includes('://') ? ['link-kept'] : [] };
}

function cn20(digits: string): TraceCode {
  return { text: digits, scheme: 'cn20', productResourceCode: digits.slice(0, 7), serial: digits.slice(7, 16), checkDigits: digits.slice(16) };
}

function gs1Code(pack: Gs1Pack): TraceCode {
  const { gtin, serial, ...production } = pack;
  return { text: `(01)${gtin}(21)${serial}`, scheme: 'gs1', productResourceCode: gtin, serial, checkDigits: '', ...production };
}

/**
 * A code as a scanner would read it off the pack, for platforms that keep what was scanned: GS1 codes as element string
 * (the serial stands last and needs no FNC1), all others unchanged. `(01)06901234567892(21)A1` → `010690123456789221A1`
 * @param text canonical text of a code
 */
export function scannedForm(text: string): string {
  const gs1 = /^\(01\)(\d{14})\(21\)(.+)$/.exec(text);
  return gs1 === null ? text : `01${gs1[1] ?? ''}21${gs1[2] ?? ''}`;
}
