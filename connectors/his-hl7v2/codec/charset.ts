import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { readHeader } from './header.ts';
import type { CharsetSetting } from '../settings.ts';

/** Charset a message was decided to be in, as it is kept with the record. `unknown` = none fits; it is decided anew on retry. */
export type DecidedCharset = 'utf-8' | 'gbk' | 'gb18030' | 'iso-8859-1' | 'unknown';

export type Decoded =
  | { readonly kind: 'text'; readonly text: string; readonly charset: DecidedCharset }
  /** `text` is good for its ASCII parts only: the header of the answer */
  | { readonly kind: 'unreadable'; readonly text: string; readonly declared: string };

type Family = 'utf-8' | 'gbk' | 'gb18030' | 'western' | 'none';

/** MSH-18 as it is really written: HL7 table 0211, vendor habits, code page names (his.md a.3). Compared without punctuation. */
const FAMILIES: Readonly<Record<string, Family>> = {
  UTF8: 'utf-8', UNICODEUTF8: 'utf-8', UNICODE: 'utf-8',
  GB18030: 'gb18030', GB180302000: 'gb18030', GB180302005: 'gb18030', GB180302022: 'gb18030',
  GBK: 'gbk', GB2312: 'gbk', GB231280: 'gbk', CP936: 'gbk', MS936: 'gbk', '936': 'gbk', WINDOWS936: 'gbk', EUCCN: 'gbk', CNGB: 'gbk', XGBK: 'gbk',
  ASCII: 'western', USASCII: 'western', ANSI: 'western', '88591': 'western', ISO88591: 'western', LATIN1: 'western', WINDOWS1252: 'western', CP1252: 'western',
};

/** Chinese text in UTF-8 of this many characters cannot be GBK by chance. */
const UNMISTAKABLE = 8;

const chinese = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

/** @returns the text of the bytes in that charset, or undefined when they do not fit it */
export function decodeAs(bytes: Uint8Array, charset: DecidedCharset): string | undefined {
  switch (charset) {
    case 'utf-8': return isUtf8(bytes) ? view(bytes).toString('utf8') : undefined;
    case 'gbk': case 'gb18030':
      try {
        return chinese.decode(bytes);
      } catch {
        return undefined;
      }
    case 'iso-8859-1': return view(bytes).toString('latin1');
    case 'unknown': return undefined;
  }
}

/**
 * Decides the charset of one message and decodes it, whole, before anything is split: GBK trail bytes collide with `| ^ ~ \ @`.
 * Order: the configured charset, else MSH-18; when that does not fit the bytes or says nothing: UTF-8 where the bytes are valid
 * UTF-8, else GB18030. Text that is UTF-8 with damaged bytes is refused rather than read as wrong characters.
 */
export function decodeMessage(bytes: Uint8Array, configured: CharsetSetting): Decoded {
  if (isAscii(bytes)) return decodeAscii(view(bytes).toString('latin1'), configured);
  const utf8 = decodeAs(bytes, 'utf-8');
  const gb = once(() => decodeAs(bytes, 'gb18030'));
  const declared = declaredCharset(utf8 ?? gb() ?? view(bytes).toString('latin1'));
  const wanted = configured === 'auto' ? familyOf(declared) : configured;
  const found = wanted === 'utf-8' ? preferUtf8(bytes, utf8, gb)
    : wanted === 'gbk' || wanted === 'gb18030' ? preferChinese(wanted, utf8, gb)
    : recognise(bytes, utf8, gb) ?? (wanted === 'western' && !damagedUtf8(bytes) ? { charset: 'iso-8859-1' as const, text: view(bytes).toString('latin1') } : undefined);
  return found === undefined ? { kind: 'unreadable', text: view(bytes).toString('latin1'), declared } : { kind: 'text', ...found };
}

/** Decodes a stored message by the charset it was decided to be in. */
export function decodeStored(bytes: Uint8Array, charset: string, configured: CharsetSetting): Decoded {
  if (isDecided(charset)) {
    const text = decodeAs(bytes, charset);
    if (text !== undefined) return { kind: 'text', text, charset };
  }
  return decodeMessage(bytes, configured);
}

/** @returns the text in that charset; characters it does not have become `?` */
export function encodeText(text: string, charset: DecidedCharset): Buffer {
  if (charset === 'utf-8' || charset === 'unknown') return Buffer.from(text, 'utf8');
  return charset === 'iso-8859-1' ? Buffer.from(text.replace(/[^\u0000-\u00ff]/g, '?'), 'latin1') : iconv.encode(text, charset);
}

/** @returns reader of bytes given in \X..\ escapes */
export function byteReader(charset: DecidedCharset): (bytes: Uint8Array) => string {
  return (bytes) => decodeAs(bytes, charset) ?? view(bytes).toString('latin1');
}

/** @returns name of MSH-18 for the answer: the sender's own word where it is true, else the name of what we write */
export function charsetName(declared: string, charset: DecidedCharset): string {
  if (declared === '') return '';
  const family = familyOf(declared);
  if (charset === 'unknown') return 'UNICODE UTF-8';
  if (family === charset || (charset === 'iso-8859-1' && family === 'western') || (family === 'gbk' && charset === 'gb18030')) return declared;
  return { 'utf-8': 'UNICODE UTF-8', gbk: 'GBK', gb18030: 'GB 18030-2000', 'iso-8859-1': '8859/1' }[charset];
}

function decodeAscii(text: string, configured: CharsetSetting): Decoded {
  const wanted = configured === 'auto' ? familyOf(declaredCharset(text)) : configured;
  const charset = wanted === 'gbk' || wanted === 'gb18030' ? wanted : 'utf-8';
  return { kind: 'text', text, charset };
}

type Found = { readonly charset: DecidedCharset; readonly text: string } | undefined;

function preferUtf8(bytes: Uint8Array, utf8: string | undefined, gb: () => string | undefined): Found {
  return utf8 === undefined ? recognise(bytes, utf8, gb) : { charset: 'utf-8', text: utf8 };
}

function preferChinese(wanted: 'gbk' | 'gb18030', utf8: string | undefined, gb: () => string | undefined): Found {
  if (utf8 !== undefined && countWide(utf8) >= UNMISTAKABLE) return { charset: 'utf-8', text: utf8 };
  const text = gb();
  if (text !== undefined) return { charset: wanted, text };
  return utf8 === undefined ? undefined : { charset: 'utf-8', text: utf8 };
}

function recognise(bytes: Uint8Array, utf8: string | undefined, gb: () => string | undefined): Found {
  if (utf8 !== undefined && !looksLikeShortChinese(utf8)) return { charset: 'utf-8', text: utf8 };
  if (utf8 === undefined && damagedUtf8(bytes)) return undefined;
  const text = gb();
  if (text !== undefined && (utf8 === undefined || !/[^\u0000-\u007f\u4e00-\u9fff]/.test(text))) return { charset: 'gb18030', text };
  return utf8 === undefined ? undefined : { charset: 'utf-8', text: utf8 };
}

/** Two-byte UTF-8 only, in alphabets no Chinese HIS writes: it is a few hanzi in GBK (小 = D0 A1 = Cyrillic С). */
function looksLikeShortChinese(text: string): boolean {
  return !/[\u0800-\uffff]/.test(text) && /[\u0100-\u0390\u03ca-\u07ff]/.test(text);
}

/** More good three-byte characters than bad bytes: UTF-8 in which something was cut, not GBK. */
function damagedUtf8(bytes: Uint8Array): boolean {
  const text = view(bytes).toString('utf8');
  return countWide(text) > (text.match(/\ufffd/g)?.length ?? 0);
}

function countWide(text: string): number {
  return text.match(/[\u2e80-\ufffc]/g)?.length ?? 0;
}

function declaredCharset(text: string): string {
  const charsets = readHeader(text)?.charsets ?? [];
  return charsets.find((name) => familyOf(name) !== 'none') ?? charsets[0] ?? '';
}

function familyOf(name: string): Family {
  return FAMILIES[name.toUpperCase().replace(/[^A-Z0-9]/g, '')] ?? 'none';
}

function isDecided(charset: string): charset is DecidedCharset {
  return charset === 'utf-8' || charset === 'gbk' || charset === 'gb18030' || charset === 'iso-8859-1';
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
